import json
import os
import secrets
import urllib.parse
import urllib.request

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

TASK = json.loads(os.environ["TASK"])
SCOPE = "openid email offline_access"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def take(step, action, **more):
    try:
        print(json.dumps({"step": step, "detail": action(), **more}))
    except Exception as error:
        print(json.dumps({"step": step, "error": f"{type(error).__name__}: {error}", **more}))


def get(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def browse(url):
    return get(f"{TASK['browser']}?url={urllib.parse.quote(url, safe='')}")


class Client:
    def __init__(self):
        self.metadata = {}
        self.nonce = secrets.token_urlsafe()
        self.session = OAuth2Session(
            TASK["client_id"],
            TASK["client_secret"],
            scope=SCOPE,
            redirect_uri=TASK["redirect_uri"],
            code_challenge_method="S256",
        )

    def url(self, name):
        return self.metadata[name]

    def subject(self, token, nonce=None):
        """Of the id_token, after its signature, issuer, audience, times and nonce were checked."""
        keys = KeySet.import_key_set(json.loads(get(self.url("jwks_uri"))))
        decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"value": self.url("issuer")}, "aud": {"value": TASK["client_id"]}},
            {"nonce": nonce, "client_id": TASK["client_id"], "access_token": token["access_token"]},
        )
        claims.validate()
        return claims["sub"]

    def discovery(self):
        text = get(get_well_known_url(TASK["issuer"], external=True))
        self.metadata = OpenIDProviderMetadata(json.loads(text))
        if self.url("issuer") != TASK["issuer"]:
            raise ValueError(f"the issuer is {self.url('issuer')}")
        return {"token_endpoint": "token_endpoint" in self.metadata}

    def sign_in(self):
        verifier = secrets.token_urlsafe(48)
        url, _ = self.session.create_authorization_url(
            self.url("authorization_endpoint"), code_verifier=verifier, nonce=self.nonce
        )
        token = self.session.fetch_token(
            self.url("token_endpoint"), authorization_response=browse(url), code_verifier=verifier
        )
        return {"sub": self.subject(token, self.nonce), "refresh_token": "refresh_token" in token}

    def userinfo(self):
        claims = self.session.get(self.url("userinfo_endpoint")).json()
        return {"sub": claims["sub"], "email": claims["email"]}

    def refresh(self):
        before = self.session.token["refresh_token"]
        token = self.session.refresh_token(self.url("token_endpoint"), refresh_token=before)
        return {"sub": self.subject(token), "rotated": token["refresh_token"] != before}

    def introspection(self):
        answer = self.session.introspect_token(self.url("introspection_endpoint"), self.session.token["refresh_token"])
        answer.raise_for_status()
        return {name: value for name, value in answer.json().items() if name in ("active", "sub")}

    def revocation(self):
        answer = self.session.revoke_token(self.url("revocation_endpoint"), self.session.token["refresh_token"])
        answer.raise_for_status()
        return {}

    def refused(self):
        try:
            self.session.refresh_token(self.url("token_endpoint"), self.session.token["refresh_token"])
        except OAuthError as error:
            return {"error": error.error}
        return {"error": "none"}

    def device(self):
        form = {"client_id": TASK["client_id"], "scope": SCOPE}
        device = self.session.request(
            "POST", self.url("device_authorization_endpoint"), withhold_token=True, data=form
        ).json()
        browse(device["verification_uri_complete"])
        token = self.session.fetch_token(
            self.url("token_endpoint"), grant_type=DEVICE_GRANT, device_code=device["device_code"]
        )
        return {"sub": self.subject(token)}


client = Client()
take("discovery", client.discovery, plain=True)
take("sign-in", client.sign_in)
take("userinfo", client.userinfo)
take("refresh", client.refresh)
take("refresh again", client.refresh)
take("introspection", client.introspection)
take("revocation", client.revocation)
take("refused", client.refused)
take("introspection of the revoked", client.introspection)
take("device", client.device, plain=True)
