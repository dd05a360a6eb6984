//! Invites and what cards are made of.

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, RequestId, TimeMs,
    chat::Role,
    invite::{Admission, RequestState},
    post::AudienceKind,
};
use doorpost_store::{
    Store, account, block,
    chat::{self, ChatRow},
    device::{self, DeviceRow},
    invite::{self, InviteRow, OpenInviteRow, TermsRow, card, copy},
    member::{self, MemberDevice, MemberRow},
    post,
    request::{self, RequestRow},
};

use crate::{
    harness::{account_id, accounts, on_both, read, tx, write},
    post::{connect, new_post, post_id, posts},
};

on_both!(
    an_invite_is_kept_once_and_for_one_post,
    terms_change,
    closing_is_for_good,
    who_asked_an_author_is_found,
    posts_into_a_chat_are_found,
    an_ended_invite_forgets_its_secrets,
    doors_of_open_invites_change,
    copies_are_kept_per_account,
    who_lacks_a_copy_is_found,
    a_card_shows_the_viewers_own_part,
    a_member_without_a_present_device_is_stranded,
    faces_are_the_viewers_connections_alone,
    cards_come_for_a_whole_page,
);

fn invite_id(number: u8) -> InviteId {
    InviteId::from_bytes([number; 16])
}

fn chat_id(number: u8) -> ChatId {
    ChatId::from_bytes([number; 16])
}

/// The invite of post `number` into chat `number`.
fn new_invite(number: u8, author_id: AccountId) -> InviteRow {
    InviteRow {
        invite_id: invite_id(number),
        post_id: post_id(u32::from(number)),
        chat_id: chat_id(number),
        author_id,
        admission: Admission::Approval,
        questions: r#"["Why?"]"#.into(),
        seats: Some(5),
        seats_taken: 0,
        expires_at: Some(TimeMs(99)),
        ends_with_post: true,
        closed_at: None,
        created_at: TimeMs(1),
        join_key: vec![1; 32],
        sealed_door: vec![2; 72],
        secret: vec![3; 32],
    }
}

/// A post by `author` with an invite into a chat that the author hosts.
async fn a_chat_post(store: &Store, number: u8, author: AccountId) -> InviteRow {
    posts(store, vec![new_post(u32::from(number), author, AudienceKind::Public)]).await;
    let row = new_invite(number, author);
    let kept = row.clone();
    let chat = ChatRow {
        chat_id: chat_id(number),
        title: format!("Chat {number}"),
        created_by: author,
        created_at: TimeMs(1),
        epoch: 0,
        last_seq: 0,
        member_count: 1,
    };
    write(
        store,
        tx!(tx => {
            chat::insert(tx, &chat).await?;
            invite::insert(tx, &row).await
        }),
    )
    .await;
    join(store, number, author, Role::Host).await;
    kept
}

async fn join(store: &Store, chat: u8, account_id: AccountId, role: Role) {
    let row = MemberRow {
        chat_id: chat_id(chat),
        account_id,
        role,
        invite_id: None,
        joined_seq: i64::from(account_id.as_bytes()[0]),
        joined_at: TimeMs(1),
        read_seq: 0,
    };
    assert!(write(store, tx!(tx => member::insert(tx, &row).await)).await);
}

async fn ask(store: &Store, number: u8, invite: u8, account_id: AccountId, state: RequestState) -> RequestId {
    let row = RequestRow {
        request_id: RequestId::from_bytes([number; 16]),
        invite_id: invite_id(invite),
        chat_id: chat_id(invite),
        account_id,
        device_id: DeviceId::from_bytes([number; 16]),
        state,
        key_package: Binary(vec![1]),
        nonce: vec![number; 16],
        answers: None,
        asked_at: TimeMs(i64::from(number)),
        state_at: TimeMs(1),
        expires_at: None,
        approval: None,
        decline_reason: None,
    };
    let request_id = row.request_id;
    assert!(write(store, tx!(tx => request::insert(tx, &row).await)).await);
    request_id
}

async fn an_invite_is_kept_once_and_for_one_post(store: Store) {
    let [author] = accounts(&store, [1]).await;
    let row = a_chat_post(&store, 1, author).await;
    let found = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await;
    assert_eq!(found.as_ref(), Some(&row));
    assert_eq!(read(&store, tx!(tx => invite::of_post(tx, post_id(1)).await)).await, found);
    let same_id = InviteRow { post_id: post_id(2), ..row.clone() };
    let same_post = InviteRow { invite_id: invite_id(2), ..row };
    posts(&store, vec![new_post(2, author, AudienceKind::Public)]).await;
    assert!(!write(&store, tx!(tx => invite::insert(tx, &same_id).await)).await);
    assert!(!write(&store, tx!(tx => invite::insert(tx, &same_post).await)).await);
    assert_eq!(read(&store, tx!(tx => invite::get(tx, invite_id(2)).await)).await, None);
    assert_eq!(read(&store, tx!(tx => invite::of_post(tx, post_id(2)).await)).await, None);
}

async fn terms_change(store: Store) {
    let [author] = accounts(&store, [1]).await;
    let row = a_chat_post(&store, 1, author).await;
    let terms = TermsRow {
        admission: Admission::Open,
        questions: "[]".into(),
        seats: None,
        expires_at: None,
        ends_with_post: false,
    };
    let kept = terms.clone();
    assert!(write(&store, tx!(tx => invite::set_terms(tx, invite_id(1), &kept).await)).await);
    let kept = terms.clone();
    assert!(!write(&store, tx!(tx => invite::set_terms(tx, invite_id(2), &kept).await)).await);
    let found = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await;
    let TermsRow { admission, questions, seats, expires_at, ends_with_post } = terms;
    assert_eq!(found, Some(InviteRow { admission, questions, seats, expires_at, ends_with_post, ..row }));
}

async fn closing_is_for_good(store: Store) {
    let [author] = accounts(&store, [1]).await;
    a_chat_post(&store, 1, author).await;
    assert!(write(&store, tx!(tx => invite::close(tx, invite_id(1), TimeMs(7)).await)).await);
    assert!(!write(&store, tx!(tx => invite::close(tx, invite_id(1), TimeMs(8)).await)).await);
    let found = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await.expect("found");
    assert_eq!(found.closed_at, Some(TimeMs(7)));
}

async fn who_asked_an_author_is_found(store: Store) {
    let [author, other, ann, bob, eve] = accounts(&store, [1, 2, 3, 4, 5]).await;
    a_chat_post(&store, 1, author).await;
    a_chat_post(&store, 2, author).await;
    a_chat_post(&store, 3, other).await;
    ask(&store, 11, 1, ann, RequestState::Requested).await;
    ask(&store, 12, 2, ann, RequestState::Admitted).await;
    ask(&store, 13, 3, ann, RequestState::Requested).await;
    ask(&store, 14, 1, bob, RequestState::Withdrawn).await;
    ask(&store, 15, 1, eve, RequestState::Requested).await;
    let mut found = read(&store, tx!(tx => invite::asked_of_author(tx, author, &[ann, bob]).await)).await;
    found.sort_unstable();
    assert_eq!(found, [(invite_id(1), ann), (invite_id(2), ann)]);
}

async fn posts_into_a_chat_are_found(store: Store) {
    let [author] = accounts(&store, [1]).await;
    a_chat_post(&store, 1, author).await;
    a_chat_post(&store, 9, author).await;
    let rows = (2..=3).map(|number| new_post(number, author, AudienceKind::Public)).collect();
    posts(&store, rows).await;
    let again = [2, 3].map(|number| InviteRow { chat_id: chat_id(1), ..new_invite(number, author) });
    write(
        &store,
        tx!(tx => {
            for row in &again {
                invite::insert(tx, row).await?;
            }
            post::delete(tx, post_id(2), TimeMs(5)).await
        }),
    )
    .await;
    let found = read(&store, tx!(tx => invite::posts_into(tx, chat_id(1)).await)).await;
    assert_eq!(found, [post_id(1), post_id(3)]);
}

async fn doors_of_open_invites_change(store: Store) {
    let [author] = accounts(&store, [1]).await;
    let row = a_chat_post(&store, 1, author).await;
    posts(&store, (2..=3).map(|number| new_post(number, author, AudienceKind::Public)).collect()).await;
    let [closed, deleted] = [2, 3].map(|number| InviteRow { chat_id: chat_id(1), ..new_invite(number, author) });
    write(
        &store,
        tx!(tx => {
            invite::insert(tx, &closed).await?;
            invite::insert(tx, &deleted).await?;
            invite::close(tx, closed.invite_id, TimeMs(5)).await?;
            post::delete(tx, deleted.post_id, TimeMs(5)).await
        }),
    )
    .await;
    let open = read(&store, tx!(tx => invite::open_of_chat(tx, chat_id(1)).await)).await;
    let expected = [(row, false), (new_invite(3, author), true)].map(|(row, is_post_gone)| OpenInviteRow {
        invite_id: row.invite_id,
        author_id: author,
        is_post_gone,
        join_key: row.join_key,
        secret: row.secret,
    });
    assert_eq!(open, expected);
    write(&store, tx!(tx => invite::set_door(tx, invite_id(1), &[7; 32], &[8; 50]).await)).await;
    let found = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await.expect("the invite");
    assert_eq!((found.join_key, found.sealed_door), (vec![7; 32], vec![8; 50]));
}

async fn an_ended_invite_forgets_its_secrets(store: Store) {
    let [author] = accounts(&store, [1]).await;
    let row = a_chat_post(&store, 1, author).await;
    write(&store, tx!(tx => invite::wipe_secrets(tx, invite_id(1)).await)).await;
    let found = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await;
    assert_eq!(found, Some(InviteRow { sealed_door: vec![], secret: vec![], ..row }));
}

async fn a_card_shows_the_viewers_own_part(store: Store) {
    let [author, member, asker, removed] = accounts(&store, [1, 2, 3, 4]).await;
    a_chat_post(&store, 1, author).await;
    join(&store, 1, member, Role::Member).await;
    write(&store, tx!(tx => member::insert_removal(tx, chat_id(1), removed, author, TimeMs(1)).await)).await;
    ask(&store, 5, 1, asker, RequestState::Withdrawn).await;
    let newest = ask(&store, 6, 1, asker, RequestState::Requested).await;
    let expected = [
        (author, Some(Role::Host), false, None, Some(1)),
        (member, Some(Role::Member), false, None, None),
        (asker, None, false, Some((newest, RequestState::Requested)), None),
        (removed, None, true, None, None),
    ];
    for (viewer, role, was_removed, own_request, waiting_count) in expected {
        let cards = read(&store, tx!(tx => card::of_posts(tx, viewer, &[post_id(1), post_id(2)]).await)).await;
        let [card] = cards.try_into().expect("one card");
        assert_eq!((card.invite_id, card.chat_id, card.title.as_str()), (invite_id(1), chat_id(1), "Chat 1"));
        assert_eq!((card.seats, card.seats_taken, card.member_count), (Some(5), 0, 1));
        assert_eq!((card.role, card.removed, card.waiting_count), (role, was_removed, waiting_count));
        assert_eq!(card.request_id.zip(card.request_state), own_request);
    }
}

async fn a_member_without_a_present_device_is_stranded(store: Store) {
    let [author, member] = accounts(&store, [1, 2]).await;
    a_chat_post(&store, 1, author).await;
    let stranded = async || {
        let cards = read(&store, tx!(tx => card::of_posts(tx, member, &[post_id(1)]).await)).await;
        cards[0].stranded
    };
    assert!(!stranded().await, "who is not in has nothing to come back to");
    join(&store, 1, member, Role::Member).await;
    assert!(stranded().await);
    for number in [8, 9] {
        let device_id = DeviceId::from_bytes([number; 16]);
        let device = DeviceRow {
            device_id,
            account_id: member,
            name: "Phone".to_owned(),
            credential: vec![1; 10],
            signature_key: vec![number; 32],
            created_at: TimeMs(1),
            revoked_at: None,
        };
        let in_chat = MemberDevice { device_id, account_id: member };
        write(
            &store,
            tx!(tx => {
                device::insert(tx, &device).await?;
                member::insert_device(tx, chat_id(1), in_chat, 1).await
            }),
        )
        .await;
    }
    for (number, expected) in [(8, false), (9, true)] {
        assert!(!stranded().await);
        let device_id = DeviceId::from_bytes([number; 16]);
        write(&store, tx!(tx => device::revoke(tx, member, device_id, TimeMs(2)).await)).await;
        assert_eq!(stranded().await, expected);
    }
}

async fn faces_are_the_viewers_connections_alone(store: Store) {
    let [viewer, author, ann, bob, eve, stranger] = accounts(&store, [1, 2, 3, 4, 5, 6]).await;
    a_chat_post(&store, 1, author).await;
    a_chat_post(&store, 2, author).await;
    for friend in [ann, bob, eve] {
        connect(&store, viewer, friend).await;
        join(&store, 1, friend, Role::Member).await;
    }
    join(&store, 1, stranger, Role::Member).await;
    join(&store, 1, viewer, Role::Member).await;
    join(&store, 2, eve, Role::Host).await;
    write(&store, tx!(tx => block::insert(tx, account_id(5), viewer, TimeMs(1)).await)).await;
    let both = [chat_id(1), chat_id(2)];
    let faces = read(&store, tx!(tx => card::faces(tx, viewer, &both, 1).await)).await;
    let mut found: Vec<_> =
        faces.iter().map(|face| (face.chat_id, face.handle.as_str(), face.blocked, face.count)).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [(chat_id(1), "person_3", false, 2), (chat_id(1), "person_5", true, 1), (chat_id(2), "person_5", true, 1),]
    );
}

async fn cards_come_for_a_whole_page(store: Store) {
    let [author] = accounts(&store, [1]).await;
    for number in 1..=100 {
        a_chat_post(&store, number, author).await;
    }
    let page: Vec<_> = (1..=100).map(post_id).collect();
    let cards = read(&store, tx!(tx => card::of_posts(tx, author, &page).await)).await;
    let mut found: Vec<_> = cards.into_iter().map(|card| card.post_id).collect();
    found.sort_unstable();
    assert_eq!(found, (1..=100).map(post_id).collect::<Vec<_>>());
}

async fn copies_are_kept_per_account(store: Store) {
    let [author, ben] = accounts(&store, [1, 2]).await;
    let row = a_chat_post(&store, 1, author).await;
    for (account, sealed) in [(author, 1), (ben, 2), (ben, 3)] {
        write(&store, tx!(tx => copy::put(tx, invite_id(1), account, &[sealed; 80]).await)).await;
    }
    let of = async |account| read(&store, tx!(tx => copy::get(tx, invite_id(1), account).await)).await;
    assert_eq!((of(author).await, of(ben).await), (Some(vec![1; 80]), Some(vec![3; 80])));
    let holders = async || read(&store, tx!(tx => copy::holders(tx, invite_id(1)).await)).await;
    assert_eq!(holders().await, [author, ben]);
    write(&store, tx!(tx => copy::delete_of_account(tx, ben).await)).await;
    assert_eq!((holders().await, of(ben).await), (vec![author], None));
    write(&store, tx!(tx => copy::delete_of_invite(tx, invite_id(1)).await)).await;
    assert!(holders().await.is_empty());
    write(&store, tx!(tx => invite::set_secret(tx, invite_id(1), &[8; 32]).await)).await;
    let found = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await;
    assert_eq!(found, Some(InviteRow { secret: vec![8; 32], ..row }));
}

async fn who_lacks_a_copy_is_found(store: Store) {
    let [author, ben, cid] = accounts(&store, [1, 2, 3]).await;
    a_chat_post(&store, 1, author).await;
    let lacking = async |now| read(&store, tx!(tx => copy::lacking(tx, author, TimeMs(now), 9).await)).await;
    connect(&store, author, ben).await;
    connect(&store, author, cid).await;
    let audience = async |kind| write(&store, tx!(tx => post::set_audience(tx, post_id(1), kind).await)).await;
    let secret =
        async |bytes: Vec<u8>| write(&store, tx!(tx => invite::set_secret(tx, invite_id(1), &bytes).await)).await;
    audience(AudienceKind::Connections).await;
    write(&store, tx!(tx => account::set_first_identity(tx, ben, &[1; 32], &[2; 32], &[3; 64]).await)).await;
    assert!(lacking(5).await.is_empty(), "the server holds the secret");
    secret(vec![]).await;
    assert_eq!(lacking(5).await, [invite_id(1)]);
    assert!(lacking(99).await.is_empty(), "the invite is over");
    write(&store, tx!(tx => copy::put(tx, invite_id(1), ben, &[1; 80]).await)).await;
    assert!(lacking(5).await.is_empty(), "cid has no identity");
    audience(AudienceKind::People).await;
    write(&store, tx!(tx => account::set_first_identity(tx, cid, &[4; 32], &[5; 32], &[6; 64]).await)).await;
    assert!(lacking(5).await.is_empty(), "nobody is named");
    write(&store, tx!(tx => post::audience::add_people(tx, post_id(1), TimeMs(1), &[ben, cid]).await)).await;
    assert_eq!(lacking(5).await, [invite_id(1)]);
    audience(AudienceKind::Lists).await;
    assert!(lacking(5).await.is_empty(), "no list is named");
    audience(AudienceKind::Public).await;
    assert!(lacking(5).await.is_empty());
}
