//! What a new policy means for the tables: who hosts, who is kept out, who may write how often.

use doorpost_model::{AccountId, ChatId, chat::Role, settings::PolicyChange};
use doorpost_policy::admission::Event;
use doorpost_store::{self as store, StoreError, Tx, request::MovedRequest};

use super::{
    CommitRecord,
    accept::{end_other_requests, not_admitted},
};
use crate::{direct, http::Result};

/// Brings the tables in line with the policy that the commit put in force; the answer are the requests it ended.
///
/// # Errors
/// `commit_refused` when somebody is made a host who has left; as [`direct::check_open`].
pub(super) async fn apply(tx: &mut Tx, record: &CommitRecord) -> Result<Vec<MovedRequest>> {
    let chat_id = record.chat_id;
    direct::check_open(tx, chat_id).await?;
    let mut ended = Vec::new();
    for change in &record.change.policy_changes {
        match *change {
            PolicyChange::HostAdded { account_id } => check_is_in(tx, chat_id, account_id).await?,
            PolicyChange::Banned { account_id } => {
                store::member::insert_removal(tx, chat_id, account_id, record.sender.account_id, record.at).await?;
                store::suspension::delete(tx, chat_id, account_id).await?;
                ended.extend(end_other_requests(tx, record, account_id, Event::Remove).await?);
            }
            PolicyChange::Unbanned { account_id } => {
                store::member::delete_removal(tx, chat_id, account_id).await?;
            }
            _ => {}
        }
    }
    set_roles(tx, record).await?;
    store::chat::set_settings(tx, chat_id, &record.policy.settings).await?;
    Ok(ended)
}

async fn check_is_in(tx: &mut Tx, chat_id: ChatId, account_id: AccountId) -> Result<()> {
    let member = store::member::get(tx, chat_id, account_id).await?;
    member.map(drop).ok_or_else(|| not_admitted("somebody it makes a host has left"))
}

async fn set_roles(tx: &mut Tx, record: &CommitRecord) -> std::result::Result<(), StoreError> {
    let hosts: Vec<AccountId> = record.policy.hosts.iter().map(|host| host.account_id).collect();
    for former in store::member::hosts(tx, record.chat_id).await? {
        if !hosts.contains(&former) {
            store::member::set_role(tx, record.chat_id, former, Role::Member).await?;
        }
    }
    for host in hosts {
        store::member::set_role(tx, record.chat_id, host, Role::Host).await?;
    }
    Ok(())
}

/// Whose part in the chat another one is now.
pub(super) fn roles_changed(record: &CommitRecord) -> impl Iterator<Item = AccountId> {
    record.change.policy_changes.iter().filter_map(|change| match change {
        PolicyChange::HostAdded { account_id } | PolicyChange::HostRemoved { account_id } => Some(*account_id),
        _ => None,
    })
}
