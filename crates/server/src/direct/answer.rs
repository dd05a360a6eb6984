//! What the one who was asked makes of a request.

use doorpost_model::{ChatId, ErrorCode, frame::Hint};
use doorpost_store as store;

use super::own;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Accepts a request, or declines it, of which whoever asked learns nothing. Doing what is done already changes nothing.
///
/// # Errors
/// `not_found` unless it is the viewer's; `conflict` for one's own request.
pub(super) async fn answer(app: &App, viewer: Viewer, chat_id: ChatId, accept: bool) -> Result<()> {
    let me = viewer.account_id;
    let told = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let row = own(tx, me, chat_id).await?;
                let other = row.other(me);
                match row.request_by {
                    None => return Ok(vec![me]),
                    Some(by) if by == me => return Err(Error::from(ErrorCode::Conflict)),
                    Some(_) => {}
                }
                if !accept {
                    store::direct::set_declined(tx, chat_id, true).await?;
                    return Ok(vec![me]);
                }
                super::accept(tx, chat_id).await?;
                Ok(vec![me, other])
            })
        })
        .await?;
    app.hub.hint_accounts(&told, Hint::ChatsChanged);
    Ok(())
}
