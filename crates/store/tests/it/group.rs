//! Groups: who is in, who wants in, and which posts are theirs.

use doorpost_model::{
    AccountId, GroupId, MediaId, TimeMs,
    group::{GroupKind, GroupRole},
    invite::RequestState,
    media::{MediaKind, PictureSize},
    post::AudienceKind,
};
use doorpost_store::{
    Store, block,
    group::{self, GroupRow, SeenGroup, admission, member, post as placed},
    invite, media, post,
    post::feed::{self, FeedKey},
    request,
};

use crate::{
    chat::a_chat,
    harness::{accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
    request::{an_invite, new_request},
};

on_both!(
    a_group_is_kept_changed_and_deleted,
    a_viewers_part_is_seen,
    groups_are_listed_in_pages,
    members_come_and_go_and_have_roles,
    members_are_found_by_name,
    requests_wait_in_order,
    invitations_and_bans,
    posts_are_placed_pinned_and_let_through,
    posts_of_groups_stand_in_members_feeds_alone,
    invites_and_requests_of_a_groups_posts,
    all_of_a_groups_posts_go_together,
);

pub fn group_id(number: u8) -> GroupId {
    GroupId::from_bytes([number; 16])
}

pub fn new_group(number: u8, kind: GroupKind) -> GroupRow {
    GroupRow {
        group_id: group_id(number),
        kind,
        name: format!("Group {number} of 50%"),
        description: "Rowing".to_owned(),
        rules: "Be kind".to_owned(),
        questions: r#"["Why?"]"#.to_owned(),
        posts_wait: true,
        member_count: 0,
        created_at: TimeMs(i64::from(number)),
    }
}

pub async fn make(store: &Store, number: u8, kind: GroupKind) -> GroupId {
    let row = new_group(number, kind);
    write(store, tx!(tx => group::insert(tx, &row).await)).await;
    group_id(number)
}

async fn join(store: &Store, group: GroupId, account: AccountId, role: GroupRole, at: i64) -> bool {
    let joined = write(
        store,
        tx!(tx => {
            let joined = member::insert(tx, group, account, role, TimeMs(at)).await?;
            member::recount(tx, group).await?;
            Ok(joined)
        }),
    );
    joined.await
}

async fn seen(store: &Store, group: GroupId, account: AccountId) -> SeenGroup {
    let found = read(store, tx!(tx => group::seen(tx, account, &[group]).await)).await;
    assert_eq!(found.len(), 1);
    found.into_iter().next().expect("a group")
}

/// Posts of an author, each written at its number, in a group.
async fn posts_in(store: &Store, group: GroupId, author: AccountId, numbers: &[u32], pending: bool) {
    for &number in numbers {
        posts(store, vec![new_post(number, author, AudienceKind::Group)]).await;
        place(store, group, number, pending).await;
    }
}

async fn place(store: &Store, group: GroupId, number: u32, pending: bool) {
    let at = TimeMs(i64::from(number));
    write(store, tx!(tx => placed::insert(tx, post_id(number), group, at, pending).await)).await;
}

const START: (TimeMs, GroupId) = (TimeMs(i64::MAX), GroupId::from_bytes([0xFF; 16]));

fn last_account() -> (TimeMs, AccountId) {
    (TimeMs(i64::MAX), AccountId::from_bytes([0xFF; 16]))
}

async fn a_group_is_kept_changed_and_deleted(store: Store) {
    let [me] = accounts(&store, [1]).await;
    let one = make(&store, 1, GroupKind::Open).await;
    assert!(write(&store, tx!(tx => group::lock(tx, one).await)).await);
    assert!(!write(&store, tx!(tx => group::lock(tx, group_id(9)).await)).await);
    let changed = GroupRow {
        kind: GroupKind::Secret,
        name: "Other".to_owned(),
        rules: String::new(),
        posts_wait: false,
        ..new_group(1, GroupKind::Open)
    };
    let kept = changed.clone();
    write(&store, tx!(tx => group::set(tx, &changed).await)).await;
    let found = seen(&store, one, me).await;
    assert_eq!(
        (found.kind, found.name, found.rules, found.questions, found.posts_wait),
        (kept.kind, kept.name, kept.rules, kept.questions, kept.posts_wait)
    );
    write(&store, tx!(tx => group::delete(tx, one).await)).await;
    assert_eq!(read(&store, tx!(tx => group::seen(tx, me, &[one]).await)).await, []);
}

async fn a_viewers_part_is_seen(store: Store) {
    let [me, inviter, other] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Secret).await;
    let nothing = seen(&store, one, me).await;
    assert_eq!((nothing.role, nothing.inviter_id, nothing.has_asked, nothing.banned), (None, None, false, false));
    write(&store, tx!(tx => admission::invite(tx, one, inviter, &[me], TimeMs(1)).await)).await;
    let invited = seen(&store, one, me).await;
    assert_eq!((invited.inviter_id, invited.inviter_handle.as_deref()), (Some(inviter), Some("person_2")));
    assert_eq!((invited.inviter_name.as_deref(), invited.inviter_blocked), (Some("Person 2"), false));
    write(&store, tx!(tx => block::insert(tx, inviter, me, TimeMs(1)).await)).await;
    assert!(seen(&store, one, me).await.inviter_blocked);
    assert_eq!(seen(&store, one, other).await.inviter_id, None, "somebody else's invitation");
    write(&store, tx!(tx => admission::ask(tx, one, me, "[]", TimeMs(1)).await)).await;
    write(&store, tx!(tx => admission::ban(tx, one, me, TimeMs(1)).await)).await;
    join(&store, one, me, GroupRole::Moderator, 1).await;
    let all = seen(&store, one, me).await;
    assert_eq!((all.role, all.has_asked, all.banned), (Some(GroupRole::Moderator), true, true));
    assert_eq!(all.member_count, 1);
}

async fn groups_are_listed_in_pages(store: Store) {
    let [me, inviter] = accounts(&store, [1, 2]).await;
    for (number, kind) in [(1, GroupKind::Open), (2, GroupKind::Secret), (3, GroupKind::Closed)] {
        let group = make(&store, number, kind).await;
        join(&store, group, me, GroupRole::Member, 10 - i64::from(number)).await;
        let at = TimeMs(i64::from(number));
        write(&store, tx!(tx => admission::invite(tx, group, inviter, &[me], at).await)).await;
    }
    let mine = read(&store, tx!(tx => group::of_account(tx, me, START, 2).await)).await;
    assert_eq!(mine, [(TimeMs(9), group_id(1)), (TimeMs(8), group_id(2))]);
    let rest = read(&store, tx!(tx => group::of_account(tx, me, mine[1], 2).await)).await;
    assert_eq!(rest, [(TimeMs(7), group_id(3))]);
    let inviting = read(&store, tx!(tx => group::inviting(tx, me, START, 9).await)).await;
    assert_eq!(inviting.iter().map(|place| place.1).collect::<Vec<_>>(), [group_id(3), group_id(2), group_id(1)]);
    for (pattern, found) in [("%group%", vec![3, 1]), ("%p 3 of 50!%%", vec![3]), ("%!_%", vec![]), ("%%", vec![3, 1])]
    {
        let groups = read(&store, tx!(tx => group::named_like(tx, pattern, START, 9).await)).await;
        let numbers: Vec<u8> = groups.iter().map(|place| place.1.as_bytes()[0]).collect();
        assert_eq!(numbers, found, "{pattern}");
    }
    let after = (TimeMs(3), group_id(3));
    assert_eq!(read(&store, tx!(tx => group::named_like(tx, "%%", after, 9).await)).await, [(TimeMs(1), group_id(1))]);
}

async fn members_come_and_go_and_have_roles(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Open).await;
    assert!(join(&store, one, ada, GroupRole::Owner, 1).await);
    assert!(join(&store, one, ben, GroupRole::Member, 2).await);
    assert!(!join(&store, one, ben, GroupRole::Owner, 3).await, "in already");
    assert_eq!(read(&store, tx!(tx => member::role(tx, one, ben).await)).await, Some(GroupRole::Member));
    assert_eq!(read(&store, tx!(tx => member::role(tx, one, cid).await)).await, None);
    assert_eq!(read(&store, tx!(tx => member::moderators(tx, one).await)).await, [ada]);
    assert_eq!(read(&store, tx!(tx => member::count_owners(tx, one).await)).await, 1);
    assert!(write(&store, tx!(tx => member::set_role(tx, one, ben, GroupRole::Owner).await)).await);
    assert!(!write(&store, tx!(tx => member::set_role(tx, one, cid, GroupRole::Owner).await)).await);
    assert_eq!(read(&store, tx!(tx => member::count_owners(tx, one).await)).await, 2);
    let two = make(&store, 2, GroupKind::Open).await;
    join(&store, two, ben, GroupRole::Member, 1).await;
    assert_eq!(read(&store, tx!(tx => member::count_of_account(tx, ben).await)).await, 2);
    assert_eq!(read(&store, tx!(tx => member::count_owned(tx, ben).await)).await, 1);
    let mut roles = read(&store, tx!(tx => member::roles(tx, one).await)).await;
    roles.sort_unstable();
    assert_eq!(roles, [(ada, GroupRole::Owner), (ben, GroupRole::Owner)]);

    posts_in(&store, two, cid, &[1], false).await;
    let beside = read(&store, tx!(tx => member::roles_beside(tx, cid, &[ada, ben]).await)).await;
    assert_eq!(beside, [(two, ben, GroupRole::Member)], "in groups that cid's posts are in");

    assert!(write(&store, tx!(tx => member::remove(tx, one, ada).await)).await);
    assert!(!write(&store, tx!(tx => member::remove(tx, one, ada).await)).await);
    assert_eq!(write(&store, tx!(tx => member::recount(tx, one).await)).await, 1);
    assert_eq!(seen(&store, one, ada).await.member_count, 1);
    write(&store, tx!(tx => member::remove_all(tx, one).await)).await;
    assert_eq!(read(&store, tx!(tx => member::roles(tx, one).await)).await, []);
}

async fn members_are_found_by_name(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Open).await;
    for (account, at) in [(ada, 1), (ben, 3), (cid, 2)] {
        join(&store, one, account, GroupRole::Member, at).await;
    }
    write(&store, tx!(tx => block::insert(tx, cid, ada, TimeMs(1)).await)).await;
    let page = read(&store, tx!(tx => member::page(tx, ada, one, "%%", last_account(), 2).await)).await;
    assert_eq!(page.iter().map(|row| (row.account_id, row.blocked)).collect::<Vec<_>>(), [(ben, false), (cid, true)]);
    assert_eq!(
        (page[0].handle.as_str(), page[0].name.as_str(), page[0].role),
        ("person_2", "Person 2", GroupRole::Member)
    );
    let after = (page[1].joined_at, page[1].account_id);
    let rest = read(&store, tx!(tx => member::page(tx, ada, one, "%%", after, 2).await)).await;
    assert_eq!(rest.iter().map(|row| row.account_id).collect::<Vec<_>>(), [ada]);
    for (pattern, count) in [("%person 2%", 1), ("%person!_3%", 1), ("%erson%", 3), ("%nobody%", 0)] {
        let found = read(&store, tx!(tx => member::page(tx, ada, one, pattern, last_account(), 9).await)).await;
        assert_eq!(found.len(), count, "{pattern}");
    }
}

async fn requests_wait_in_order(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Closed).await;
    let ask = async |account: AccountId, at: i64| {
        write(&store, tx!(tx => admission::ask(tx, one, account, "[]", TimeMs(at)).await)).await
    };
    assert!(ask(ben, 2).await);
    assert!(ask(ada, 1).await);
    assert!(!ask(ben, 3).await, "asked already");
    assert_eq!(read(&store, tx!(tx => admission::count_asking(tx, one).await)).await, 2);
    assert_eq!(read(&store, tx!(tx => admission::count_asked(tx, ben).await)).await, 1);
    let start = (TimeMs(i64::MIN), AccountId::from_bytes([0; 16]));
    let rows = read(&store, tx!(tx => admission::requests(tx, one, start, 1).await)).await;
    assert_eq!((rows[0].account_id, rows[0].answers.as_str(), rows[0].asked_at), (ada, "[]", TimeMs(1)));
    let after = (TimeMs(1), ada);
    let rows = read(&store, tx!(tx => admission::requests(tx, one, after, 9).await)).await;
    assert_eq!(rows.iter().map(|row| row.handle.as_str()).collect::<Vec<_>>(), ["person_2"]);
    assert_eq!(read(&store, tx!(tx => admission::asking_among(tx, one, &[ben, cid]).await)).await, [ben]);
    assert!(write(&store, tx!(tx => admission::take_back(tx, one, ada).await)).await);
    assert!(!write(&store, tx!(tx => admission::take_back(tx, one, ada).await)).await);
    write(&store, tx!(tx => admission::drop_requests(tx, one).await)).await;
    assert_eq!(read(&store, tx!(tx => admission::count_asking(tx, one).await)).await, 0);
}

async fn invitations_and_bans(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Closed).await;
    let invite = async |by: AccountId, whom: Vec<AccountId>| {
        write(&store, tx!(tx => admission::invite(tx, one, by, &whom, TimeMs(1)).await)).await
    };
    assert_eq!(invite(ada, vec![ben, cid]).await, 2);
    assert_eq!(invite(cid, vec![ben, ada]).await, 1, "ben is invited already");
    assert_eq!(read(&store, tx!(tx => admission::count_invited(tx, one).await)).await, 3);
    write(&store, tx!(tx => admission::uninvite_between(tx, ada, cid).await)).await;
    assert_eq!(read(&store, tx!(tx => admission::count_invited(tx, one).await)).await, 1, "both ways");
    assert!(write(&store, tx!(tx => admission::uninvite(tx, one, ben).await)).await);
    assert!(!write(&store, tx!(tx => admission::uninvite(tx, one, ben).await)).await);
    invite(ada, vec![ben]).await;
    write(&store, tx!(tx => admission::drop_invitations(tx, one).await)).await;
    assert_eq!(read(&store, tx!(tx => admission::count_invited(tx, one).await)).await, 0);

    for (account, at) in [(ben, 1), (cid, 2)] {
        assert!(write(&store, tx!(tx => admission::ban(tx, one, account, TimeMs(at)).await)).await);
    }
    assert!(!write(&store, tx!(tx => admission::ban(tx, one, ben, TimeMs(9)).await)).await);
    assert_eq!(read(&store, tx!(tx => admission::count_banned(tx, one).await)).await, 2);
    assert_eq!(read(&store, tx!(tx => admission::banned_among(tx, one, &[ada, ben]).await)).await, [ben]);
    let bans = read(&store, tx!(tx => admission::bans(tx, one, last_account(), 1).await)).await;
    assert_eq!((bans[0].account_id, bans[0].banned_at), (cid, TimeMs(2)));
    let rest = read(&store, tx!(tx => admission::bans(tx, one, (TimeMs(2), cid), 9).await)).await;
    assert_eq!(rest.iter().map(|ban| ban.name.as_str()).collect::<Vec<_>>(), ["Person 2"]);
    assert!(write(&store, tx!(tx => admission::unban(tx, one, ben).await)).await);
    assert!(!write(&store, tx!(tx => admission::unban(tx, one, ben).await)).await);
    write(&store, tx!(tx => admission::drop_bans(tx, one).await)).await;
    assert_eq!(read(&store, tx!(tx => admission::count_banned(tx, one).await)).await, 0);
}

async fn posts_are_placed_pinned_and_let_through(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    let one = make(&store, 1, GroupKind::Closed).await;
    join(&store, one, ben, GroupRole::Moderator, 1).await;
    posts_in(&store, one, ada, &[1, 2, 3], false).await;
    posts_in(&store, one, ada, &[4], true).await;
    posts(&store, vec![new_post(5, ada, AudienceKind::Public)]).await;
    let of_post = async |number: u32| read(&store, tx!(tx => placed::of_post(tx, post_id(number)).await)).await;
    let waiting = of_post(4).await.expect("placed");
    assert_eq!((waiting.group_id, waiting.kind, waiting.pending), (one, GroupKind::Closed, true));
    assert_eq!(of_post(5).await, None);
    let row = read(&store, tx!(tx => post::seen(tx, ben, &[post_id(4)]).await)).await.pop().expect("a post");
    assert_eq!(
        (row.group_id, row.group_kind, row.group_role),
        (Some(one), Some(GroupKind::Closed), Some(GroupRole::Moderator))
    );
    assert_eq!((row.group_name.as_deref(), row.pending, row.pinned), (Some("Group 1 of 50%"), true, false));
    let row = read(&store, tx!(tx => post::seen(tx, ada, &[post_id(5)]).await)).await.pop().expect("a post");
    assert_eq!((row.group_id, row.group_kind, row.group_role, row.pending), (None, None, None, false));

    let keys = async |pending: bool, before: FeedKey, limit: i64| {
        let keys = read(&store, tx!(tx => placed::keys(tx, one, pending, before, limit).await)).await;
        keys.into_iter().map(|key| key.post_id).collect::<Vec<_>>()
    };
    assert_eq!(keys(false, FeedKey::START, 2).await, [post_id(3), post_id(2)]);
    let key = FeedKey { created_at: TimeMs(2), post_id: post_id(2) };
    assert_eq!(keys(false, key, 2).await, [post_id(1)]);
    assert_eq!(keys(true, FeedKey::START, 9).await, [post_id(4)]);
    let fed = read(&store, tx!(tx => placed::feed_keys(tx, ben, one, key, 2).await)).await;
    assert_eq!(fed.into_iter().map(|key| key.post_id).collect::<Vec<_>>(), [post_id(1)]);
    assert_eq!(read(&store, tx!(tx => placed::count_pending(tx, one).await)).await, 1);
    write(&store, tx!(tx => placed::set_pending(tx, post_id(4), false).await)).await;
    assert_eq!(read(&store, tx!(tx => placed::count_pending(tx, one).await)).await, 0);

    for (number, at) in [(1, 10), (3, 11)] {
        write(&store, tx!(tx => placed::set_pinned(tx, post_id(number), Some(TimeMs(at))).await)).await;
    }
    assert_eq!(read(&store, tx!(tx => placed::pinned(tx, one).await)).await, [post_id(3), post_id(1)]);
    write(&store, tx!(tx => placed::set_pinned(tx, post_id(3), None).await)).await;
    write(&store, tx!(tx => post::delete(tx, post_id(2), TimeMs(20)).await)).await;
    assert_eq!(read(&store, tx!(tx => placed::pinned(tx, one).await)).await, [post_id(1)]);
    assert_eq!(read(&store, tx!(tx => placed::by_member(tx, one, ada, 2).await)).await, [post_id(4), post_id(3)]);
    assert_eq!(read(&store, tx!(tx => placed::by_member(tx, one, ben, 2).await)).await, []);
    let newest = read(&store, tx!(tx => placed::newest(tx, one, 2).await)).await;
    assert_eq!(newest, [(post_id(4), ada), (post_id(3), ada)]);
    let own = read(&store, tx!(tx => placed::of_author(tx, ada, 9).await)).await;
    assert_eq!(own.iter().map(|row| row.post_id).collect::<Vec<_>>(), [post_id(4), post_id(3), post_id(1)]);
    let among = read(&store, tx!(tx => placed::among(tx, &[post_id(1), post_id(5)]).await)).await;
    assert_eq!(among.iter().map(|row| (row.post_id, row.group_id)).collect::<Vec<_>>(), [(post_id(1), one)]);
}

async fn posts_of_groups_stand_in_members_feeds_alone(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Open).await;
    join(&store, one, ben, GroupRole::Member, 1).await;
    posts_in(&store, one, ada, &[1, 2], false).await;
    posts_in(&store, one, ada, &[3], true).await;
    let feed_of = async |account: AccountId| {
        let keys = read(&store, tx!(tx => feed::recent_keys(tx, account, FeedKey::START, 9).await)).await;
        keys.into_iter().map(|key| key.post_id).collect::<Vec<_>>()
    };
    assert_eq!(feed_of(ben).await, [post_id(2), post_id(1)]);
    assert_eq!(feed_of(cid).await, []);
    assert_eq!(feed_of(ada).await, [], "the author has left");
}

async fn invites_and_requests_of_a_groups_posts(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let one = make(&store, 1, GroupKind::Closed).await;
    for chat in [1, 2] {
        a_chat(&store, chat).await;
        an_invite(&store, chat, None).await;
        place(&store, one, u32::from(chat), false).await;
    }
    let [first, second] = [1, 2].map(|number| new_request(number, number, ben, RequestState::Requested).invite_id);
    assert_eq!(read(&store, tx!(tx => placed::open_invites(tx, one).await)).await, [first, second]);
    assert_eq!(read(&store, tx!(tx => placed::inviting_authors(tx, one, 9).await)).await, [ada]);
    write(&store, tx!(tx => invite::close(tx, first, TimeMs(9)).await)).await;
    assert_eq!(read(&store, tx!(tx => placed::open_invites_by(tx, one, ada).await)).await, [second]);
    assert_eq!(read(&store, tx!(tx => placed::open_invites_by(tx, one, ben).await)).await, []);
    for (number, account, state) in [(1, ben, RequestState::Requested), (2, cid, RequestState::Declined)] {
        let row = new_request(number, 2, account, state);
        assert!(write(&store, tx!(tx => request::insert(tx, &row).await)).await);
    }
    assert_eq!(read(&store, tx!(tx => placed::asked_in(tx, one, ben).await)).await, [(second, ben)]);
    assert_eq!(read(&store, tx!(tx => placed::asked_in(tx, one, cid).await)).await, [], "not under way");
}

async fn all_of_a_groups_posts_go_together(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    let one = make(&store, 1, GroupKind::Closed).await;
    posts_in(&store, one, ada, &[1, 2], false).await;
    posts(&store, vec![new_post(3, ada, AudienceKind::Public)]).await;
    let [of_group, of_other] = [1_u8, 2].map(|number| MediaId::from_bytes([number; 16]));
    for (photo, number) in [(of_group, 1), (of_other, 3)] {
        write(
            &store,
            tx!(tx => {
                media::insert(tx, photo, ada, MediaKind::Photo, 40, TimeMs(1)).await?;
                media::advance(tx, photo, 0, 40).await?;
                media::finish(tx, photo, "LEHV6n", 100, TimeMs(1)).await?;
                let size = media::SizeRow { size: PictureSize::Small, width_px: 1, height_px: 1, size_bytes: 10 };
                media::add_sizes(tx, photo, &[size]).await?;
                media::attach(tx, photo, ada, post_id(number), 0, "").await
            }),
        )
        .await;
    }
    write(
        &store,
        tx!(tx => {
            placed::remove_media(tx, one).await?;
            placed::delete_posts(tx, one, TimeMs(9)).await?;
            placed::drop_all(tx, one).await
        }),
    )
    .await;
    let post = async |number: u32| read(&store, tx!(tx => post::get(tx, post_id(number)).await)).await.expect("a row");
    for number in [1, 2] {
        let gone = post(number).await;
        assert_eq!((gone.text.as_str(), gone.deleted_at), ("", Some(TimeMs(9))));
    }
    assert_eq!(post(3).await.deleted_at, None);
    assert_eq!(read(&store, tx!(tx => media::removed(tx, 9).await)).await, [of_group]);
    assert_eq!(read(&store, tx!(tx => placed::newest(tx, one, 9).await)).await, []);
    write(&store, tx!(tx => group::delete(tx, one).await)).await;
    let row = read(&store, tx!(tx => post::seen(tx, ada, &[post_id(1)]).await)).await.pop().expect("a row");
    assert_eq!((row.group_id, row.group_kind), (None, None), "nobody's from then on");
}
