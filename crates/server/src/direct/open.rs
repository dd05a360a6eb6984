//! Making the chat of two accounts, once.

use doorpost_model::{
    AccountId, ChatId, ErrorCode, TimeMs,
    account::SealedSecret,
    chat::Role,
    direct::{DirectOpened, DirectView, NewDirect},
    frame::Hint,
    limits::{DIRECT_ASKING_MAX, DIRECT_REQUESTS_MAX, SEALED_SECRET_BYTES_MAX},
    people::Relation,
};
use doorpost_store::{self as store, Tx, member::MemberRow};

use super::{accept, own};
use crate::{
    app::App,
    chat::{self, NewChatRecord},
    commit::to_the_end,
    hosts_key::sealing_key,
    http::{Error, Result, Viewer, WithDevice, rate_limit::Action},
    people::{find_id_in_tx, lock_pair_id_in_tx},
};

/// What a device needs to write to somebody.
///
/// # Errors
/// `not_found`, also where one of the two blocks the other; `conflict` when the other has no keys yet.
pub(super) async fn view(app: &App, viewer: Viewer, other: AccountId) -> Result<DirectView> {
    viewer.charge(app, Action::Lookup)?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let account = find_id_in_tx(tx, viewer.account_id, other).await?;
                let keys = store::account::sealing_keys(tx, &[other]).await?.into_iter().next();
                let keys = keys.map(sealing_key).ok_or_else(no_keys)?;
                let chat = store::direct::of_pair(tx, viewer.account_id, other).await?;
                Ok(DirectView { account: account.to_ref(), keys, chat_id: chat.map(|chat| chat.chat_id) })
            })
        })
        .await
}

/// Makes the chat of the viewer and somebody. Where they have one, that is the answer; where that is the other's request,
/// it is accepted by this.
///
/// # Errors
/// As [`view`], and as [`chat::prepare`]; `commit_refused` when the policy is not that of the two; `limit_reached` when
/// the viewer has asked too many, or too many ask the other.
pub(super) async fn open(app: &App, viewer: WithDevice, other: AccountId, new: NewDirect) -> Result<DirectOpened> {
    viewer.charge(app, Action::Connect)?;
    if !(1..=SEALED_SECRET_BYTES_MAX).contains(&new.sealed_door.0.len()) {
        return Err(Error::invalid("sealed_door", "The sealed door is too long."));
    }
    let me = viewer.account_id;
    let is_stranger = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                find_id_in_tx(tx, me, other).await?;
                Ok(store::connection::relation(tx, me, other).await? != Relation::Connected)
            })
        })
        .await?;
    if is_stranger {
        viewer.charge_new(app, Action::NewStranger)?;
        app.limiter.charge_target(other, Action::ConnectTo)?;
    }
    let app = app.clone();
    to_the_end(async move {
        let now = app.clock.now();
        let prepared = chat::prepare(&app, viewer, new.chat).await?;
        let record = prepared.record();
        let chat_id = record.chat_id;
        let sealed_door = new.sealed_door.0;
        let opened = app
            .store
            .write::<_, Error, _>(move |tx| {
                Box::pin(async move { open_in_tx(tx, me, other, &record, &sealed_door, now).await })
            })
            .await?;
        if opened == chat_id {
            chat::created(&app, prepared);
        }
        app.hub.hint_accounts(&[me, other], Hint::ChatsChanged);
        Ok(DirectOpened { chat_id: opened })
    })
    .await
}

async fn open_in_tx(
    tx: &mut Tx,
    me: AccountId,
    other: AccountId,
    record: &NewChatRecord,
    sealed_door: &[u8],
    now: TimeMs,
) -> Result<ChatId> {
    let relation = lock_pair_id_in_tx(tx, me, other).await?;
    let is_connected = relation == Relation::Connected;
    if let Some(row) = store::direct::of_pair(tx, me, other).await? {
        if is_connected || row.request_by == Some(other) {
            accept(tx, row.chat_id).await?;
        }
        return Ok(row.chat_id);
    }
    check_policy(tx, me, other, record).await?;
    if !is_connected
        && (store::direct::count_requests(tx, me).await? >= DIRECT_REQUESTS_MAX as i64
            || store::direct::count_asking(tx, other).await? >= DIRECT_ASKING_MAX as i64)
    {
        return Err(ErrorCode::LimitReached.into());
    }
    let chat_id = record.chat_id;
    chat::create_in_tx(tx, record).await?;
    let member = MemberRow {
        chat_id,
        account_id: other,
        role: Role::Host,
        invite_id: None,
        joined_seq: 0,
        joined_at: now,
        read_seq: 0,
    };
    store::member::insert(tx, &member).await?;
    store::chat::count_members(tx, chat_id).await?;
    if !store::direct::insert(tx, me, other, chat_id, sealed_door, now).await? {
        return Err(ErrorCode::Conflict.into());
    }
    if !is_connected {
        store::direct::set_request(tx, chat_id, Some(me)).await?;
        let was_declined = store::direct::has_declined(tx, other, me).await?;
        store::direct::set_declined(tx, chat_id, was_declined).await?;
    }
    Ok(chat_id)
}

/// Whether the chat's policy names exactly these two, the other with the identity it has here.
async fn check_policy(tx: &mut Tx, me: AccountId, other: AccountId, record: &NewChatRecord) -> Result<()> {
    let account = store::account::find(tx, other).await?.ok_or(ErrorCode::NotFound)?;
    let identity = account.identity_key.ok_or_else(no_keys)?;
    let policy = &record.policy;
    let names = |host: &doorpost_model::admission::HostKey| {
        host.account_id == me || (host.account_id == other && host.identity_key[..] == identity[..])
    };
    if policy.direct && policy.hosts.iter().all(names) {
        Ok(())
    } else {
        Err(Error::new(ErrorCode::CommitRefused, "The chat's policy is not that of these two."))
    }
}

/// The door of the viewer's chat of two, as it was sealed to them.
///
/// # Errors
/// `not_found` unless the viewer is the one it was sealed to.
pub(super) async fn door(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<SealedSecret> {
    let me = viewer.account_id;
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, me, chat_id))).await?;
    if row.made_by == me {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(SealedSecret { sealed: row.sealed_door.into() })
}

fn no_keys() -> Error {
    Error::new(ErrorCode::Conflict, "They have not signed in with a device yet, so nobody can write to them.")
}
