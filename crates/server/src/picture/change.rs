//! Setting and removing pictures. What was shown before goes from the disk.

use doorpost_model::{AccountId, MediaId};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, StoreError, Tx};

use crate::{
    app::App,
    commit::to_the_end,
    http::{Error, Result, Viewer},
    media, page,
};

/// Whose picture it is.
pub(super) enum Whose {
    Own,
    /// That of a page, by its handle.
    Page(String),
}

/// Shows a photo of the viewer's as a picture, or no picture.
///
/// # Errors
/// `not_found` for a photo that is not the viewer's, in a post, or not finished, and for a video; `not_found` and `forbidden` as for changing a page.
pub(super) async fn set(app: &App, viewer: Viewer, whose: Whose, picture: Option<MediaId>) -> Result<()> {
    let app = app.clone();
    let me = viewer.account_id;
    to_the_end(async move {
        let before = app.store.write::<_, Error, _>(move |tx| Box::pin(set_in_tx(tx, me, whose, picture))).await?;
        media::erase_all(&app, before.as_slice()).await;
        Ok(())
    })
    .await
}

async fn set_in_tx(tx: &mut Tx, me: AccountId, whose: Whose, picture: Option<MediaId>) -> Result<Option<MediaId>> {
    let account = match whose {
        Whose::Own => me,
        Whose::Page(handle) => page::lock(tx, me, &handle, Action::OwnPage).await?.page_id,
    };
    store::account::lock(tx, account).await?;
    if picture.is_some() && store::picture::get(tx, account).await? == picture {
        return Ok(None);
    }
    if let Some(media_id) = picture {
        media::finished_own_photo(tx, me, media_id).await?;
    }
    let before = take_away(tx, account).await?;
    if let Some(media_id) = picture {
        store::picture::give(tx, media_id, account).await?;
        store::picture::set(tx, account, media_id).await?;
    }
    Ok(before)
}

/// Takes an account's picture from everybody; its bytes are to be deleted by [`media::erase_all`].
///
/// # Errors
/// As every statement.
pub(crate) async fn take_away(tx: &mut Tx, account: AccountId) -> Result<Option<MediaId>, StoreError> {
    let Some(media_id) = store::picture::remove(tx, account).await? else { return Ok(None) };
    store::media::remove(tx, media_id).await?;
    Ok(Some(media_id))
}
