//! What goes with a post that is deleted, whoever deletes it.

use doorpost_model::{MediaId, PostId, TimeMs};
use doorpost_store::{self as store, StoreError, Tx, request::MovedRequest};

use crate::{request, story};

/// Which of a post's invites end with it; those that live on keep its audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invites {
    All,
    /// Those whose terms say so.
    AsTheirTermsSay,
}

/// What is left to do once a deletion is written.
#[derive(Default)]
pub struct Wiped {
    /// Requests that were under way, for [`request::moved`].
    pub voided: Vec<MovedRequest>,
    /// Photos, for [`crate::media::erase_all`].
    pub media: Vec<MediaId>,
}

impl Wiped {
    pub fn add(&mut self, other: Self) {
        self.voided.extend(other.voided);
        self.media.extend(other.media);
    }
}

/// Deletes a post with what hangs on it: photos, answers, comments, a story's traces, requests under way through its invite.
///
/// # Errors
/// As every statement.
pub async fn wipe(tx: &mut Tx, post_id: PostId, invites: Invites, now: TimeMs) -> Result<Wiped, StoreError> {
    store::post::delete(tx, post_id, now).await?;
    store::post::audience::out_of_feeds(tx, post_id).await?;
    store::hanging::forget_of_post(tx, post_id).await?;
    story::forget(tx, post_id).await?;
    let media = store::media::remove_of_post(tx, post_id).await?;
    let Some(invite) = store::invite::of_post(tx, post_id).await? else {
        return Ok(Wiped { voided: Vec::new(), media });
    };
    if invite.ends_with_post || invites == Invites::All {
        store::invite::close(tx, invite.invite_id, now).await?;
        store::invite::wipe_secrets(tx, invite.invite_id).await?;
        store::invite::copy::delete_of_invite(tx, invite.invite_id).await?;
    }
    let voided = request::void_pending(tx, invite.invite_id, now).await?;
    Ok(Wiped { voided, media })
}
