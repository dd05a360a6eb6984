//! Photos and videos of posts: taken part by part, made anew by processes of their own, and given under the gate of their
//! post.

mod begin;
mod decoder;
mod erase;
mod finish;
mod make;
mod part;
mod play;
mod read;
mod routes;
mod studio;
mod sweep;
mod view;

pub use decoder::Decoder;
pub(crate) use erase::{erase, erase_all};
pub(crate) use make::run as make_videos;
pub use routes::routes;
pub use studio::Studio;
pub(crate) use sweep::run;
pub(crate) use view::of_posts;

use doorpost_model::{
    AccountId, ErrorCode, MediaId,
    media::{MediaKind, MediaUpload},
};
use doorpost_policy::gate::{self, Action, Object};
use doorpost_store::{self as store, Tx, media::MediaRow};

use crate::{http::Result, log::unsigned};

fn upload_of(row: &MediaRow) -> MediaUpload {
    MediaUpload {
        media_id: row.media_id,
        size_bytes: unsigned(row.size_bytes),
        received_bytes: unsigned(row.received_bytes),
        finished: row.finished_at.is_some(),
        making: row.making_since.is_some(),
    }
}

/// The viewer's own photo or video that is in no post yet, and no picture.
///
/// # Errors
/// `not_found` for everything else.
async fn own(tx: &mut Tx, viewer: AccountId, media_id: MediaId) -> Result<MediaRow> {
    let row = store::media::get(tx, media_id).await?.filter(|row| row.post_id.is_none());
    let row = row.ok_or(ErrorCode::NotFound)?;
    if store::picture::owner(tx, media_id).await?.is_some() {
        return Err(ErrorCode::NotFound.into());
    }
    let object = Object::Upload { owner: row.account_id };
    if !gate::can(gate::Viewer { account_id: viewer }, Action::UseUpload, &object, &Default::default()).is_allowed() {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(row)
}

/// Checks that a photo is the viewer's, in no post and no picture yet, and can be shown.
///
/// # Errors
/// `not_found` for everything else.
pub(crate) async fn finished_own_photo(tx: &mut Tx, viewer: AccountId, media_id: MediaId) -> Result<()> {
    let row = own(tx, viewer, media_id).await?;
    if row.finished_at.is_some() && row.kind == MediaKind::Photo { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}
