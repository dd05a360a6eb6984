//! The one transaction after which an account is nobody's, for everybody.

use doorpost_model::{AccountId, ChatId, ErrorCode, GroupId, SessionId, TimeMs, frame::Hint, people::AccountKind};
use doorpost_policy::admission::Event;
use doorpost_store::{self as store, StoreError, Tx, leaving, request::MovedRequest};

use super::{hash, settle};
use crate::{
    app::App,
    direct, group,
    http::{Error, Result},
    lease,
    post::{
        self,
        sight::{Sight, SightChange},
    },
    request,
    session::end,
};

/// What is left to tell once it is written.
pub(super) struct Marked {
    sight: SightChange,
    sessions: Vec<SessionId>,
    chats: Vec<ChatId>,
    /// Whose chats or connections are others now.
    others: Vec<AccountId>,
    requests: Vec<MovedRequest>,
    groups: Vec<(GroupId, Parted)>,
}

enum Parted {
    Ended(group::Ended),
    Left(group::Gone),
}

/// What the transaction needs from outside.
pub(super) struct Moment {
    pub now: TimeMs,
    pub online: Vec<AccountId>,
    /// For the one account that is nobody's, if there is none yet.
    pub nobody: AccountId,
}

/// Makes an account nobody's: no sign-in, no name, no handle, and nothing of it for anybody else.
///
/// # Errors
/// `unsettled`; `unauthenticated` when it is gone already.
pub(super) async fn mark(app: &App, account: AccountId) -> Result<()> {
    let moment =
        Moment { now: app.clock.now(), online: app.hub.online_accounts(), nobody: AccountId(app.entropy.uuid_v4()) };
    let marked = app.store.write::<_, Error, _>(move |tx| Box::pin(mark_in_tx(tx, account, moment))).await?;
    tell(app, account, marked);
    Ok(())
}

fn tell(app: &App, account: AccountId, marked: Marked) {
    end::close_sockets(app, &marked.sessions);
    for chat_id in marked.chats {
        app.hub.drop_account(chat_id, account);
        post::live::cards_changed(app, chat_id);
        lease::kick(app, chat_id);
    }
    request::moved(app, &marked.requests);
    for (group_id, parted) in marked.groups {
        match parted {
            Parted::Ended(ended) => ended.tell(app, group_id),
            Parted::Left(gone) => gone.tell(app, group_id),
        }
    }
    post::live::sight_changed(app, &marked.sight);
    app.hub.hint_accounts(&marked.others, Hint::ConnectionsChanged);
    app.hub.hint_accounts(&marked.others, Hint::ChatsChanged);
}

pub(super) async fn mark_in_tx(tx: &mut Tx, account: AccountId, moment: Moment) -> Result<Marked> {
    let Moment { now, online, nobody } = moment;
    store::account::lock(tx, account).await?;
    let row = store::account::find(tx, account).await?.filter(|row| row.kind == AccountKind::Person);
    let handle = row.ok_or(ErrorCode::Unauthenticated)?.handle;
    // Held to the end, so that two admins do not leave a page at one time.
    for page in leaving::pages(tx, account).await? {
        store::page::lock(tx, page).await?;
    }
    settle::must_be_settled(tx, account).await?;
    leaving::put_nobody(tx, nobody, now).await?;
    leaving::begin(tx, account, now).await?;

    let sight = Sight::of_author(tx, account, online.clone(), now).await?;
    let mut others = store::connection::connected_ids(tx, account).await?;
    let groups = out_of_groups(tx, account, &online, now).await?;
    let mut requests = end_requests(tx, account, now).await?;
    requests.extend(end_invites(tx, account, now).await?);
    others.extend(direct::identity_changed(tx, account).await?);
    let chats = out_of_chats(tx, account).await?;
    leaving::hide_posts(tx, account, now).await?;
    leaving::hide(tx, account).await?;
    let sessions = store::session::delete_all(tx, account).await?;
    leaving::hold_handle(tx, &hash(&handle)).await?;
    leaving::disguise(tx, account, &format!("!{account}")).await?;
    leaving::part_from_all(tx, account).await?;
    Ok(Marked { sight: sight.compare(tx).await?, sessions, chats, others, requests, groups })
}

async fn out_of_groups(
    tx: &mut Tx,
    account: AccountId,
    online: &[AccountId],
    now: TimeMs,
) -> Result<Vec<(GroupId, Parted)>> {
    let mut parted = Vec::new();
    for group_id in leaving::groups(tx, account).await? {
        store::group::lock(tx, group_id).await?;
        let members = store::group::member::roles(tx, group_id).await?;
        parted.push((
            group_id,
            match members.iter().any(|&(member, _)| member != account) {
                true => Parted::Left(group::take_out(tx, group_id, account, now).await?),
                false => Parted::Ended(group::delete_in_tx(tx, group_id, online.to_vec(), now).await?),
            },
        ));
    }
    // Under the groups' locks, so that nobody else has left them meanwhile.
    settle::must_be_settled(tx, account).await?;
    Ok(parted)
}

async fn end_requests(tx: &mut Tx, account: AccountId, now: TimeMs) -> Result<Vec<MovedRequest>, StoreError> {
    let mut moved = Vec::new();
    for pending in leaving::requests(tx, account).await? {
        moved.extend(request::end(tx, &pending, Event::Withdraw, now).await?);
    }
    Ok(moved)
}

async fn end_invites(tx: &mut Tx, account: AccountId, now: TimeMs) -> Result<Vec<MovedRequest>, StoreError> {
    let mut voided = Vec::new();
    for invite_id in leaving::open_invites(tx, account).await? {
        store::invite::close(tx, invite_id, now).await?;
        store::invite::wipe_secrets(tx, invite_id).await?;
        store::invite::copy::delete_of_invite(tx, invite_id).await?;
        voided.extend(request::void_pending(tx, invite_id, now).await?);
    }
    Ok(voided)
}

/// Out of every chat that is left. Without a note of the account's own nobody but a host may take its leaves out, and until
/// then they keep their seat.
async fn out_of_chats(tx: &mut Tx, account: AccountId) -> Result<Vec<ChatId>> {
    let chats = leaving::chats(tx, account).await?;
    for &chat_id in &chats {
        store::chat::lock(tx, chat_id).await?;
        store::member::delete(tx, chat_id, account).await?;
        store::member::delete_devices(tx, chat_id, account).await?;
        let staying = store::chat::count_members(tx, chat_id).await?;
        if staying > 0 && store::member::hosts(tx, chat_id).await?.is_empty() {
            return Err(ErrorCode::Unsettled.into());
        }
    }
    Ok(chats)
}
