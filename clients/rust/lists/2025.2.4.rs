//! Lists whose functions take more in newer versions, as 2025.2.4 has them.

use authentik_client::apis::core_api::*;
use authentik_client::apis::{configuration::Configuration, Error};
use authentik_client::models::{PaginatedGroupList, PaginatedUserList};

pub async fn users_by_name(api: &Configuration, name: &str) -> Result<PaginatedUserList, Error<CoreUsersListError>> {
    core_users_list(
        api, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, Some(name),
        None,
    )
    .await
}

pub async fn groups_by_name(api: &Configuration, name: &str) -> Result<PaginatedGroupList, Error<CoreGroupsListError>> {
    core_groups_list(
        api, None, None, None, None, None, Some(name), None, None, None, None,
    )
    .await
}
