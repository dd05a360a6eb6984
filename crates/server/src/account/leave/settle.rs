//! What has to be handed over first, because others would stay behind without anybody to look after it.

use doorpost_model::{AccountId, ErrorCode, account::Unsettled, limits::UNSETTLED_NAMES_MAX};
use doorpost_store::{self as store, Tx, leaving};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// What keeps the viewer's account from being deleted.
///
/// # Errors
/// `unauthenticated` when it is gone.
pub(crate) async fn unsettled(app: &App, viewer: Viewer) -> Result<Unsettled> {
    let account = viewer.account_id;
    app.store.read::<_, Error, _>(move |tx| Box::pin(find(tx, account))).await
}

/// # Errors
/// `unsettled`, with a sentence that names what.
pub(super) async fn must_be_settled(tx: &mut Tx, account: AccountId) -> Result<()> {
    match sentence(&find(tx, account).await?) {
        None => Ok(()),
        Some(sentence) => Err(Error::new(ErrorCode::Unsettled, sentence)),
    }
}

async fn find(tx: &mut Tx, account: AccountId) -> Result<Unsettled> {
    let limit = u32::try_from(UNSETTLED_NAMES_MAX).unwrap_or(u32::MAX);
    let row = store::account::find(tx, account).await?.ok_or(ErrorCode::Unauthenticated)?;
    Ok(Unsettled {
        is_operator: row.is_operator,
        chats: leaving::lone_host(tx, account, limit).await?,
        groups: leaving::lone_owner(tx, account, limit).await?,
        pages: leaving::lone_admin(tx, account, limit).await?,
    })
}

fn sentence(unsettled: &Unsettled) -> Option<String> {
    let Unsettled { is_operator, chats, groups, pages } = unsettled;
    if *is_operator {
        return Some("This account runs the server, and stays as long as the server does.".to_owned());
    }
    let mut parts = Vec::new();
    for (names, what) in [
        (chats, "Make somebody else a host of"),
        (groups, "Name another owner of, or delete,"),
        (pages, "Make somebody else an admin of, or delete,"),
    ] {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
            parts.push(format!("{what} {}.", names.join(", ")));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_what_is_left() {
        assert_eq!(sentence(&Unsettled::default()), None);
        let named = Unsettled {
            chats: vec!["Walk".into(), "Boats".into()],
            pages: vec!["Rowers".into()],
            ..Unsettled::default()
        };
        assert_eq!(
            sentence(&named).as_deref(),
            Some("Make somebody else a host of “Walk”, “Boats”. Make somebody else an admin of, or delete, “Rowers”.")
        );
    }
}
