//! The steps through the Rust client.

use authentik_client::apis::oauth2_api::*;
use authentik_client::apis::{configuration::Configuration, Error};
use authentik_client::models::{PaginatedTokenModelList, TokenModel};
use serde_json::{json, Value};

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
}
