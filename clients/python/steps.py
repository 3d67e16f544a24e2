"""The steps through the Python client, which is found on PYTHONPATH."""

import json
import os

from authentik_client import ApiClient, Configuration
from authentik_client.api.oauth2_api import Oauth2Api
from authentik_client.exceptions import ApiException

task = json.loads(os.environ["TASK"])


def api_as(token):
    return Oauth2Api(ApiClient(Configuration(host=task["url"] + "/api/v3", access_token=token)))


api = api_as(task["superuser"])


def row_of(row):
    return {
        "pk": row.pk,
        "provider": row.provider.name,
        "application": row.provider.assigned_application_slug or None,
        "user": row.user.username,
        "email": row.user.email,
        "scope": row.scope,
        "expires": row.expires and row.expires.isoformat(),
        "revoked": row.revoked,
        "is_expired": row.is_expired,
    }


def retrieve(pk):
    return row_of(api.oauth2_refresh_tokens_retrieve(pk))


def list_page(**query):
    page = api.oauth2_refresh_tokens_list(**query)
    return {"count": page.pagination.count, "pks": [row.pk for row in page.results]}


def every_page():
    pks, pages, number = [], 0, 1
    while number > 0:
        page = api.oauth2_refresh_tokens_list(ordering="-pk", page=number, page_size=4)
        pks += [row.pk for row in page.results]
        pages, number = pages + 1, int(page.pagination.next)
    return {"pages": pages, "pks": pks}


def used_by():
    return [use.to_dict() for use in api.oauth2_refresh_tokens_used_by_list(task["row"])]


STEPS = {
    "retrieve": lambda: retrieve(task["row"]),
    "retrieve without application": lambda: retrieve(task["rowWithoutApplication"]),
    "retrieve without expiry": lambda: retrieve(task["rowWithoutExpiry"]),
    "list": list_page,
    "filter by user": lambda: list_page(user=task["user"]),
    "filter by provider": lambda: list_page(provider=task["provider"]),
    "every page": every_page,
    "used by": used_by,
    "missing row": lambda: retrieve(task["missingRow"]),
    "bad filter": lambda: list_page(user=task["missingRow"]),
    "no permission": lambda: api_as(task["plainUser"]).oauth2_refresh_tokens_destroy(task["ownRow"]),
    "destroy": lambda: api.oauth2_refresh_tokens_destroy(task["row"]),
    "gone after destroy": lambda: retrieve(task["row"]),
}


def outcome_of(call):
    try:
        return {"ok": True, "detail": call()}
    except ApiException as error:
        return {"ok": False, "detail": {"status": error.status, "body": error.body}}
    except Exception as error:
        return {"ok": False, "detail": {"error": str(error)}}


for step, call in STEPS.items():
    print(json.dumps({"step": step, **outcome_of(call)}))
