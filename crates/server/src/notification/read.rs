//! Noting what was read.

use doorpost_model::{TimeMs, frame::Hint, notification::UnreadNotifications};
use doorpost_store::notification as rows;

use super::list;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// What happened until `up_to` is read, on all of the account's devices; gives what is still unread.
///
/// # Errors
/// As every statement.
pub(super) async fn up_to(app: &App, viewer: Viewer, up_to: TimeMs) -> Result<UnreadNotifications> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let (changed, unread) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let changed = rows::read(tx, account, up_to, now).await?;
                Ok((changed > 0, list::unread(tx, account, now).await?))
            })
        })
        .await?;
    if changed {
        // Also to the device itself, which may show them in more than one place.
        app.hub.hint(account, Hint::NotificationsChanged);
    }
    Ok(unread)
}
