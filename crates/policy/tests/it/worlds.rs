//! Small worlds: random ones by seed, and all of a given size.

use std::collections::BTreeSet;

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::slow_model::{
    Audience, Chat, Comment, Group, GroupKind, Invite, List, NOW, Page, Person, Post, Story, World,
};

/// The world that belongs to `seed`.
pub fn random(seed: u64) -> World {
    let mut rng = StdRng::seed_from_u64(seed);
    let count = rng.random_range(2..=5);
    let people: Vec<Person> = (0..count).collect();
    let mut world = World { people: people.clone(), ..World::default() };
    let often = rng.random_range(0.1..0.9);
    world.withdrawn = people.iter().copied().filter(|_| rng.random_bool(0.3)).collect();
    world.operator = rng.random_bool(0.8).then(|| pick(&mut rng, &people));
    world.moderators = people.iter().copied().filter(|_| rng.random_bool(0.4)).collect();
    for &one in &people {
        for &other in &people {
            if one < other && rng.random_bool(often) {
                world.connections.insert(if rng.random() { (one, other) } else { (other, one) });
            }
            if one != other && rng.random_bool(0.15) {
                world.blocks.insert((one, other));
            }
        }
    }
    for _ in 0..rng.random_range(1..=3) {
        let owner = pick(&mut rng, &people);
        let entries = some_of(&mut rng, &people).into_iter().filter(|&person| person != owner).collect();
        world.lists.push(List { owner, entries });
    }
    world.chats.push(chat(&mut rng, &people));
    for _ in 0..rng.random_range(0..=2) {
        world.groups.push(group(&mut rng, &people));
    }
    for number in 0..rng.random_range(0..=2) {
        let page = page(&mut rng, &people, count + number);
        world.blocks.extend(people.iter().copied().filter(|_| rng.random_bool(0.2)).map(|one| (one, page.account)));
        world.pages.push(page);
    }
    for _ in 0..rng.random_range(1..=3) {
        let post = post(&mut rng, &world);
        world.posts.push(post);
    }
    talk(&mut StdRng::seed_from_u64(!seed), &mut world);
    world
}

/// Comments under the world's posts, from numbers of their own: the rest of a world stays what it is.
fn talk(rng: &mut StdRng, world: &mut World) {
    for post in &mut world.posts {
        post.comments_closed = rng.random_bool(0.3);
    }
    for _ in 0..rng.random_range(0..=2) {
        world.comments.push(Comment {
            post: rng.random_range(0..world.posts.len()),
            writer: pick(rng, &world.people),
            deleted: rng.random_bool(0.15),
            hidden: rng.random_bool(0.25),
        });
    }
}

/// Every world of an author (0) with two lists, a post and stories alike, and one other person (1).
pub fn all_of_two() -> Vec<World> {
    let mut worlds = Vec::new();
    for bits in 0..128_u32 {
        let bit = |number: u32| bits & (1 << number) != 0;
        let mut world = World { people: vec![0, 1], ..World::default() };
        world.connections.extend(bit(0).then_some((0, 1)));
        world.blocks.extend(bit(1).then_some((0, 1)));
        world.blocks.extend(bit(2).then_some((1, 0)));
        world.withdrawn.extend(bit(6).then_some(0));
        // Each pair of parts in running the server goes with some of the other bits: they have nothing to do with each other.
        world.operator = bit(0).then_some(usize::from(bit(1)));
        world.moderators = [2, 3].into_iter().filter(|&number| bit(number)).map(|number| number as usize - 2).collect();
        for number in [3, 4] {
            world.lists.push(List { owner: 0, entries: bit(number).then_some(1).into_iter().collect() });
        }
        for audience in all_audiences() {
            for part in 0..5 {
                let mut world = world.clone();
                world.chats.push(chat_with(part));
                let invite = Some(Invite { chat: 0, ends_with_post: bit(5) });
                for story in all_stories() {
                    world.posts.push(Post {
                        author: 0,
                        audience: audience.clone(),
                        deleted: bit(6),
                        story,
                        invite,
                        comments_closed: bit(5),
                    });
                }
                world.comments = all_comments();
                worlds.push(world);
            }
        }
        // Lists are nothing to a group's post.
        if !bit(3) && !bit(4) {
            worlds.extend(all_in_groups(&world, bit(5), bit(6)));
            worlds.extend(all_of_pages(&world, bit(5), bit(6)));
        }
    }
    worlds
}

/// The same world with a post of 0's in each kind of group, for every part that each of the two has in it.
fn all_in_groups(world: &World, ends_with_post: bool, deleted: bool) -> Vec<World> {
    let mut worlds = Vec::new();
    for kind in KINDS {
        for parts in 0..GROUP_PARTS * GROUP_PARTS {
            for pending in [false, true] {
                let mut world = world.clone();
                let mut group = empty_group(kind);
                put(&mut group, 0, parts % GROUP_PARTS);
                put(&mut group, 1, parts / GROUP_PARTS);
                world.groups.push(group);
                world.chats.push(chat_with(0));
                let invite = Some(Invite { chat: 0, ends_with_post });
                world.posts.push(Post {
                    author: 0,
                    audience: Audience::Group { group: 0, pending },
                    deleted,
                    story: None,
                    invite,
                    comments_closed: ends_with_post,
                });
                world.comments = all_comments();
                worlds.push(world);
            }
        }
    }
    worlds
}

/// Comments of each of the two under the first post: shown, hidden, deleted.
fn all_comments() -> Vec<Comment> {
    let comment = |writer, hidden, deleted| Comment { post: 0, writer, deleted, hidden };
    let of = |writer| [comment(writer, false, false), comment(writer, true, false), comment(writer, false, true)];
    [of(0), of(1)].concat()
}

/// The same world with a page that 1 blocks or does not, for every part that 1 has in its staff; its post and its stories.
fn all_of_pages(world: &World, ends_with_post: bool, deleted: bool) -> Vec<World> {
    let mut worlds = Vec::new();
    for part in 0..PAGE_PARTS {
        for parted in [None, Some((1, 2)), Some((2, 1))] {
            let mut world = world.clone();
            let mut page = Page { account: 2, ..Page::default() };
            put_on_staff(&mut page, 1, part);
            world.pages.push(page);
            world.blocks.extend(parted);
            world.chats.push(chat_with(0));
            let invite = Some(Invite { chat: 0, ends_with_post });
            for story in all_stories() {
                world.posts.push(Post {
                    author: 2,
                    audience: Audience::Page(0),
                    deleted,
                    story,
                    invite,
                    comments_closed: false,
                });
            }
            world.comments = all_comments();
            worlds.push(world);
        }
    }
    worlds
}

/// A post, and stories before their end, at it and after it, kept and not.
fn all_stories() -> Vec<Option<Story>> {
    let ends = [NOW + 1, NOW, NOW - 1];
    let stories = ends.into_iter().flat_map(|expires_at| [true, false].map(|kept| Some(Story { expires_at, kept })));
    std::iter::once(None).chain(stories).collect()
}

fn all_audiences() -> Vec<Audience> {
    vec![
        Audience::Public,
        Audience::Connections,
        Audience::Lists(vec![0]),
        Audience::Lists(vec![1]),
        Audience::Lists(vec![0, 1]),
        Audience::People(vec![]),
        Audience::People(vec![1]),
    ]
}

/// A chat that person 0 hosts and person 1 has the numbered part in.
fn chat_with(part: u32) -> Chat {
    let other = BTreeSet::from([1]);
    let mut chat = Chat { hosts: BTreeSet::from([0]), ..Chat::default() };
    match part {
        0 => {}
        1 => chat.hosts.extend(other),
        2 => chat.members = other,
        3 => chat.admitted = other,
        _ => chat.removed = other,
    }
    chat
}

fn chat(rng: &mut StdRng, people: &[Person]) -> Chat {
    let mut chat = Chat::default();
    for &person in people {
        let part = match rng.random_range(0..5) {
            0 => &mut chat.hosts,
            1 => &mut chat.members,
            2 => &mut chat.admitted,
            3 => &mut chat.removed,
            _ => continue,
        };
        part.insert(person);
    }
    chat
}

const KINDS: [GroupKind; 3] = [GroupKind::Open, GroupKind::Closed, GroupKind::Secret];

/// Parts somebody may have in a group: the five of [`put`], and none.
const GROUP_PARTS: u32 = 6;

const fn empty_group(kind: GroupKind) -> Group {
    Group {
        kind,
        owners: BTreeSet::new(),
        moderators: BTreeSet::new(),
        members: BTreeSet::new(),
        invited: BTreeSet::new(),
        banned: BTreeSet::new(),
    }
}

/// Gives somebody the numbered part.
fn put(group: &mut Group, person: Person, part: u32) {
    let part = match part {
        0 => &mut group.owners,
        1 => &mut group.moderators,
        2 => &mut group.members,
        3 => &mut group.invited,
        4 => &mut group.banned,
        _ => return,
    };
    part.insert(person);
}

fn group(rng: &mut StdRng, people: &[Person]) -> Group {
    let mut group = empty_group(KINDS[rng.random_range(0..KINDS.len())]);
    for &person in people {
        put(&mut group, person, rng.random_range(0..GROUP_PARTS));
    }
    group
}

/// Parts somebody may have in a page's staff: the four of [`put_on_staff`], and none.
const PAGE_PARTS: u32 = 5;

/// Gives somebody the numbered part.
fn put_on_staff(page: &mut Page, person: Person, part: u32) {
    let part = match part {
        0 => &mut page.admins,
        1 => &mut page.editors,
        2 => &mut page.community,
        3 => &mut page.analysts,
        _ => return,
    };
    part.insert(person);
}

fn page(rng: &mut StdRng, people: &[Person], account: Person) -> Page {
    let mut page = Page { account, ..Page::default() };
    for &person in people {
        put_on_staff(&mut page, person, rng.random_range(0..PAGE_PARTS));
    }
    page.followers = some_of(rng, people).into_iter().collect();
    page
}

fn post(rng: &mut StdRng, world: &World) -> Post {
    if !world.pages.is_empty() && rng.random_bool(0.2) {
        return page_post(rng, world);
    }
    let author = pick(rng, &world.people);
    let own_lists: Vec<usize> = (0..world.lists.len()).filter(|&number| world.lists[number].owner == author).collect();
    let audience = match rng.random_range(0..8) {
        5.. if !world.groups.is_empty() => {
            Audience::Group { group: rng.random_range(0..world.groups.len()), pending: rng.random_bool(0.3) }
        }
        0 => Audience::Public,
        1 => Audience::Connections,
        2 | 3 => Audience::Lists(some_of(rng, &own_lists)),
        _ => Audience::People(some_of(rng, &world.people)),
    };
    let invite = rng.random_bool(0.7).then(|| Invite { chat: 0, ends_with_post: rng.random() });
    // Groups have no stories.
    let may_be_story = !matches!(audience, Audience::Group { .. });
    let story = (may_be_story && rng.random_bool(0.5))
        .then(|| Story { expires_at: rng.random_range(NOW - 2..=NOW + 2), kept: rng.random() });
    Post { author, audience, deleted: rng.random_bool(0.2), story, invite, comments_closed: false }
}

fn page_post(rng: &mut StdRng, world: &World) -> Post {
    let page = rng.random_range(0..world.pages.len());
    Post {
        author: world.pages[page].account,
        audience: Audience::Page(page),
        deleted: rng.random_bool(0.2),
        story: rng
            .random_bool(0.5)
            .then(|| Story { expires_at: rng.random_range(NOW - 2..=NOW + 2), kept: rng.random() }),
        invite: rng.random_bool(0.7).then(|| Invite { chat: 0, ends_with_post: rng.random() }),
        comments_closed: false,
    }
}

fn pick(rng: &mut StdRng, from: &[Person]) -> Person {
    from[rng.random_range(0..from.len())]
}

fn some_of(rng: &mut StdRng, from: &[usize]) -> Vec<usize> {
    from.iter().copied().filter(|_| rng.random()).collect()
}
