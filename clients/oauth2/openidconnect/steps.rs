// Takes the steps of the task in TASK with openidconnect, and prints what came of each.
use std::error::Error;

use openidconnect::core::*;
use openidconnect::*;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

type Outcome = Result<Value, Box<dyn Error>>;

/// What the discovery document says beyond OpenID Connect Discovery.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Endpoints {
    introspection_endpoint: IntrospectionUrl,
    revocation_endpoint: String,
    device_authorization_endpoint: DeviceAuthorizationUrl,
}

impl AdditionalProviderMetadata for Endpoints {}

type Metadata = ProviderMetadata<
    Endpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointSet,
    EndpointSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

#[derive(Deserialize)]
struct Task {
    issuer: String,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    browser: String,
}

fn take(step: &str, plain: bool, action: impl FnOnce() -> Outcome) {
    let mut line = match action() {
        Ok(detail) => json!({ "step": step, "detail": detail }),
        Err(error) => json!({ "step": step, "error": format!("{error}: {error:?}") }),
    };
    if plain {
        line["plain"] = json!(true);
    }
    println!("{line}");
}

/// Sends what the library asks for, and follows no redirects.
fn send(request: HttpRequest) -> Result<HttpResponse, minreq::Error> {
    let (parts, body) = request.into_parts();
    let method = match parts.method.as_str() {
        "POST" => minreq::Method::Post,
        _ => minreq::Method::Get,
    };
    let mut sent = minreq::Request::new(method, parts.uri.to_string())
        .with_body(body)
        .with_follow_redirects(false);
    for (name, value) in &parts.headers {
        sent = sent.with_header(name.as_str(), value.to_str().unwrap_or_default());
    }
    let answer = sent.send()?;
    let mut response = HttpResponse::new(answer.as_bytes().to_vec());
    *response.status_mut() = http::StatusCode::from_u16(answer.status_code as u16).unwrap_or_default();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

struct Steps {
    task: Task,
    metadata: Option<Metadata>,
    refresh_token: Option<RefreshToken>,
    access_token: Option<AccessToken>,
}

impl Steps {
    fn metadata(&self) -> Result<&Metadata, Box<dyn Error>> {
        self.metadata.as_ref().ok_or_else(|| "there is no discovery document".into())
    }

    fn client(&self) -> Result<Client, Box<dyn Error>> {
        let metadata = self.metadata()?;
        let endpoints = metadata.additional_metadata();
        let id = ClientId::new(self.task.client_id.clone());
        let secret = ClientSecret::new(self.task.client_secret.clone());
        Ok(CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret))
            .set_redirect_uri(RedirectUrl::new(self.task.redirect_uri.clone())?)
            .set_introspection_url(endpoints.introspection_endpoint.clone())
            .set_device_authorization_url(endpoints.device_authorization_endpoint.clone()))
    }

    fn browse(&self, target: &str) -> Result<String, Box<dyn Error>> {
        let url = url::Url::parse_with_params(&self.task.browser, [("url", target)])?;
        Ok(minreq::get(url.as_str()).send()?.as_str()?.to_string())
    }

    /// That of the id_token, its signature, issuer, audience, times and nonce checked.
    fn subject(&self, granted: &CoreTokenResponse, nonce: Option<&Nonce>) -> Result<String, Box<dyn Error>> {
        let client = self.client()?;
        let verifier = client.id_token_verifier();
        let id_token = granted.id_token().ok_or("there is no id_token")?;
        let expected = |found: Option<&Nonce>| match (nonce, found) {
            (Some(nonce), Some(found)) if nonce.secret() == found.secret() => Ok(()),
            (None, None) => Ok(()),
            _ => Err("the nonce is another".to_string()),
        };
        let claims = id_token.claims(&verifier, expected)?;
        if let Some(hash) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg()?;
            let key = id_token.signing_key(&verifier)?;
            if AccessTokenHash::from_token(granted.access_token(), algorithm, key)? != *hash {
                return Err("at_hash is that of another token".into());
            }
        }
        Ok(claims.subject().to_string())
    }

    fn keep(&mut self, granted: &CoreTokenResponse) {
        self.access_token = Some(granted.access_token().clone());
        if let Some(token) = granted.refresh_token() {
            self.refresh_token = Some(token.clone());
        }
    }

    fn held(&self) -> Result<&RefreshToken, Box<dyn Error>> {
        self.refresh_token.as_ref().ok_or_else(|| "there is no refresh token".into())
    }

    fn discovery(&mut self) -> Outcome {
        let metadata = Metadata::discover(&IssuerUrl::new(self.task.issuer.clone())?, &send)?;
        let has_endpoint = metadata.token_endpoint().is_some();
        self.metadata = Some(metadata);
        Ok(json!({ "token_endpoint": has_endpoint }))
    }

    fn sign_in(&mut self) -> Outcome {
        let client = self.client()?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("offline_access".into()))
            .set_pkce_challenge(challenge)
            .url();
        let callback = url::Url::parse(&self.browse(url.as_str())?)?;
        let value = |wanted: &str| callback.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
        if value("state").as_ref() != Some(state.secret()) {
            return Err("the state is another".into());
        }
        let code = AuthorizationCode::new(value("code").ok_or("there is no code")?);
        let granted = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&send)?;
        self.keep(&granted);
        Ok(json!({ "sub": self.subject(&granted, Some(&nonce))?, "refresh_token": granted.refresh_token().is_some() }))
    }

    fn userinfo(&self) -> Outcome {
        let token = self.access_token.clone().ok_or("there is no access token")?;
        let claims: CoreUserInfoClaims = self.client()?.user_info(token, None)?.request(&send)?;
        Ok(json!({ "sub": claims.subject().as_str(), "email": claims.email().map(|email| email.as_str()) }))
    }

    fn refresh(&mut self) -> Outcome {
        let before = self.held()?.clone();
        let granted = self.client()?.exchange_refresh_token(&before)?.request(&send)?;
        let rotated = granted.refresh_token().is_some_and(|token| token.secret() != before.secret());
        self.keep(&granted);
        Ok(json!({ "sub": self.subject(&granted, None)?, "rotated": rotated }))
    }

    fn introspection(&self) -> Outcome {
        let token = AccessToken::new(self.held()?.secret().clone());
        let answer = self.client()?.introspect(&token).request(&send)?;
        Ok(match answer.sub() {
            Some(sub) => json!({ "active": answer.active(), "sub": sub }),
            None => json!({ "active": answer.active() }),
        })
    }

    /// The library revokes over https alone.
    fn revocation(&self) -> Outcome {
        let endpoint = &self.metadata()?.additional_metadata().revocation_endpoint;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.task.client_id)
            .append_pair("client_secret", &self.task.client_secret)
            .append_pair("token", self.held()?.secret())
            .finish();
        let answer = minreq::post(endpoint.as_str())
            .with_header("content-type", "application/x-www-form-urlencoded")
            .with_body(form)
            .send()?;
        if answer.status_code != 200 {
            return Err(format!("the status is {}", answer.status_code).into());
        }
        Ok(json!({}))
    }

    fn refused(&self) -> Outcome {
        match self.client()?.exchange_refresh_token(self.held()?)?.request(&send) {
            Ok(_) => Ok(json!({ "error": "none" })),
            Err(RequestTokenError::ServerResponse(answer)) => Ok(json!({ "error": answer.error().as_ref() })),
            Err(error) => Err(error.into()),
        }
    }

    /// authentik before 2026.2 reads no Basic header where a device begins.
    fn device(&self) -> Outcome {
        let client = self.client()?.set_auth_type(AuthType::RequestBody);
        let details: CoreDeviceAuthorizationResponse = client
            .exchange_device_code()
            .add_scope(Scope::new("offline_access".into()))
            .request(&send)?;
        let url = details.verification_uri_complete().ok_or("there is no verification_uri_complete")?;
        self.browse(url.secret())?;
        let granted = client.exchange_device_access_token(&details)?.request(&send, |_| {}, None)?;
        Ok(json!({ "sub": self.subject(&granted, None)? }))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let task = serde_json::from_str(&std::env::var("TASK")?)?;
    let mut steps = Steps { task, metadata: None, refresh_token: None, access_token: None };
    take("discovery", false, || steps.discovery());
    take("sign-in", false, || steps.sign_in());
    take("userinfo", false, || steps.userinfo());
    take("refresh", false, || steps.refresh());
    take("refresh again", false, || steps.refresh());
    take("introspection", false, || steps.introspection());
    take("revocation", true, || steps.revocation());
    take("refused", false, || steps.refused());
    take("introspection of the revoked", false, || steps.introspection());
    take("device", false, || steps.device());
    Ok(())
}
