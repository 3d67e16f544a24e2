"""The steps through the Python client, which is found on PYTHONPATH."""

import json
import os

from authentik_client import ApiClient, Configuration, PatchedUserRequest
from authentik_client.api.admin_api import AdminApi
from authentik_client.api.core_api import CoreApi
from authentik_client.api.oauth2_api import Oauth2Api
from authentik_client.api.propertymappings_api import PropertymappingsApi
from authentik_client.api.providers_api import ProvidersApi
from authentik_client.api.root_api import RootApi
from authentik_client.exceptions import ApiException

task = json.loads(os.environ["TASK"])


def client_as(token):
    return ApiClient(Configuration(host=task["url"] + "/api/v3", access_token=token))


client = client_as(task["superuser"])
api, core = Oauth2Api(client), CoreApi(client)


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


def user_of(user):
    return {"pk": user.pk, "username": user.username, "name": user.name, "is_active": user.is_active}


def users_by_name():
    page = core.core_users_list(username=task["username"])
    return {"count": page.pagination.count, "users": [user_of(user) for user in page.results]}


def me():
    user = core.core_users_me_retrieve().user
    return {**user_of(user), "is_superuser": user.is_superuser}


def used_by_user():
    uses = core.core_users_used_by_list(task["user"])
    return {"pks": [int(use.pk) for use in uses if use.model_name == "refreshtoken"]}


def application():
    found = core.core_applications_retrieve(task["application"])
    return {"slug": found.slug, "name": found.name, "provider": found.provider}


def provider_of_application():
    found = core.core_applications_retrieve(task["application"])
    page = ProvidersApi(client).providers_oauth2_list(application=str(found.pk))
    return {"count": page.pagination.count, "pks": [provider.pk for provider in page.results]}


def api_tokens():
    page = core.core_tokens_list(user__username=task["username"])
    return {"count": page.pagination.count, "identifiers": [token.identifier for token in page.results]}


def sessions():
    page = core.core_authenticated_sessions_list(user__username=task["username"])
    return {"count": page.pagination.count, "users": [session.user for session in page.results]}


def end_session():
    [session] = core.core_authenticated_sessions_list(user__username=task["username"]).results
    core.core_authenticated_sessions_destroy(str(session.uuid))


def groups():
    page = core.core_groups_list(name=task["group"])
    return [{"name": group.name, "users": group.users} for group in page.results]


def scope_mappings():
    page = PropertymappingsApi(client).propertymappings_provider_scope_list(scope_name=task["scope"])
    return [{"name": mapping.name, "scope_name": mapping.scope_name} for mapping in page.results]


def switch_off():
    changes = PatchedUserRequest(is_active=False)
    return user_of(core.core_users_partial_update(task["user"], patched_user_request=changes))


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
    "no permission": lambda: Oauth2Api(client_as(task["plainUser"])).oauth2_refresh_tokens_destroy(task["ownRow"]),
    "destroy": lambda: api.oauth2_refresh_tokens_destroy(task["row"]),
    "gone after destroy": lambda: retrieve(task["row"]),
    "users by name": users_by_name,
    "me": me,
    "user by key": lambda: user_of(core.core_users_retrieve(task["user"])),
    "used by user": used_by_user,
    "application by slug": application,
    "provider of application": provider_of_application,
    "check access": lambda: {"passing": core.core_applications_check_access_retrieve(task["application"]).passing},
    "API tokens": api_tokens,
    "sessions": sessions,
    "end session": end_session,
    "sessions left": sessions,
    "groups": groups,
    "configuration": lambda: {"cache_timeout": RootApi(client).root_config_retrieve().cache_timeout},
    "version": lambda: {"version_current": AdminApi(client).admin_version_retrieve().version_current},
    "brand": lambda: {"matched_domain": core.core_brands_current_retrieve().matched_domain},
    "scope mappings": scope_mappings,
    "switch off": switch_off,
    "switched off": lambda: user_of(core.core_users_retrieve(task["user"])),
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
