//! Connections, blocks and lists.

use doorpost_model::{
    ApiError, ErrorCode, ListId,
    list::{ListMembersRequest, ListView},
};
use serde_json::json;

use super::{home::Home, rows};

pub async fn connect(home: &Home, handle: &str) -> Result<(), ApiError> {
    home.client.request_connection(handle).await?;
    show(home, handle).await
}

pub async fn accept(home: &Home, handle: &str) -> Result<(), ApiError> {
    home.client.accept_connection(handle).await?;
    show(home, handle).await
}

async fn show(home: &Home, handle: &str) -> Result<(), ApiError> {
    rows::print(&rows::person(&home.client.person(handle).await?));
    Ok(())
}

pub async fn connections(home: &Home) -> Result<(), ApiError> {
    for connection in home.client.connections().await? {
        rows::print(&json!(connection));
    }
    Ok(())
}

pub async fn block(home: &Home, handle: &str) -> Result<(), ApiError> {
    home.client.block(handle).await?;
    rows::print(&json!({ "handle": handle, "blocked": true }));
    Ok(())
}

pub async fn unblock(home: &Home, handle: &str) -> Result<(), ApiError> {
    home.client.unblock(handle).await?;
    rows::print(&json!({ "handle": handle, "blocked": false }));
    Ok(())
}

pub async fn lists(home: &Home) -> Result<(), ApiError> {
    for list in home.client.lists().await? {
        rows::print(&rows::list(&list));
    }
    Ok(())
}

pub async fn list_create(home: &Home, name: &str) -> Result<(), ApiError> {
    rows::print(&rows::list(&home.client.create_list(name).await?));
    Ok(())
}

pub async fn list_add(home: &Home, name: &str, handles: Vec<String>) -> Result<(), ApiError> {
    change(home, name, ListMembersRequest { add: handles, remove: Vec::new() }).await
}

pub async fn list_remove(home: &Home, name: &str, handles: Vec<String>) -> Result<(), ApiError> {
    change(home, name, ListMembersRequest { add: Vec::new(), remove: handles }).await
}

async fn change(home: &Home, name: &str, change: ListMembersRequest) -> Result<(), ApiError> {
    let list_id = find(&home.client.lists().await?, name)?;
    let detail = home.client.change_list(list_id, &change).await?;
    rows::print(&rows::list(&detail.list));
    Ok(())
}

/// The list of this name.
pub fn find(lists: &[ListView], name: &str) -> Result<ListId, ApiError> {
    lists
        .iter()
        .find(|list| list.name == name)
        .map(|list| list.list_id)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, format!("You have no list named {name}.")))
}
