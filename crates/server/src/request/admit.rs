//! Admitting requests: a host's approvals, checked, with a seat for each.

use std::collections::HashMap;

use doorpost_mls::delivery::check_key_package;
use doorpost_model::{
    AccountId, ChatId, ErrorCode, InviteId, RequestId, TimeMs,
    admission::{Approval, ChatPolicy, PublicKey},
    invite::{Admit, Decided, RequestState},
    limits::{APPROVAL_TTL_MS, DECIDE_BATCH_MAX},
    notification::NotificationKind,
};
use doorpost_policy::{
    admission::{self, Event, Facts, Refusal},
    gate::Action,
    membership::verify_approval,
};
use doorpost_store::{
    self as store, Tx,
    request::{MovedRequest, RequestRow},
};

use super::{
    decline::{not_found, too_many},
    moved, news, seat,
};
use crate::{
    app::App,
    chat::access,
    commit::{blocking, to_the_end},
    http::{Error, Result, Viewer},
    invite, lease,
    notification::{self, Told},
};

/// How far a host's clock may go ahead of the server's.
const CLOCK_SLACK_MS: i64 = 5 * 60_000;

/// Admits waiting requests by the viewer's approvals. The outcome of each, in order: some may be
/// admitted and others not.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`; `invalid_field` for too many at once.
pub async fn admit(app: &App, viewer: Viewer, chat_id: ChatId, admit: Vec<Admit>) -> Result<Vec<Decided>> {
    if admit.len() > DECIDE_BATCH_MAX {
        return Err(too_many("admit"));
    }
    let host = viewer.account_id;
    let ids: Vec<RequestId> = admit.iter().map(|one| one.request_id).collect();
    let rows = app.store.read::<_, Error, _>(move |tx| Box::pin(load(tx, host, chat_id, ids))).await?;
    let policy = app.groups.policy(app, chat_id).await?;
    let now = app.clock.now();
    // Signatures take a while: they are checked before the transaction, and tied to it by the nonce.
    let candidates =
        blocking(move || admit.into_iter().map(|one| candidate(one, &rows, &policy, host, now)).collect::<Vec<_>>())
            .await?;
    let app = app.clone();
    to_the_end(async move {
        let teller = app.clone();
        let (decided, admitted, told) = app
            .store
            .write::<_, Error, _>(move |tx| Box::pin(admit_all(tx, teller, host, chat_id, candidates, now)))
            .await?;
        notification::tell(&app, told);
        moved(&app, &admitted);
        if !admitted.is_empty() {
            lease::kick(&app, chat_id);
        }
        Ok(decided)
    })
    .await
}

async fn load(
    tx: &mut Tx,
    host: AccountId,
    chat_id: ChatId,
    ids: Vec<RequestId>,
) -> Result<HashMap<RequestId, RequestRow>> {
    access::member(tx, host, chat_id, Action::HostChat).await?;
    let mut rows = HashMap::with_capacity(ids.len());
    for request_id in ids {
        let row = store::request::get(tx, request_id).await?;
        rows.extend(row.filter(|row| row.chat_id == chat_id).map(|row| (request_id, row)));
    }
    Ok(rows)
}

/// A request whose approval is good, or the outcome of one whose is not.
type Candidate = std::result::Result<Good, Decided>;

struct Good {
    row: RequestRow,
    approval: Approval,
}

fn candidate(
    admit: Admit,
    rows: &HashMap<RequestId, RequestRow>,
    policy: &ChatPolicy,
    host: AccountId,
    now: TimeMs,
) -> Candidate {
    let request_id = admit.request_id;
    let row = rows.get(&request_id).ok_or_else(|| not_found(request_id))?;
    if let Some(outcome) = decided_before(row) {
        return Err(outcome);
    }
    if is_good(&admit.approval, row, policy, host, now) {
        Ok(Good { row: row.clone(), approval: admit.approval })
    } else {
        Err(Decided { request_id, state: row.state, refused: Some(ErrorCode::TicketInvalid) })
    }
}

/// What an approval makes of a request, were everything else in order; none when that admits it.
fn decided_before(row: &RequestRow) -> Option<Decided> {
    let refused = match admission::next(Some(row.state), Event::Approve, &Facts::default()) {
        Ok(state) if state != row.state => return None,
        // Admitted twice is admitted.
        Ok(_) => None,
        Err(refusal) => Some(code(refusal)),
    };
    Some(Decided { request_id: row.request_id, state: row.state, refused })
}

/// What a host is told of a request that could not be admitted.
fn code(refusal: Refusal) -> ErrorCode {
    match refusal {
        Refusal::Full => ErrorCode::InviteFull,
        Refusal::InviteOver => ErrorCode::InviteClosed,
        _ => ErrorCode::Conflict,
    }
}

fn is_good(approval: &Approval, row: &RequestRow, policy: &ChatPolicy, host: AccountId, now: TimeMs) -> bool {
    let latest = now.plus(APPROVAL_TTL_MS + CLOCK_SLACK_MS);
    if approval.host_account_id != host || !(now..=latest).contains(&approval.expires_at) {
        return false;
    }
    let Ok(checked) = check_key_package(&row.key_package.0, policy, now) else { return false };
    let (leaf, key) = (checked.leaf, host_key(policy, host));
    let (Some(ticket), Some(key)) = (leaf.ticket.as_ref(), key) else { return false };
    ticket.invite_id == row.invite_id
        && verify_approval(approval, policy.chat_id, row.account_id, &leaf.identity_key, ticket, &key)
}

fn host_key(policy: &ChatPolicy, host: AccountId) -> Option<PublicKey> {
    policy.hosts.iter().find(|entry| entry.account_id == host).map(|entry| entry.identity_key)
}

async fn admit_all(
    tx: &mut Tx,
    app: App,
    host: AccountId,
    chat_id: ChatId,
    candidates: Vec<Candidate>,
    now: TimeMs,
) -> Result<(Vec<Decided>, Vec<MovedRequest>, Told)> {
    access::member(tx, host, chat_id, Action::HostChat).await?;
    let (mut decided, mut admitted) = (Vec::new(), Vec::new());
    let may_join = MayJoin::find(tx, &candidates, now).await?;
    for candidate in candidates {
        match candidate {
            Ok(good) => {
                let (outcome, moved) = admit_one(tx, &good, &may_join, now).await?;
                decided.push(outcome);
                admitted.extend(moved);
            }
            Err(outcome) => decided.push(outcome),
        }
    }
    let told = news::decided(tx, &app, &admitted, NotificationKind::RequestAdmitted, now).await?;
    Ok((decided, admitted, told))
}

/// Of those who asked, by invite, whom the invite's audience still has.
struct MayJoin(HashMap<InviteId, std::collections::HashSet<AccountId>>);

impl MayJoin {
    async fn find(tx: &mut Tx, candidates: &[Candidate], now: TimeMs) -> Result<Self> {
        let mut accounts: HashMap<InviteId, Vec<AccountId>> = HashMap::new();
        for good in candidates.iter().flatten() {
            accounts.entry(good.row.invite_id).or_default().push(good.row.account_id);
        }
        let mut may_join = HashMap::with_capacity(accounts.len());
        for (invite_id, accounts) in accounts {
            if let Some(invite) = store::invite::get(tx, invite_id).await? {
                may_join.insert(invite_id, invite::who_may_join(tx, &invite, &accounts, now).await?);
            }
        }
        Ok(Self(may_join))
    }

    fn contains(&self, row: &RequestRow) -> bool {
        self.0.get(&row.invite_id).is_some_and(|accounts| accounts.contains(&row.account_id))
    }
}

async fn admit_one(
    tx: &mut Tx,
    good: &Good,
    may_join: &MayJoin,
    now: TimeMs,
) -> Result<(Decided, Option<MovedRequest>)> {
    let Good { row, approval } = good;
    let refused = |code| Decided { request_id: row.request_id, state: row.state, refused: Some(code) };
    let facts = Facts { may_join: may_join.contains(row), ..Facts::default() };
    if let Err(refusal) = admission::next(Some(row.state), Event::Approve, &facts) {
        return Ok((refused(code(refusal)), None));
    }
    if !seat::reserve(tx, row.invite_id, row.chat_id, row.account_id, now).await? {
        return Ok((refused(code(Refusal::Full)), None));
    }
    let bytes = postcard::to_stdvec(approval).map_err(Error::internal)?;
    let moved = store::request::admit(tx, row.request_id, &row.nonce, &bytes, now, approval.expires_at).await?;
    if moved.is_none() {
        store::request::release_seats(tx, row.invite_id, 1).await?;
        return Ok((moved_meanwhile(tx, row.request_id).await?, None));
    }
    Ok((Decided { request_id: row.request_id, state: RequestState::Admitted, refused: None }, moved))
}

/// The outcome of a request that is not what it was when the approval was looked at.
async fn moved_meanwhile(tx: &mut Tx, request_id: RequestId) -> Result<Decided> {
    let Some(row) = store::request::get(tx, request_id).await? else { return Ok(not_found(request_id)) };
    let other_ticket = Decided { request_id, state: row.state, refused: Some(code(Refusal::OtherTicket)) };
    Ok(decided_before(&row).unwrap_or(other_ticket))
}
