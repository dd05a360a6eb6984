//! The feed's keys in random worlds, page after page, against a plain walk over all posts.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, ListId, PostId, TimeMs,
    group::{GroupKind, GroupRole},
    post::AudienceKind,
};
use doorpost_store::{
    Store, StoreError, Tx, group, hidden, list, mute, page,
    post::{
        self, PostRow, audience,
        feed::{self, FeedKey},
    },
};

use crate::{
    group::{group_id, new_group},
    harness::{accounts, on_both, read, tx, write},
    post::{connect, new_post},
};

on_both!(every_page_of_every_feed_is_as_a_plain_walk_has_it);

/// The first three read; then people who write, then pages.
const READERS: usize = 3;
const PEOPLE: usize = 6;
const ALL: usize = 12;
/// More lists, groups and pages than a page has room for, with the larger of its sizes fewer.
const LISTS: u8 = 9;
const GROUPS: u8 = 9;
const POSTS: u32 = 240;
const PAGE_SIZES: [i64; 4] = [1, 2, 5, 40];

/// A small generator of its own, so that a world is told by its seed (Marsaglia's xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a usize")
    }

    fn once_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

/// What the database holds, as plain sets.
#[derive(Clone, Default)]
struct World {
    ids: Vec<AccountId>,
    posts: Vec<Post>,
    in_list: BTreeSet<(usize, u8)>,
    in_group: BTreeSet<(usize, u8)>,
    follows: BTreeSet<(usize, usize)>,
    connected: BTreeSet<(usize, usize)>,
    mutes: BTreeSet<(usize, usize)>,
    hides: BTreeSet<(usize, PostId)>,
}

#[derive(Clone)]
struct Post {
    row: PostRow,
    author: usize,
    lists: Vec<u8>,
    named: Vec<usize>,
    group: u8,
    pending: bool,
}

fn list_id(number: u8) -> ListId {
    ListId::from_bytes([number; 16])
}

impl World {
    fn new(ids: Vec<AccountId>, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut world = Self { ids, ..Self::default() };
        for reader in 0..READERS {
            world.in_list.extend((0..LISTS).filter(|_| !dice.once_in(4)).map(|list| (reader, list)));
            world.in_group.extend((0..GROUPS).filter(|_| !dice.once_in(4)).map(|group| (reader, group)));
            world.follows.extend((PEOPLE..ALL).filter(|_| !dice.once_in(4)).map(|page| (reader, page)));
            world.connected.extend((READERS..PEOPLE).filter(|_| dice.once_in(2)).map(|other| (reader, other)));
            world.mutes.extend((READERS..ALL).filter(|_| dice.once_in(4)).map(|other| (reader, other)));
        }
        world.posts = (1..=POSTS).map(|number| world.post(&mut dice, number)).collect();
        for post in &world.posts {
            let hiding = (0..READERS).filter(|_| dice.once_in(8));
            world.hides.extend(hiding.map(|reader| (reader, post.row.post_id)));
        }
        world
    }

    /// Now and then some in one millisecond; lists, groups and pages that have none for long, and some that have many.
    fn post(&self, dice: &mut Dice, number: u32) -> Post {
        use AudienceKind::{Connections, Group, Lists, Page, People, Public};
        let kind = [Public, Connections, Lists, Lists, People, Group, Group, Page, Page][dice.below(9)];
        let author = match kind {
            Page => PEOPLE + dice.below(ALL - PEOPLE),
            _ => dice.below(PEOPLE),
        };
        let mut row = new_post(number, self.ids[author], kind);
        row.created_at = TimeMs(i64::from(number - u32::from(dice.once_in(3))));
        let few = 1 + dice.below(3);
        let lists = (0..LISTS).filter(|_| kind == Lists && dice.below(9) < few).collect();
        let named = (0..READERS).filter(|_| kind == People && dice.once_in(2)).collect();
        let group = dice.below(usize::from(GROUPS)).min(dice.below(usize::from(GROUPS)));
        let group = u8::try_from(group).expect("few groups");
        Post { row, author, lists, named, group, pending: dice.once_in(5) }
    }

    fn is_for(&self, reader: usize, post: &Post) -> bool {
        if self.hides.contains(&(reader, post.row.post_id)) {
            return false;
        }
        let wanted = !self.mutes.contains(&(reader, post.author));
        let own = post.author == reader;
        match post.row.audience {
            AudienceKind::Public => own || wanted,
            AudienceKind::Connections => own || (wanted && self.connected.contains(&(reader, post.author))),
            AudienceKind::Lists => {
                own || (wanted && post.lists.iter().any(|&list| self.in_list.contains(&(reader, list))))
            }
            AudienceKind::People => own || (wanted && post.named.contains(&reader)),
            AudienceKind::Group => wanted && !post.pending && self.in_group.contains(&(reader, post.group)),
            AudienceKind::Page => wanted && self.follows.contains(&(reader, post.author)),
        }
    }

    fn feed_of(&self, reader: usize) -> Vec<FeedKey> {
        let mine = self.posts.iter().filter(|post| self.is_for(reader, post));
        let mut keys: Vec<FeedKey> =
            mine.map(|post| FeedKey { created_at: post.row.created_at, post_id: post.row.post_id }).collect();
        keys.sort_unstable_by(|a, b| b.cmp(a));
        keys
    }

    async fn insert(&self, tx: &mut Tx) -> Result<(), StoreError> {
        for number in 0..LISTS {
            let members =
                (0..READERS).filter(|&reader| self.in_list.contains(&(reader, number))).map(|reader| self.ids[reader]);
            let name = format!("List {number}");
            list::insert(tx, list_id(number), self.ids[READERS], &name, TimeMs(1)).await?;
            list::add(tx, list_id(number), &members.collect::<Vec<_>>(), TimeMs(1)).await?;
        }
        for number in 0..GROUPS {
            group::insert(tx, &new_group(number, GroupKind::Closed)).await?;
        }
        for &(reader, number) in &self.in_group {
            group::member::insert(tx, group_id(number), self.ids[reader], GroupRole::Member, TimeMs(1)).await?;
        }
        for page in PEOPLE..ALL {
            page::insert(tx, self.ids[page], false, TimeMs(1)).await?;
        }
        for &(reader, page) in &self.follows {
            page::follow(tx, self.ids[page], self.ids[reader], TimeMs(1)).await?;
        }
        for &(reader, other) in &self.mutes {
            mute::insert(tx, self.ids[reader], self.ids[other], TimeMs(1)).await?;
        }
        for Post { row, lists, named, group, pending, .. } in &self.posts {
            post::insert(tx, row).await?;
            let lists: Vec<_> = lists.iter().map(|&list| list_id(list)).collect();
            audience::add_lists(tx, row.post_id, row.created_at, &lists).await?;
            let named: Vec<_> = named.iter().map(|&person| self.ids[person]).collect();
            audience::add_people(tx, row.post_id, row.created_at, &named).await?;
            if row.audience == AudienceKind::Group {
                group::post::insert(tx, row.post_id, group_id(*group), row.created_at, *pending).await?;
            }
        }
        for &(reader, post) in &self.hides {
            hidden::hide_post(tx, self.ids[reader], post, TimeMs(1)).await?;
        }
        Ok(())
    }
}

async fn walk(store: &Store, reader: AccountId, size: i64) -> Vec<FeedKey> {
    let (mut seen, mut before) = (Vec::new(), FeedKey::START);
    loop {
        let page = read(store, tx!(tx => feed::recent_keys(tx, reader, before, size).await)).await;
        seen.extend_from_slice(&page);
        // A page that is not full is the last: nothing may come after it.
        if i64::try_from(page.len()).expect("few") < size {
            return seen;
        }
        before = *page.last().expect("a full page has a last post");
    }
}

async fn every_page_of_every_feed_is_as_a_plain_walk_has_it(store: Store) {
    let ids = accounts(&store, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).await.to_vec();
    let world = World::new(ids, 0x9E37_79B9_7F4A_7C15);
    for &(reader, other) in &world.connected {
        connect(&store, world.ids[reader], world.ids[other]).await;
    }
    let inserted = world.clone();
    write(&store, tx!(tx => inserted.insert(tx).await)).await;
    for reader in 0..READERS {
        let expected = world.feed_of(reader);
        assert!(expected.len() > 60, "reader {reader} has {} posts", expected.len());
        for size in PAGE_SIZES {
            assert_eq!(walk(&store, world.ids[reader], size).await, expected, "reader {reader}, pages of {size}");
        }
    }
}
