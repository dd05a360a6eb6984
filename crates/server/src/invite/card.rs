//! Cards: what the audience sees of an invite, a whole page at a time.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, ChatId, PostId, TimeMs,
    invite::{InviteCard, InviteTerms, RequestState},
    limits::CARD_FACES_MAX,
    people::AccountRef,
};
use doorpost_policy::{
    gate::{self, Action, Facts, Membership, Object},
    terms::{button, seats_left},
};
use doorpost_store::{
    Tx,
    invite::card::{self as rows, CardRow, FaceRow},
};

use super::{find::FoundInvite, terms};
use crate::http::Result;

/// A card, with the terms in full for those who may see them.
pub struct Card {
    pub card: InviteCard,
    pub terms: InviteTerms,
}

/// Of the viewer's own connections, those in one chat.
#[derive(Default)]
struct Faces {
    named: Vec<AccountRef>,
    count: u32,
}

/// The cards of posts that the viewer may see, each given with its author; posts without an invite
/// are left out. Two queries for all of them.
///
/// # Errors
/// As every statement.
pub async fn of_posts(
    tx: &mut Tx,
    viewer: AccountId,
    posts: Vec<(PostId, AccountRef)>,
    now: TimeMs,
) -> Result<HashMap<PostId, Card>> {
    let post_ids: Vec<PostId> = posts.iter().map(|(post_id, _)| *post_id).collect();
    let cards = rows::of_posts(tx, viewer, &post_ids).await?;
    let mut chats: Vec<ChatId> = cards.iter().map(|row| row.chat_id).collect();
    chats.sort_unstable();
    chats.dedup();
    let faces = faces(tx, viewer, &chats).await?;
    let mut hosts: HashMap<PostId, AccountRef> = posts.into_iter().collect();
    let none = Faces::default();
    let mut of_posts = HashMap::with_capacity(cards.len());
    for row in cards {
        if let Some(host) = hosts.remove(&row.post_id) {
            let faces = faces.get(&row.chat_id).unwrap_or(&none);
            of_posts.insert(row.post_id, card(row, host, faces, now)?);
        }
    }
    Ok(of_posts)
}

/// The card of an invite that was found for the viewer.
///
/// # Errors
/// As every statement.
pub async fn of_found(tx: &mut Tx, viewer: AccountId, found: FoundInvite, now: TimeMs) -> Result<InviteCard> {
    let chat_id = found.card.chat_id;
    let faces = faces(tx, viewer, &[chat_id]).await?.remove(&chat_id).unwrap_or_default();
    Ok(card(found.card, found.host, &faces, now)?.card)
}

/// The viewer's part in the chat behind a card. A member whose devices in it are all revoked comes in like anybody else.
#[must_use]
pub fn membership(row: &CardRow) -> Membership {
    match (row.role.filter(|_| !row.stranded), row.removed, row.request_state) {
        (Some(role), _, _) => Membership::In(role),
        (None, true, _) => Membership::Removed,
        (None, false, Some(RequestState::Admitted)) => Membership::Admitted,
        (None, false, _) => Membership::None,
    }
}

fn card(row: CardRow, host: AccountRef, faces: &Faces, now: TimeMs) -> Result<Card> {
    let membership = membership(&row);
    let state = terms::state(&row);
    let terms = terms::of_card(&row)?;
    let is_in = matches!(membership, Membership::In(_));
    let card = InviteCard {
        invite_id: row.invite_id,
        post_id: row.post_id,
        host,
        admission: row.admission,
        questions: terms.questions.clone(),
        seats: row.seats,
        seats_left: seats_left(&state),
        expires_at: row.expires_at,
        member_count: row.member_count,
        connections_in: faces.named.clone(),
        connections_in_count: faces.count,
        button: button(&state, membership, row.request_state, row.has_secret, now),
        chat_id: row.role.is_some().then_some(row.chat_id),
        request_id: row.request_id.filter(|_| !is_in),
        waiting_count: row.waiting_count,
        title: row.title,
    };
    Ok(Card { card, terms })
}

async fn faces(tx: &mut Tx, viewer: AccountId, chats: &[ChatId]) -> Result<HashMap<ChatId, Faces>> {
    let limit = u32::try_from(CARD_FACES_MAX).unwrap_or(u32::MAX);
    let mut by_chat: HashMap<ChatId, Faces> = HashMap::new();
    for row in rows::faces(tx, viewer, chats, limit).await? {
        if may_see_face(viewer, &row) {
            let faces = by_chat.entry(row.chat_id).or_default();
            // Each row says how many there are of its kind, and the gate lets one kind through.
            faces.count = row.count;
            faces.named.push(AccountRef { account_id: row.account_id, handle: row.handle, name: row.name });
        }
    }
    Ok(by_chat)
}

fn may_see_face(viewer: AccountId, row: &FaceRow) -> bool {
    let facts = Facts { connected: true, blocked: row.blocked, ..Facts::default() };
    let object = Object::Account { account_id: row.account_id };
    gate::can(gate::Viewer { account_id: viewer }, Action::SeeFace, &object, &facts).is_allowed()
}
