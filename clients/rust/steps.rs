//! The steps through the Rust client.

use authentik_client::apis::admin_api::admin_version_retrieve;
use authentik_client::apis::core_api::*;
use authentik_client::apis::oauth2_api::*;
use authentik_client::apis::propertymappings_api::propertymappings_provider_scope_list;
use authentik_client::apis::providers_api::providers_oauth2_list;
use authentik_client::apis::root_api::root_config_retrieve;
use authentik_client::apis::{configuration::Configuration, Error};
use authentik_client::models::{PaginatedTokenModelList, PatchedUserRequest, TokenModel};
use serde::Serialize;
use serde_json::{json, Value};

mod lists;

fn configuration_as(task: &Value, token: &str) -> Configuration {
    Configuration {
        base_path: format!("{}/api/v3", task["url"].as_str().unwrap()),
        bearer_access_token: task[token].as_str().map(str::to_owned),
        ..Configuration::default()
    }
}

/// Read as JSON, because the types of the fields differ between the versions of the client.
fn row_of(row: TokenModel) -> Value {
    let row = serde_json::to_value(row).unwrap();
    let slug = &row["provider"]["assigned_application_slug"];
    json!({
        "pk": row["pk"], "provider": row["provider"]["name"], "application": slug, "user": row["user"]["username"],
        "email": row["user"]["email"], "scope": row["scope"], "expires": row["expires"], "revoked": row["revoked"],
        "is_expired": row["is_expired"],
    })
}

fn pks_of(page: &PaginatedTokenModelList) -> Vec<i32> {
    page.results.iter().map(|row| row.pk).collect()
}

fn page_of(page: PaginatedTokenModelList) -> Value {
    json!({ "count": page.pagination.count, "pks": pks_of(&page) })
}

fn print<T>(step: &str, result: Result<Value, Error<T>>) {
    let (ok, detail) = match result {
        Ok(value) => (true, value),
        Err(Error::ResponseError(answer)) => {
            (false, json!({ "status": answer.status.as_u16(), "body": answer.content }))
        }
        Err(error) => (false, json!({ "error": error.to_string() })),
    };
    println!("{}", json!({ "step": step, "ok": ok, "detail": detail }));
}

async fn every_page(api: &Configuration) -> Result<Value, Error<Oauth2RefreshTokensListError>> {
    let (mut pks, mut pages, mut number) = (vec![], 0, 1);
    while number > 0 {
        let page = oauth2_refresh_tokens_list(api, Some("-pk"), Some(number), Some(4), None, None, None).await?;
        pks.extend(pks_of(&page));
        pages += 1;
        number = page.pagination.next as i32;
    }
    Ok(json!({ "pages": pages, "pks": pks }))
}

/// Some fields of what was decoded.
fn fields_of(row: impl Serialize, names: &[&str]) -> Value {
    let row = serde_json::to_value(row).unwrap();
    names.iter().map(|&name| (name.to_owned(), row[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

fn user_of(user: impl Serialize) -> Value {
    fields_of(user, &["pk", "username", "name", "is_active"])
}

/// Of a page: how many rows there are, and one field of each.
fn field_of_each(page: impl Serialize, field: &str, name: &str) -> Value {
    let page = serde_json::to_value(page).unwrap();
    let values: Vec<&Value> = page["results"].as_array().unwrap().iter().map(|row| &row[field]).collect();
    json!({ "count": page["pagination"]["count"], name: values })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let task: Value = serde_json::from_str(&std::env::var("TASK").unwrap()).unwrap();
    let number = |name: &str| task[name].as_i64().unwrap() as i32;
    let api = configuration_as(&task, "superuser");
    let plain_user = configuration_as(&task, "plainUser");
    let retrieve = async |pk| oauth2_refresh_tokens_retrieve(&api, pk).await.map(row_of);
    let list = async |provider, user| {
        oauth2_refresh_tokens_list(&api, None, None, None, provider, None, user).await.map(page_of)
    };

    print("retrieve", retrieve(number("row")).await);
    print("retrieve without application", retrieve(number("rowWithoutApplication")).await);
    print("retrieve without expiry", retrieve(number("rowWithoutExpiry")).await);
    print("list", list(None, None).await);
    print("filter by user", list(None, Some(number("user"))).await);
    print("filter by provider", list(Some(number("provider")), None).await);
    print("every page", every_page(&api).await);
    let uses = oauth2_refresh_tokens_used_by_list(&api, number("row")).await;
    print("used by", uses.map(|uses| serde_json::to_value(uses).unwrap()));
    print("missing row", retrieve(number("missingRow")).await);
    print("bad filter", list(None, Some(number("missingRow"))).await);
    let refused = oauth2_refresh_tokens_destroy(&plain_user, number("ownRow")).await;
    print("no permission", refused.map(|()| Value::Null));
    let destroyed = oauth2_refresh_tokens_destroy(&api, number("row")).await;
    print("destroy", destroyed.map(|()| Value::Null));
    print("gone after destroy", retrieve(number("row")).await);
    neighbours(&task, &api).await;
}

/// The steps next to the refresh tokens.
async fn neighbours(task: &Value, api: &Configuration) {
    let text = |name: &str| task[name].as_str().unwrap();
    let user = task["user"].as_i64().unwrap() as i32;
    let sessions = async || {
        core_authenticated_sessions_list(api, None, None, None, None, None, None, Some(text("username"))).await
    };
    let users_of = |page| field_of_each(page, "user", "users");
    let retrieve = async || core_users_retrieve(api, user).await.map(user_of);

    let users = lists::users_by_name(api, text("username")).await;
    print("users by name", users.map(|page| {
        let users: Vec<Value> = page.results.iter().map(user_of).collect();
        json!({ "count": page.pagination.count, "users": users })
    }));
    let me = core_users_me_retrieve(api).await;
    print("me", me.map(|me| fields_of(me.user, &["pk", "username", "name", "is_active", "is_superuser"])));
    print("user by key", retrieve().await);
    let uses = core_users_used_by_list(api, user).await;
    print("used by user", uses.map(|uses| {
        let tokens = uses.iter().filter(|one| one.model_name == "refreshtoken");
        json!({ "pks": tokens.map(|one| one.pk.parse().unwrap()).collect::<Vec<i32>>() })
    }));
    let application = core_applications_retrieve(api, text("application")).await;
    let pk = application.as_ref().map(|application| application.pk.to_string()).unwrap_or_default();
    print("application by slug", application.map(|one| fields_of(one, &["slug", "name", "provider"])));
    let providers = providers_oauth2_list(
        api, None, None, Some(&pk), None, None, None, None, None, None, None, None, None, None, None, None, None, None,
    );
    print("provider of application", providers.await.map(|page| field_of_each(page, "pk", "pks")));
    let access = core_applications_check_access_retrieve(api, text("application"), None).await;
    print("check access", access.map(|result| json!({ "passing": result.passing })));
    let tokens = core_tokens_list(
        api, None, None, None, None, None, None, None, None, None, None, Some(text("username")),
    );
    print("API tokens", tokens.await.map(|page| field_of_each(page, "identifier", "identifiers")));
    print("sessions", sessions().await.map(users_of));
    match sessions().await {
        Err(error) => print("end session", Err(error)),
        Ok(page) => {
            let uuid = page.results.first().and_then(|session| session.uuid).unwrap_or_default();
            let ended = core_authenticated_sessions_destroy(api, &uuid.to_string()).await;
            print("end session", ended.map(|()| Value::Null));
        }
    }
    print("sessions left", sessions().await.map(users_of));
    let groups = lists::groups_by_name(api, text("group")).await;
    print("groups", groups.map(|page| page.results.iter().map(|one| fields_of(one, &["name", "users"])).collect()));
    let config = root_config_retrieve(api).await;
    print("configuration", config.map(|config| fields_of(config, &["cache_timeout"])));
    let version = admin_version_retrieve(api).await;
    print("version", version.map(|version| fields_of(version, &["version_current"])));
    let brand = core_brands_current_retrieve(api).await;
    print("brand", brand.map(|brand| fields_of(brand, &["matched_domain"])));
    let mappings =
        propertymappings_provider_scope_list(api, None, None, None, None, None, None, Some(text("scope")), None).await;
    print("scope mappings", mappings.map(|page| {
        page.results.iter().map(|one| fields_of(one, &["name", "scope_name"])).collect()
    }));
    let changes = PatchedUserRequest { is_active: Some(false), ..Default::default() };
    let changed = core_users_partial_update(api, user, Some(changes)).await;
    print("switch off", changed.map(user_of));
    print("switched off", retrieve().await);
}
