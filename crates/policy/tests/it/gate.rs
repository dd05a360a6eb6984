//! The gate against the slow model, decision for decision.

use doorpost_model::{
    AccountId, TimeMs,
    chat::Role,
    group::{self, GroupRole},
    moderation::ServerRole,
    page::PageRole,
    post::AudienceKind,
};
use doorpost_policy::{
    gate::{
        Action, CommentObject, Decision, Facts, GroupPart, GroupPost, InviteObject, Lifetime, Membership, Object,
        PostObject, Viewer, can,
    },
    story,
};

use crate::{
    slow_model::{Answer, Audience, Chat, Comment, Group, GroupKind, NOW, Page, Person, Post, World},
    worlds,
};

#[test]
fn agrees_with_the_slow_model_in_a_million_random_worlds() {
    let mut compared = Compared::default();
    for seed in 0..1_000_000 {
        let world = worlds::random(seed);
        compare(&world, &mut compared).unwrap_or_else(|difference| panic!("world {seed}: {difference}"));
    }
    compared.is_telling();
}

#[test]
fn agrees_with_the_slow_model_in_every_world_of_two() {
    let mut compared = Compared::default();
    for world in worlds::all_of_two() {
        compare(&world, &mut compared).unwrap_or_else(|difference| panic!("{difference}\n{world:#?}"));
    }
    compared.is_telling();
}

#[test]
fn an_action_without_meaning_for_the_object_is_hidden() {
    let viewer = Viewer { account_id: account(0) };
    let facts = Facts {
        connected: true,
        membership: Membership::In(Role::Host),
        group: GroupPart::In(GroupRole::Owner),
        page_role: Some(PageRole::Admin),
        server_role: Some(ServerRole::Operator),
        ..Facts::default()
    };
    for &action in Action::ALL {
        for object in objects_of(account(0)) {
            if !meant(action).contains(&kind(&object)) {
                assert_eq!(can(viewer, action, &object, &facts), Decision::Hidden, "{action:?} {object:?}");
            }
        }
    }
}

/// How often each answer came: a comparison in which nothing is ever allowed proves nothing.
#[derive(Default)]
struct Compared {
    allowed: u64,
    refused: u64,
    hidden: u64,
}

impl Compared {
    fn is_telling(&self) {
        let total = self.allowed + self.refused + self.hidden;
        for (name, count) in [("allowed", self.allowed), ("refused", self.refused), ("hidden", self.hidden)] {
            assert!(count * 100 > total, "{name} only {count} times in {total}");
        }
    }
}

fn compare(world: &World, compared: &mut Compared) -> Result<(), String> {
    for &person in &world.people {
        for post in &world.posts {
            compare_post(world, person, post, compared)?;
        }
        for comment in &world.comments {
            compare_comment(world, person, comment, compared)?;
        }
        for chat in &world.chats {
            compare_chat(world, person, chat, compared)?;
        }
        for group in &world.groups {
            compare_group(world, person, group, compared)?;
        }
        for page in &world.pages {
            compare_page(world, person, page, compared)?;
        }
        compare_server(world, person, compared)?;
        for &other in &world.people {
            let object = Object::Account { account_id: account(other) };
            let facts = relation(world, person, other);
            check(person, Action::SeeAccount, &object, &facts, world.meets(person, other), compared)?;
            let findable = !world.withdrawn.contains(&other);
            let finding = Facts { findable, ..facts };
            check(person, Action::FindAccount, &object, &finding, world.comes_upon(person, other), compared)?;
            check(person, Action::SeeFace, &object, &facts, world.sees_face(person, other), compared)?;
            let object = Object::Upload { owner: account(other) };
            check(person, Action::UseUpload, &object, &facts, world.uses_upload(person, other), compared)?;
            let object = Object::Highlight { owner: account(other) };
            check(person, Action::EditHighlight, &object, &facts, world.edits_highlight(person, other), compared)?;
        }
        for list in &world.lists {
            let object = Object::List { owner: account(list.owner) };
            let expected = world.uses_list(person, list);
            check(person, Action::UseList, &object, &Facts::default(), expected, compared)?;
        }
    }
    Ok(())
}

fn compare_post(world: &World, person: Person, post: &Post, compared: &mut Compared) -> Result<(), String> {
    let facts = post_facts(world, person, post);
    let object = post_object(world, post);
    let reads = world.reads(person, post);
    check(person, Action::SeePost, &Object::Post(object), &facts, reads, compared)?;
    for (action, expected) in [
        (Action::SeeAudience, world.rules_post(person, post)),
        (Action::EditPost, world.edits_post(person, post)),
        (Action::DeletePost, world.deletes_post(person, post)),
        (Action::ModeratePost, world.settles_post(person, post)),
        (Action::Comment, world.comments_on(person, post)),
        (Action::React, world.reacts_to_post(person, post)),
    ] {
        check(person, action, &Object::Post(object), &facts, expected, compared)?;
    }
    check(person, Action::AnswerStory, &Object::Post(object), &facts, world.answers_story(person, post), compared)?;
    check(person, Action::TendStory, &Object::Post(object), &facts, world.tends_story(person, post), compared)?;
    let answers = world.answers_question(person, post);
    check(person, Action::AnswerQuestion, &Object::Post(object), &facts, answers, compared)?;
    check(person, Action::TendQuestion, &Object::Post(object), &facts, world.tends_question(person, post), compared)?;
    if let Some(invite) = post.invite {
        let object = Object::Invite(InviteObject { post: object, ends_with_post: invite.ends_with_post });
        check(person, Action::SeeInvite, &object, &facts, world.sees_invite(person, post), compared)?;
        check(person, Action::CloseInvite, &object, &facts, world.closes_invite(person, post), compared)?;
        for action in [Action::TakeDoor, Action::Join] {
            check(person, action, &object, &facts, world.may_ask_in(person, post), compared)?;
        }
    }
    Ok(())
}

fn compare_comment(world: &World, person: Person, comment: &Comment, compared: &mut Compared) -> Result<(), String> {
    let post = &world.posts[comment.post];
    let object = Object::Comment(CommentObject {
        post: post_object(world, post),
        writer: account(comment.writer),
        deleted: comment.deleted,
        hidden: comment.hidden,
    });
    let parted_from_writer = relation(world, person, comment.writer).blocked;
    let facts = Facts { parted_from_writer, ..post_facts(world, person, post) };
    for (action, expected) in [
        (Action::SeeComment, world.reads_comment(person, comment)),
        (Action::React, world.reacts_to_comment(person, comment)),
        (Action::EditComment, world.edits_comment(person, comment)),
        (Action::DeleteComment, world.deletes_comment(person, comment)),
    ] {
        check(person, action, &object, &facts, expected, compared)?;
    }
    Ok(())
}

fn compare_chat(world: &World, person: Person, chat: &Chat, compared: &mut Compared) -> Result<(), String> {
    let facts = Facts { membership: membership(chat, person), ..Facts::default() };
    for action in [Action::SeeChat, Action::ReadChat, Action::WriteChat] {
        check(person, action, &Object::Chat, &facts, world.is_in(person, chat), compared)?;
    }
    let way_in = world.takes_group_info(person, chat);
    check(person, Action::TakeGroupInfo, &Object::Chat, &facts, way_in, compared)?;
    for action in [Action::SeeQueue, Action::HostChat] {
        check(person, action, &Object::Chat, &facts, world.hosts(person, chat), compared)?;
    }
    Ok(())
}

fn compare_group(world: &World, person: Person, group: &Group, compared: &mut Compared) -> Result<(), String> {
    let object = Object::Group(kind_of(group));
    let facts = Facts { group: group_part(group, person), ..Facts::default() };
    for (action, expected) in [
        (Action::SeeGroup, world.sees_group(person, group)),
        (Action::ReadGroup, world.reads_group(person, group)),
        (Action::PostInGroup, world.posts_in(person, group)),
        (Action::JoinGroup, world.may_join_group(person, group)),
        (Action::InviteToGroup, world.invites_to_group(person, group)),
        (Action::ModerateGroup, world.moderates_group(person, group)),
        (Action::OwnGroup, world.owns_group(person, group)),
    ] {
        check(person, action, &object, &facts, expected, compared)?;
    }
    for &other in &world.people {
        let facts = Facts { group: facts.group, ..relation(world, person, other) };
        let expected = world.sees_member(person, other, group);
        check(person, Action::SeeGroupMember, &object, &facts, expected, compared)?;
    }
    Ok(())
}

fn compare_page(world: &World, person: Person, page: &Page, compared: &mut Compared) -> Result<(), String> {
    let facts = Facts { page_role: page_role(page, person), ..relation(world, person, page.account) };
    for (action, expected) in [
        (Action::SeePage, world.sees_page(person, page)),
        (Action::FollowPage, world.sees_page(person, page)),
        (Action::SpeakAsPage, world.speaks_as(person, page)),
        (Action::SeePageArchive, world.sees_archive(person, page)),
        (Action::SeePageStaff, world.sees_staff(person, page)),
        (Action::SeePageNumbers, world.sees_numbers(person, page)),
        (Action::OwnPage, world.owns_page(person, page)),
    ] {
        check(person, action, &Object::Page, &facts, expected, compared)?;
    }
    let account = Object::Account { account_id: account(page.account) };
    check(person, Action::SeeAccount, &account, &facts, world.sees_page(person, page), compared)?;
    Ok(())
}

fn compare_server(world: &World, person: Person, compared: &mut Compared) -> Result<(), String> {
    let facts = Facts { server_role: server_role(world, person), ..Facts::default() };
    for (action, expected) in [
        (Action::ModerateServer, world.moderates_server(person)),
        (Action::OperateServer, world.operates_server(person)),
    ] {
        check(person, action, &Object::Server, &facts, expected, compared)?;
    }
    for &subject in &world.people {
        let object = Object::Case { subject: account(subject), subject_role: server_role(world, subject) };
        let facts = Facts { server_role: facts.server_role, ..relation(world, person, subject) };
        check(person, Action::SeeCase, &object, &facts, world.sees_case(person, subject), compared)?;
        check(person, Action::JudgeCase, &object, &facts, world.judges_case(person, subject), compared)?;
    }
    Ok(())
}

fn check(
    person: Person,
    action: Action,
    object: &Object,
    facts: &Facts,
    expected: Answer,
    compared: &mut Compared,
) -> Result<(), String> {
    let decision = can(Viewer { account_id: account(person) }, action, object, facts);
    let (expected, count) = match expected {
        Answer::Yes => (Decision::Allowed, &mut compared.allowed),
        Answer::No => (Decision::Refused, &mut compared.refused),
        Answer::NothingThere => (Decision::Hidden, &mut compared.hidden),
    };
    *count += 1;
    if decision == expected {
        return Ok(());
    }
    Err(format!("person {person}, {action:?} on {object:?} with {facts:?}: {decision:?}, not {expected:?}"))
}

// Facts as a server reads them from its tables.

fn post_facts(world: &World, person: Person, post: &Post) -> Facts {
    let in_lists = match &post.audience {
        Audience::Lists(lists) => lists.iter().any(|&number| world.lists[number].entries.contains(&person)),
        _ => false,
    };
    let named = matches!(&post.audience, Audience::People(named) if named.contains(&person));
    let membership = post.invite.map_or(Membership::None, |invite| membership(&world.chats[invite.chat], person));
    let group = match post.audience {
        Audience::Group { group, .. } => group_part(&world.groups[group], person),
        _ => GroupPart::None,
    };
    let page_role = match post.audience {
        Audience::Page(page) => page_role(&world.pages[page], person),
        _ => None,
    };
    Facts { in_lists, named, membership, group, page_role, ..relation(world, person, post.author) }
}

fn relation(world: &World, person: Person, other: Person) -> Facts {
    let either_way = |pairs: &std::collections::BTreeSet<(Person, Person)>| {
        pairs.contains(&(person, other)) || pairs.contains(&(other, person))
    };
    Facts { connected: either_way(&world.connections), blocked: either_way(&world.blocks), ..Facts::default() }
}

fn server_role(world: &World, person: Person) -> Option<ServerRole> {
    if world.operator == Some(person) {
        Some(ServerRole::Operator)
    } else {
        world.moderators.contains(&person).then_some(ServerRole::Moderator)
    }
}

fn membership(chat: &Chat, person: Person) -> Membership {
    if chat.hosts.contains(&person) {
        Membership::In(Role::Host)
    } else if chat.members.contains(&person) {
        Membership::In(Role::Member)
    } else if chat.admitted.contains(&person) {
        Membership::Admitted
    } else if chat.removed.contains(&person) {
        Membership::Removed
    } else {
        Membership::None
    }
}

fn group_part(group: &Group, person: Person) -> GroupPart {
    if group.owners.contains(&person) {
        GroupPart::In(GroupRole::Owner)
    } else if group.moderators.contains(&person) {
        GroupPart::In(GroupRole::Moderator)
    } else if group.members.contains(&person) {
        GroupPart::In(GroupRole::Member)
    } else if group.invited.contains(&person) {
        GroupPart::Invited
    } else if group.banned.contains(&person) {
        GroupPart::Banned
    } else {
        GroupPart::None
    }
}

fn page_role(page: &Page, person: Person) -> Option<PageRole> {
    [
        (&page.admins, PageRole::Admin),
        (&page.editors, PageRole::Editor),
        (&page.community, PageRole::Community),
        (&page.analysts, PageRole::Analyst),
    ]
    .into_iter()
    .find_map(|(people, role)| people.contains(&person).then_some(role))
}

const fn kind_of(group: &Group) -> group::GroupKind {
    match group.kind {
        GroupKind::Open => group::GroupKind::Open,
        GroupKind::Closed => group::GroupKind::Closed,
        GroupKind::Secret => group::GroupKind::Secret,
    }
}

fn post_object(world: &World, post: &Post) -> PostObject {
    let audience = match post.audience {
        Audience::Public => AudienceKind::Public,
        Audience::Connections => AudienceKind::Connections,
        Audience::Lists(_) => AudienceKind::Lists,
        Audience::People(_) => AudienceKind::People,
        Audience::Group { .. } => AudienceKind::Group,
        Audience::Page(_) => AudienceKind::Page,
    };
    let (expires_at, is_kept) = post.story.map_or((None, false), |story| (Some(TimeMs(story.expires_at)), story.kept));
    let lifetime = story::lifetime(expires_at, is_kept, TimeMs(NOW));
    let group = match post.audience {
        Audience::Group { group, pending } => Some(GroupPost { kind: kind_of(&world.groups[group]), pending }),
        _ => None,
    };
    let comments_closed = post.comments_closed;
    PostObject { author: account(post.author), audience, deleted: post.deleted, lifetime, group, comments_closed }
}

fn account(person: Person) -> AccountId {
    AccountId::from_bytes((person as u128 + 1).to_be_bytes())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Post,
    Story,
    Comment,
    Invite,
    Chat,
    Account,
    List,
    Upload,
    Highlight,
    Group,
    Page,
    Server,
    Case,
}

fn kind(object: &Object) -> Kind {
    match object {
        Object::Post(post) if post.lifetime == Lifetime::Lasting => Kind::Post,
        Object::Post(_) => Kind::Story,
        Object::Comment(_) => Kind::Comment,
        Object::Invite(_) => Kind::Invite,
        Object::Chat => Kind::Chat,
        Object::Account { .. } => Kind::Account,
        Object::List { .. } => Kind::List,
        Object::Upload { .. } => Kind::Upload,
        Object::Highlight { .. } => Kind::Highlight,
        Object::Group(_) => Kind::Group,
        Object::Page => Kind::Page,
        Object::Server => Kind::Server,
        Object::Case { .. } => Kind::Case,
    }
}

fn objects_of(owner: AccountId) -> [Object; 13] {
    let post = PostObject {
        author: owner,
        audience: AudienceKind::Public,
        deleted: false,
        lifetime: Lifetime::Lasting,
        group: None,
        comments_closed: false,
    };
    [
        Object::Post(post),
        Object::Post(PostObject { lifetime: Lifetime::Live, ..post }),
        Object::Comment(CommentObject { post, writer: owner, deleted: false, hidden: false }),
        Object::Invite(InviteObject { post, ends_with_post: false }),
        Object::Chat,
        Object::Account { account_id: owner },
        Object::List { owner },
        Object::Upload { owner },
        Object::Highlight { owner },
        Object::Group(group::GroupKind::Open),
        Object::Page,
        Object::Server,
        Object::Case { subject: owner, subject_role: None },
    ]
}

/// The kinds of object an action is about.
fn meant(action: Action) -> &'static [Kind] {
    match action {
        Action::SeePost
        | Action::SeeAudience
        | Action::EditPost
        | Action::DeletePost
        | Action::ModeratePost
        | Action::AnswerQuestion
        | Action::TendQuestion => &[Kind::Post, Kind::Story],
        Action::AnswerStory | Action::TendStory => &[Kind::Story],
        Action::Comment => &[Kind::Post],
        Action::React => &[Kind::Post, Kind::Comment],
        Action::SeeComment | Action::EditComment | Action::DeleteComment => &[Kind::Comment],
        Action::SeeInvite | Action::CloseInvite | Action::TakeDoor | Action::Join => &[Kind::Invite],
        Action::SeeChat
        | Action::ReadChat
        | Action::WriteChat
        | Action::TakeGroupInfo
        | Action::SeeQueue
        | Action::HostChat => &[Kind::Chat],
        Action::SeeAccount | Action::FindAccount | Action::SeeFace => &[Kind::Account],
        Action::UseList => &[Kind::List],
        Action::UseUpload => &[Kind::Upload],
        Action::EditHighlight => &[Kind::Highlight],
        Action::SeeGroup
        | Action::ReadGroup
        | Action::SeeGroupMember
        | Action::PostInGroup
        | Action::JoinGroup
        | Action::InviteToGroup
        | Action::ModerateGroup
        | Action::OwnGroup => &[Kind::Group],
        Action::SeePage
        | Action::FollowPage
        | Action::SpeakAsPage
        | Action::SeePageArchive
        | Action::SeePageStaff
        | Action::SeePageNumbers
        | Action::OwnPage => &[Kind::Page],
        Action::ModerateServer | Action::OperateServer => &[Kind::Server],
        Action::SeeCase | Action::JudgeCase => &[Kind::Case],
    }
}
