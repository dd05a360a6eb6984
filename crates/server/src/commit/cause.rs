//! Why nobody could follow a commit that is taken back, and what is done against it.
//!
//! An external commit is made for the external key in the group info. Each member knows that key, the server does not: so
//! whoever reports the commit shows a group info of their own. Where its key is another one, the member who published the
//! first is the cause, not whoever trusted it.

use doorpost_mls::delivery::{ChatGroup, SignedGroupInfo};
use doorpost_model::{AccountId, ChatId, ErrorCode};
use doorpost_policy::recovery::{Culprit, culprit};
use doorpost_store::{
    self as store, Tx,
    chat_group::{GroupRow, Unconfirmed},
};

use crate::http::{Error, Result};

/// What the reports say about the group info that an external commit was made for.
struct Finding {
    culprit: Culprit,
    /// Who signed it, unless a host.
    publisher: Option<AccountId>,
    /// One with the key that those who report have.
    group_info: Option<Vec<u8>>,
}

/// Finds who is to be suspended for `commit`, once the group is back before it, and puts a true group info in the place of
/// a false one. None: it cannot be known, or it is a host.
pub(super) async fn settle(
    tx: &mut Tx,
    chat_id: ChatId,
    commit: &Unconfirmed,
    is_external: bool,
) -> Result<Option<AccountId>> {
    if !is_external {
        return Ok(Some(commit.account_id));
    }
    let row = store::chat_group::get(tx, chat_id).await?.ok_or(ErrorCode::NotFound)?;
    let epoch = row.epoch;
    let reported = store::commit_report::group_infos(tx, chat_id, commit.seq).await?;
    // Some milliseconds, and seldom: a transaction runs where nothing can be handed to other threads.
    let finding = find(&row, reported)?;
    if let Some(group_info) = &finding.group_info {
        tracing::warn!("a group info with a false external key was replaced");
        store::chat_group::set_group_info(tx, chat_id, epoch, group_info).await?;
    }
    Ok(match finding.culprit {
        Culprit::Maker => Some(commit.account_id),
        Culprit::Publisher => finding.publisher,
        Culprit::Unknown => None,
    })
}

fn find(row: &GroupRow, reported: Vec<Vec<u8>>) -> Result<Finding> {
    let group = ChatGroup::load(&row.snapshot).map_err(Error::internal)?;
    let published = group.read_group_info(&row.group_info).map_err(Error::internal)?;
    let reported: Vec<(SignedGroupInfo, Vec<u8>)> =
        reported.into_iter().filter_map(|bytes| Some((group.read_group_info(&bytes).ok()?, bytes))).collect();
    let keys: Vec<&[u8]> = reported.iter().map(|(info, _)| info.external_key.as_slice()).collect();
    let culprit = culprit(true, &published.external_key, &keys);
    let is_host = group.policy().hosts.iter().any(|host| host.account_id == published.account_id);
    // Where the reports differ, whichever is taken has its signer's name.
    let other = reported.into_iter().find(|(info, _)| info.external_key != published.external_key);
    Ok(Finding {
        culprit,
        publisher: (!is_host).then_some(published.account_id),
        group_info: other.map(|(_, bytes)| bytes),
    })
}
