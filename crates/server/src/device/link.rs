//! Linking a new device: a box for one sealed letter, which the new device alone can take.
//!
//! The server sees that a device waits and which account hands over; what is handed over is sealed to a key that
//! travels in the code, past the server.

use doorpost_model::{
    ErrorCode, LinkId,
    account::Me,
    device::{BeginLinkRequest, LinkBegun},
    limits::{DEVICE_LINK_TTL_MS, DEVICE_LINKS_MAX},
};
use doorpost_store::{self as store, device_link::LinkRow};
use sha2::{Digest, Sha256};

use crate::{
    account::me,
    app::App,
    http::{ClientAddress, Error, Result, WithDevice, rate_limit::Action},
    session::{
        begin::{self, NewSession},
        end,
        token::Token,
    },
    validate,
};

/// A device begins to wait.
///
/// # Errors
/// `invalid_field`, `conflict` when the id is taken, `limit_reached`, `rate_limited`.
pub async fn begin(app: &App, from: ClientAddress, request: BeginLinkRequest) -> Result<LinkBegun> {
    let claim_hash: [u8; 32] = validate::bytes("claim_hash", &request.claim_hash)?;
    app.limiter.charge_address(from.0, Action::SignIn)?;
    let now = app.clock.now();
    let expires_at = now.plus(DEVICE_LINK_TTL_MS);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::device_link::delete_expired(tx, now).await?;
                if store::device_link::count(tx).await? as usize >= DEVICE_LINKS_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                if !store::device_link::insert(tx, request.link_id, &claim_hash, expires_at).await? {
                    return Err(ErrorCode::Conflict.into());
                }
                Ok(LinkBegun { expires_at })
            })
        })
        .await
}

/// A device of the viewer's hands over to the one that waits. The same twice is once.
///
/// # Errors
/// `invalid_field`; `not_found` when nobody waits there, or something else was handed over.
pub async fn hand_over(app: &App, viewer: WithDevice, link_id: LinkId, sealed: Vec<u8>) -> Result<()> {
    let now = app.clock.now();
    let is_kept = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(
                async move { Ok(store::device_link::hand_over(tx, link_id, viewer.account_id, &sealed, now).await?) },
            )
        })
        .await?;
    if is_kept { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}

/// What the waiting device gets: a session, and what was sealed to it.
pub struct Linked {
    pub me: Me,
    pub token: Token,
    pub sealed: Vec<u8>,
}

/// The waiting device asks; none while nothing was handed over. What is given is forgotten here.
///
/// # Errors
/// `invalid_field`; `not_found` when it does not wait (any more), or `claim` is another's.
pub async fn claim(app: &App, link_id: LinkId, claim: [u8; 32]) -> Result<Option<Linked>> {
    let claim_hash: [u8; 32] = Sha256::digest(claim).into();
    let now = app.clock.now();
    let waiting = move |row: Option<LinkRow>| -> Result<LinkRow> {
        row.filter(|row| row.claim_hash == claim_hash && now < row.expires_at).ok_or(ErrorCode::NotFound.into())
    };
    let row = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { waiting(store::device_link::get(tx, link_id).await?) }))
        .await?;
    let (Some(account_id), Some(sealed)) = (row.account_id, row.sealed) else { return Ok(None) };
    let session = NewSession::make(app);
    let token = session.token.clone();
    let (me, ended) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                if !store::device_link::delete(tx, link_id).await? {
                    return Err(ErrorCode::NotFound.into());
                }
                let ended = begin::begin_in_tx(tx, account_id, &session).await?;
                Ok((me::view_in_tx(tx, account_id, session.session_id, None).await?, ended))
            })
        })
        .await?;
    end::close_sockets(app, &ended);
    Ok(Some(Linked { me, token, sealed }))
}
