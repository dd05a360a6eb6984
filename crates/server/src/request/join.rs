//! Asking to come in.

use doorpost_mls::{
    Refusal,
    delivery::{CheckedKeyPackage, check_key_package},
};
use doorpost_model::{
    ChatId, ErrorCode, InviteId, RequestId, TimeMs,
    admission::{ChatPolicy, PublicKey},
    chat::Ciphersuite,
    hosts_key::SealedAnswers,
    invite::{Admission, JoinRequest, JoinStatus, RequestState},
    limits::{ADMITTED_TTL_MS, CHATS_PER_ACCOUNT_MAX, KEY_PACKAGE_BYTES_MAX, SEALED_ANSWERS_BYTES_MAX},
};
use doorpost_policy::{
    admission::{self, Event, Facts},
    gate::{Action, Membership},
    terms::standing,
};
use doorpost_store::{self as store, Tx, request::RequestRow};

use super::{news, seat, status::view};
use crate::{
    app::App,
    chat::access,
    commit::{blocking, to_the_end},
    http::{Error, Result, WithDevice},
    invite::{self, FoundInvite, terms},
    lease,
    notification::{self, Told},
    post,
};

/// Asks to come in through an invite. Through an open one that is to be admitted at once, with a seat
/// kept free; through one by approval, to be queued. Asking again while that is under way brings a new
/// key package and gives its status.
///
/// # Errors
/// `not_found` for those who may not know of the invite, `removed_from_chat`, `already_member`,
/// `request_declined`, `invite_closed`, `invite_full`, `answers_required`, `invalid_field`, `ticket_invalid`,
/// `key_package_invalid`, `too_large`, `limit_reached`.
pub async fn join(app: &App, viewer: WithDevice, invite_id: InviteId, request: JoinRequest) -> Result<JoinStatus> {
    if request.key_package.0.len() > KEY_PACKAGE_BYTES_MAX {
        return Err(ErrorCode::TooLarge.into());
    }
    let now = app.clock.now();
    // Refused here already, an invite that takes nobody costs no look at the key package.
    let answers = request.answers.clone();
    let found = app.store.read::<_, Error, _>(move |tx| Box::pin(find(tx, viewer, invite_id, answers, now))).await?;
    if found.invite.admission == Admission::Approval && !found.card.request_state.is_some_and(admission::is_under_way) {
        app.asking.check_room(app, invite_id, now).await?;
    }
    let group = GroupNow::read(app, viewer, found.invite.chat_id).await?;
    let _turn = app.asking.turn().await?;
    let checked = check_ticket(viewer, &found, group, request.key_package.0.clone(), now).await?;
    let asked = Asked { viewer, invite_id, request_id: RequestId(app.entropy.uuid_v7(now)), request, checked, now };
    let app = app.clone();
    to_the_end(async move {
        let teller = app.clone();
        let (row, told) = app.store.write::<_, Error, _>(move |tx| Box::pin(ask(tx, teller, asked))).await?;
        notification::tell(&app, told);
        post::live::cards_changed(&app, row.chat_id);
        match row.state {
            RequestState::Requested => app.hub.note_queue_changed(row.chat_id),
            _ => lease::newcomer_asked(&app, row.chat_id, row.request_id).await,
        }
        Ok(view(&app, &row, Some(viewer.device_id), false))
    })
    .await
}

/// What somebody brings who asks to come in.
struct Asked {
    viewer: WithDevice,
    invite_id: InviteId,
    /// For a request that is new.
    request_id: RequestId,
    request: JoinRequest,
    checked: CheckedKeyPackage,
    now: TimeMs,
}

/// The invite with the request under way, once everything but the key package has been looked at.
async fn find(
    tx: &mut Tx,
    viewer: WithDevice,
    invite_id: InviteId,
    answers: Option<SealedAnswers>,
    now: TimeMs,
) -> Result<FoundInvite> {
    let found = invite::find(tx, viewer.account_id, invite_id, Action::Join, now).await?;
    access::not_suspended(tx, viewer.account_id, found.invite.chat_id).await?;
    admission::next(found.card.request_state, Event::Ask, &facts(&found, now)).map_err(refused)?;
    let questions = terms::questions_from_text(&found.invite.questions)?;
    if !questions.is_empty() {
        check_answers(tx, found.invite.chat_id, answers.as_ref()).await?;
    }
    Ok(found)
}

/// What asking depends on. That the gate lets the viewer join is known: the invite was found for it.
fn facts(found: &FoundInvite, now: TimeMs) -> Facts {
    Facts {
        admission: found.invite.admission,
        standing: standing(&terms::state(&found.card), now),
        is_member: matches!(found.membership, Membership::In(_)),
        ..Facts::default()
    }
}

/// What somebody is told who cannot ask now.
fn refused(refusal: admission::Refusal) -> ErrorCode {
    use admission::Refusal;
    match refusal {
        Refusal::AlreadyMember => ErrorCode::AlreadyMember,
        Refusal::Declined => ErrorCode::RequestDeclined,
        Refusal::InviteOver => ErrorCode::InviteClosed,
        Refusal::Full => ErrorCode::InviteFull,
        Refusal::MayNotJoin => ErrorCode::NotFound,
        Refusal::NoRequest | Refusal::Over | Refusal::NotAdmitted | Refusal::OtherTicket => ErrorCode::Conflict,
    }
}

/// Checks what can be seen of sealed answers from outside: that they are there, not too long, and for the key that
/// the present hosts hold.
async fn check_answers(tx: &mut Tx, chat_id: ChatId, answers: Option<&SealedAnswers>) -> Result<()> {
    let answers = answers.ok_or(ErrorCode::AnswersRequired)?;
    if answers.sealed.0.len() > SEALED_ANSWERS_BYTES_MAX {
        return Err(ErrorCode::TooLarge.into());
    }
    let present = store::hosts_key::current(tx, chat_id).await?.map(|key| key.version);
    if present != Some(answers.key_version) {
        return Err(Error::new(ErrorCode::TicketInvalid, "The hosts have another key by now. Take the door again."));
    }
    Ok(())
}

/// What a newcomer's key package has to fit.
struct GroupNow {
    policy: ChatPolicy,
    ciphersuite: Ciphersuite,
    /// Under which the viewer's account is in already.
    identities: Vec<PublicKey>,
}

impl GroupNow {
    async fn read(app: &App, viewer: WithDevice, chat_id: ChatId) -> Result<Self> {
        let (now, has_host) = app
            .groups
            .read(app, chat_id, |group| {
                let own = group.leaves().filter(|leaf| leaf.account_id == viewer.account_id);
                let identities = own.map(|leaf| leaf.identity_key).collect();
                let has_host = group.leaves().any(|leaf| leaf.is_host(group.policy()));
                (Self { policy: group.policy().clone(), ciphersuite: group.ciphersuite(), identities }, has_host)
            })
            .await?;
        if has_host {
            return Ok(now);
        }
        Err(Error::new(ErrorCode::InviteClosed, "This chat has no host any more, so nobody new comes in."))
    }
}

/// Checks the key package and its ticket against the chat's policy, as members will.
async fn check_ticket(
    viewer: WithDevice,
    found: &FoundInvite,
    group: GroupNow,
    key_package: Vec<u8>,
    now: TimeMs,
) -> Result<CheckedKeyPackage> {
    let GroupNow { policy, ciphersuite, identities } = group;
    let checked =
        blocking(move || check_key_package(&key_package, &policy, now)).await?.map_err(|refusal| unfit(&refusal))?;
    if checked.ciphersuite != ciphersuite {
        return Err(ErrorCode::KeyPackageInvalid.into());
    }
    let leaf = &checked.leaf;
    if (leaf.account_id, leaf.device_id) != (viewer.account_id, viewer.device_id) {
        return Err(ErrorCode::KeyPackageInvalid.into());
    }
    // An identity that is in comes in with the ticket it has, from the keyring: another would be refused by everybody.
    if found.card.stranded && identities.contains(&leaf.identity_key) {
        return Err(ErrorCode::AlreadyMember.into());
    }
    if leaf.ticket.as_ref().is_none_or(|ticket| ticket.invite_id != found.invite.invite_id) {
        return Err(ErrorCode::TicketInvalid.into());
    }
    Ok(checked)
}

/// What the client gets for a key package that does not fit.
pub(super) fn unfit(refusal: &Refusal) -> Error {
    let code = match refusal {
        Refusal::InviteClosed(_) | Refusal::InviteExpired(_) => ErrorCode::InviteClosed,
        Refusal::NoTicket(_)
        | Refusal::UnknownInvite(_)
        | Refusal::TicketForged(_)
        | Refusal::TicketStale(_)
        | Refusal::TicketExpired(_) => ErrorCode::TicketInvalid,
        Refusal::Banned(_) => ErrorCode::RemovedFromChat,
        _ => ErrorCode::KeyPackageInvalid,
    };
    Error::new(code, format!("The key package was refused: {refusal}."))
}

async fn ask(tx: &mut Tx, app: App, asked: Asked) -> Result<(RequestRow, Told)> {
    let Asked { viewer, invite_id, now, .. } = asked;
    let found = find(tx, viewer, invite_id, asked.request.answers.clone(), now).await?;
    check_identity(tx, &asked).await?;
    let is_under_way = found.card.request_state.is_some_and(admission::is_under_way);
    if let Some(request_id) = found.card.request_id.filter(|_| is_under_way) {
        renew(tx, request_id, &found, &asked).await?;
        let row = store::request::get(tx, request_id).await?.ok_or(ErrorCode::Conflict)?;
        return Ok((row, Told::default()));
    }
    let chats_max = i64::try_from(CHATS_PER_ACCOUNT_MAX).unwrap_or(i64::MAX);
    if !found.card.stranded && store::member::count_of_account(tx, viewer.account_id).await? >= chats_max {
        return Err(ErrorCode::LimitReached.into());
    }
    let state = admission::next(found.card.request_state, Event::Ask, &facts(&found, now)).map_err(refused)?;
    let expires_at = match state {
        RequestState::Admitted => {
            if !seat::reserve(tx, invite_id, found.invite.chat_id, viewer.account_id, now).await? {
                return Err(ErrorCode::InviteFull.into());
            }
            now.plus(ADMITTED_TTL_MS)
        }
        _ => good_until(&asked),
    };
    let answers = kept_answers(&asked)?;
    let row = RequestRow {
        request_id: asked.request_id,
        invite_id,
        chat_id: found.invite.chat_id,
        account_id: viewer.account_id,
        device_id: viewer.device_id,
        state,
        nonce: asked.checked.leaf.nonce().to_vec(),
        answers,
        key_package: asked.request.key_package,
        asked_at: now,
        state_at: now,
        expires_at: Some(expires_at),
        approval: None,
        decline_reason: None,
    };
    if !store::request::insert(tx, &row).await? {
        return Err(ErrorCode::Conflict.into());
    }
    let told = match row.state {
        RequestState::Requested => news::asked(tx, &app, &row, now).await?,
        _ => Told::default(),
    };
    Ok((row, told))
}

/// The key package must be of the account's own identity and of a device it has, and its ticket must not
/// have let it in before: a leave note for an old ticket would take it out again.
async fn check_identity(tx: &mut Tx, asked: &Asked) -> Result<()> {
    let leaf = &asked.checked.leaf;
    let account = store::account::find(tx, leaf.account_id).await?;
    let identity = account.and_then(|account| account.identity_key);
    let device = store::device::find(tx, leaf.device_id).await?;
    let is_registered =
        device.is_some_and(|device| device.account_id == leaf.account_id && device.revoked_at.is_none());
    if !is_registered || identity.is_none_or(|key| key != leaf.identity_key) {
        return Err(ErrorCode::KeyPackageInvalid.into());
    }
    if store::request::is_used(tx, leaf.account_id, &leaf.nonce()).await? {
        return Err(Error::new(ErrorCode::TicketInvalid, "This ticket was used before. Make a new one."));
    }
    Ok(())
}

/// Brings a request that is under way in line with what its applicant has now.
async fn renew(tx: &mut Tx, request_id: RequestId, found: &FoundInvite, asked: &Asked) -> Result<()> {
    let Some(row) = store::request::get(tx, request_id).await? else { return Ok(()) };
    let nonce = asked.checked.leaf.nonce();
    let facts = Facts { approved: row.approval.is_some(), same_ticket: row.nonce == nonce, ..facts(found, asked.now) };
    let expires_at = match admission::next(Some(row.state), Event::Ask, &facts).map_err(refused)? {
        RequestState::Requested if row.state == RequestState::Admitted => {
            store::request::ask_anew(tx, request_id, asked.now, good_until(asked)).await?;
            store::request::release_seats(tx, row.invite_id, 1).await?;
            None
        }
        RequestState::Admitted if facts.approved => None,
        RequestState::Admitted => Some(asked.now.plus(ADMITTED_TTL_MS)),
        _ => Some(good_until(asked)),
    };
    let answers = kept_answers(asked)?;
    let key_package = &asked.request.key_package;
    let device = asked.viewer.device_id;
    store::request::renew(tx, request_id, device, key_package, &nonce, answers.as_ref(), expires_at).await?;
    Ok(())
}

/// When both ticket and key package have run out, nobody can let the applicant in any more.
fn good_until(asked: &Asked) -> TimeMs {
    let ticket = asked.checked.leaf.ticket.as_ref().map(|ticket| ticket.expires_at);
    ticket.map_or(asked.checked.expires_at, |ticket| ticket.min(asked.checked.expires_at))
}

fn kept_answers(asked: &Asked) -> Result<Option<Vec<u8>>> {
    asked.request.answers.as_ref().map(postcard::to_stdvec).transpose().map_err(Error::internal)
}
