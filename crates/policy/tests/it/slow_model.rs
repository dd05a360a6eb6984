//! The product's words about visibility, taken literally over a whole small world.
//!
//! Written without the gate: sets of people, and sentences about them. Slow and plain on purpose.

#[path = "slow_comments.rs"]
mod comments;
#[path = "slow_pages.rs"]
mod pages;
#[path = "slow_server.rs"]
mod server;

use std::collections::BTreeSet;

pub use comments::Comment;
pub use pages::Page;

/// The hour at which every world is looked at.
pub const NOW: i64 = 100;

/// A person's number in a world.
pub type Person = usize;

/// Everything there is on a small server.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub people: Vec<Person>,
    /// Pairs that accepted each other, in either order.
    pub connections: BTreeSet<(Person, Person)>,
    /// Who blocks whom.
    pub blocks: BTreeSet<(Person, Person)>,
    /// Who does not wish to be found by strangers.
    pub withdrawn: BTreeSet<Person>,
    /// Who runs the server.
    pub operator: Option<Person>,
    /// Whom the operator named.
    pub moderators: BTreeSet<Person>,
    pub lists: Vec<List>,
    pub chats: Vec<Chat>,
    pub groups: Vec<Group>,
    pub pages: Vec<Page>,
    pub posts: Vec<Post>,
    pub comments: Vec<Comment>,
}

#[derive(Clone, Debug)]
pub struct List {
    pub owner: Person,
    /// As written down; who is no connection of the owner any more does not count.
    pub entries: BTreeSet<Person>,
}

#[derive(Clone, Debug, Default)]
pub struct Chat {
    pub hosts: BTreeSet<Person>,
    /// In the chat without being host.
    pub members: BTreeSet<Person>,
    pub admitted: BTreeSet<Person>,
    pub removed: BTreeSet<Person>,
}

/// A community. Nobody has two parts in it.
#[derive(Clone, Debug)]
pub struct Group {
    pub kind: GroupKind,
    pub owners: BTreeSet<Person>,
    /// Moderators who are no owners.
    pub moderators: BTreeSet<Person>,
    /// In without being either.
    pub members: BTreeSet<Person>,
    pub invited: BTreeSet<Person>,
    pub banned: BTreeSet<Person>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    Open,
    Closed,
    Secret,
}

#[derive(Clone, Debug)]
pub struct Post {
    pub author: Person,
    pub audience: Audience,
    pub deleted: bool,
    /// Where it is a story.
    pub story: Option<Story>,
    /// The post's invite, where it is a chat post.
    pub invite: Option<Invite>,
    /// Its author takes no more comments.
    pub comments_closed: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Story {
    /// Hours after the world began.
    pub expires_at: i64,
    /// Its author keeps it among the highlights.
    pub kept: bool,
}

#[derive(Clone, Debug)]
pub enum Audience {
    Public,
    Connections,
    /// Numbers in [`World::lists`].
    Lists(Vec<usize>),
    People(Vec<Person>),
    Group {
        /// Number in [`World::groups`].
        group: usize,
        /// Waits for a moderator.
        pending: bool,
    },
    /// A number in [`World::pages`]; the author is that page's account.
    Page(usize),
}

#[derive(Clone, Copy, Debug)]
pub struct Invite {
    /// Number in [`World::chats`].
    pub chat: usize,
    pub ends_with_post: bool,
}

/// What the product says somebody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// They know of it, and it is not theirs to do.
    No,
    /// As if it had never been.
    NothingThere,
}

impl World {
    /// "Two accounts that accepted each other."
    fn connections_of(&self, person: Person) -> BTreeSet<Person> {
        let mut others = BTreeSet::new();
        for &(one, other) in &self.connections {
            if one == person {
                others.insert(other);
            }
            if other == person {
                others.insert(one);
            }
        }
        others
    }

    /// "Block beats everything, both ways": everybody who blocks the person or is blocked by them.
    fn parted_from(&self, person: Person) -> BTreeSet<Person> {
        let mut others = BTreeSet::new();
        for &(blocker, blocked) in &self.blocks {
            if blocker == person {
                others.insert(blocked);
            }
            if blocked == person {
                others.insert(blocker);
            }
        }
        others
    }

    /// "An account's named set of connections."
    fn people_in(&self, list: &List) -> BTreeSet<Person> {
        list.entries.intersection(&self.connections_of(list.owner)).copied().collect()
    }

    /// Everybody an audience stands for, with the author, without those a block parts from the author.
    pub fn audience_of(&self, post: &Post) -> BTreeSet<Person> {
        if let Audience::Group { group, pending } = post.audience {
            return self.audience_in_group(post.author, &self.groups[group], pending);
        }
        let mut addressed: BTreeSet<Person> = match &post.audience {
            Audience::Public | Audience::Page(_) => self.people.iter().copied().collect(),
            Audience::Connections => self.connections_of(post.author),
            Audience::Lists(lists) => lists.iter().flat_map(|&number| self.people_in(&self.lists[number])).collect(),
            Audience::People(named) => named.iter().copied().collect(),
            Audience::Group { .. } => BTreeSet::new(),
        };
        for other in self.parted_from(post.author) {
            addressed.remove(&other);
        }
        addressed.extend(self.authors_of(post));
        addressed
    }

    /// Whose post it is: its author's, or, where a page speaks, its whole staff's.
    fn authors_of(&self, post: &Post) -> BTreeSet<Person> {
        match post.audience {
            Audience::Page(page) => self.pages[page].staff(),
            _ => BTreeSet::from([post.author]),
        }
    }

    /// Those who change and delete it.
    fn speakers_of(&self, post: &Post) -> BTreeSet<Person> {
        match post.audience {
            Audience::Page(page) => self.pages[page].speakers(),
            _ => BTreeSet::from([post.author]),
        }
    }

    /// Whether it is a story in its hours.
    fn is_live(post: &Post) -> bool {
        post.story.is_some_and(|story| NOW < story.expires_at)
    }

    /// "Gone after 24 hours for everybody but the author", unless it is kept.
    fn is_over(post: &Post) -> bool {
        post.story.is_some_and(|story| NOW >= story.expires_at && !story.kept)
    }

    /// "An open group is read by everybody, a closed or secret one by members. A post's author who left or was banned
    /// does not see it any more unless the group is open." Blocks part two in a group as everywhere.
    fn audience_in_group(&self, author: Person, group: &Group, pending: bool) -> BTreeSet<Person> {
        let mut readers = self.readers_of_group(group);
        if pending {
            let moderators = group.those_who_moderate();
            readers.retain(|reader| *reader == author || moderators.contains(reader));
        }
        for other in self.parted_from(author) {
            readers.remove(&other);
        }
        readers
    }

    fn readers_of_group(&self, group: &Group) -> BTreeSet<Person> {
        if group.kind == GroupKind::Open { self.people.iter().copied().collect() } else { group.those_in() }
    }

    /// Everybody who may know that a group exists.
    fn those_who_know_of(&self, group: &Group) -> BTreeSet<Person> {
        if group.kind == GroupKind::Secret {
            group.those_in().union(&group.invited).copied().collect()
        } else {
            self.people.iter().copied().collect()
        }
    }

    /// The answer about a group: nothing to those who may not know of it.
    fn in_group(&self, person: Person, group: &Group, may: bool) -> Answer {
        match (self.those_who_know_of(group).contains(&person), may) {
            (false, _) => Answer::NothingThere,
            (true, true) => Answer::Yes,
            (true, false) => Answer::No,
        }
    }

    pub fn sees_group(&self, person: Person, group: &Group) -> Answer {
        self.in_group(person, group, true)
    }

    pub fn reads_group(&self, person: Person, group: &Group) -> Answer {
        self.in_group(person, group, self.readers_of_group(group).contains(&person))
    }

    /// Members see each other, but for those a block parts; whoever moderates sees all.
    pub fn sees_member(&self, person: Person, other: Person, group: &Group) -> Answer {
        let is_parted = person != other && self.parted_from(person).contains(&other);
        let sees = group.those_in().contains(&person) && !is_parted || group.those_who_moderate().contains(&person);
        self.in_group(person, group, sees)
    }

    pub fn posts_in(&self, person: Person, group: &Group) -> Answer {
        self.in_group(person, group, group.those_in().contains(&person))
    }

    /// Coming in, or asking to: everybody who knows of it and was not banned.
    pub fn may_join_group(&self, person: Person, group: &Group) -> Answer {
        self.in_group(person, group, !group.banned.contains(&person))
    }

    /// Members of an open group invite; into others moderators do.
    pub fn invites_to_group(&self, person: Person, group: &Group) -> Answer {
        let who = if group.kind == GroupKind::Open { group.those_in() } else { group.those_who_moderate() };
        self.in_group(person, group, who.contains(&person))
    }

    pub fn moderates_group(&self, person: Person, group: &Group) -> Answer {
        self.in_group(person, group, group.those_who_moderate().contains(&person))
    }

    pub fn owns_group(&self, person: Person, group: &Group) -> Answer {
        self.in_group(person, group, group.owners.contains(&person))
    }

    fn group_of(&self, post: &Post) -> Option<&Group> {
        match post.audience {
            Audience::Group { group, .. } => Some(&self.groups[group]),
            _ => None,
        }
    }

    fn moderates_post(&self, person: Person, post: &Post) -> bool {
        self.group_of(post).is_some_and(|group| group.those_who_moderate().contains(&person))
    }

    /// Everybody who may read a post. A deleted post is nobody's, and a story that is over its author's alone.
    pub fn readers_of(&self, post: &Post) -> BTreeSet<Person> {
        match (post.deleted, Self::is_over(post)) {
            (true, _) => BTreeSet::new(),
            (false, true) => self.authors_of(post),
            (false, false) => self.audience_of(post),
        }
    }

    /// Everybody who may see a post's invite: its audience, as long as the invite lives. It dies with
    /// its post where its terms say so; otherwise its link lives on.
    pub fn invited_by(&self, post: &Post) -> BTreeSet<Person> {
        match post.invite {
            None => BTreeSet::new(),
            Some(invite) if invite.ends_with_post => self.readers_of(post),
            Some(_) => self.audience_of(post),
        }
    }

    /// "Reading, being told, counting."
    pub fn reads(&self, person: Person, post: &Post) -> Answer {
        if self.readers_of(post).contains(&person) { Answer::Yes } else { Answer::NothingThere }
    }

    /// Changing it: its author, in a group as long as they are in it.
    pub fn edits_post(&self, person: Person, post: &Post) -> Answer {
        let has_left = self.group_of(post).is_some_and(|group| !group.those_in().contains(&person));
        match self.rules_post(person, post) {
            Answer::Yes if has_left => Answer::No,
            other => other,
        }
    }

    /// Its author, and in a group "a moderator may delete any post", whoever blocks whom.
    pub fn deletes_post(&self, person: Person, post: &Post) -> Answer {
        if !post.deleted && self.moderates_post(person, post) { Answer::Yes } else { self.rules_post(person, post) }
    }

    /// Letting it through and pinning it.
    pub fn settles_post(&self, person: Person, post: &Post) -> Answer {
        match self.reads(person, post) {
            Answer::Yes if self.moderates_post(person, post) => Answer::Yes,
            Answer::Yes => Answer::No,
            other => other,
        }
    }

    /// What only the author does with a post: see its audience in full.
    pub fn rules_post(&self, person: Person, post: &Post) -> Answer {
        match self.reads(person, post) {
            Answer::Yes if self.speakers_of(post).contains(&person) => Answer::Yes,
            Answer::Yes => Answer::No,
            other => other,
        }
    }

    /// Leaving a trace on a story: whoever else sees it, in its hours.
    pub fn answers_story(&self, person: Person, post: &Post) -> Answer {
        match (post.story, self.reads(person, post)) {
            (None, _) => Answer::NothingThere,
            (Some(_), Answer::Yes) if self.speakers_of(post).contains(&person) || !Self::is_live(post) => Answer::No,
            (Some(_), answer) => answer,
        }
    }

    /// "A viewer list for the author alone."
    pub fn tends_story(&self, person: Person, post: &Post) -> Answer {
        let Audience::Page(page) = post.audience else {
            return if post.story.is_some() { self.rules_post(person, post) } else { Answer::NothingThere };
        };
        match (post.story, self.reads(person, post)) {
            (None, _) => Answer::NothingThere,
            (Some(_), Answer::Yes) => self.sees_numbers(person, &self.pages[page]),
            (Some(_), other) => other,
        }
    }

    /// Reading all answers and showing some: the author, of a page whoever looks after those who write, or speaks.
    pub fn tends_question(&self, person: Person, post: &Post) -> Answer {
        let Audience::Page(page) = post.audience else { return self.rules_post(person, post) };
        let page = &self.pages[page];
        match self.reads(person, post) {
            Answer::Yes if page.speakers().contains(&person) || page.community.contains(&person) => Answer::Yes,
            Answer::Yes => Answer::No,
            other => other,
        }
    }

    /// Answering a question: whoever else reads it, of a story in its hours, in a group its members.
    pub fn answers_question(&self, person: Person, post: &Post) -> Answer {
        let is_outside = self.group_of(post).is_some_and(|group| !group.those_in().contains(&person));
        let is_over = post.story.is_some() && !Self::is_live(post);
        match self.reads(person, post) {
            Answer::Yes if self.speakers_of(post).contains(&person) || is_outside || is_over => Answer::No,
            answer => answer,
        }
    }

    /// Highlights are changed by whose they are.
    pub fn edits_highlight(&self, person: Person, owner: Person) -> Answer {
        if person == owner { Answer::Yes } else { Answer::NothingThere }
    }

    pub fn sees_invite(&self, person: Person, post: &Post) -> Answer {
        if self.invited_by(post).contains(&person) { Answer::Yes } else { Answer::NothingThere }
    }

    /// "Closing takes effect at once": the author's word, as long as there is an invite to close.
    pub fn closes_invite(&self, person: Person, post: &Post) -> Answer {
        match self.sees_invite(person, post) {
            Answer::Yes if self.speakers_of(post).contains(&person) => Answer::Yes,
            Answer::Yes => Answer::No,
            other => other,
        }
    }

    /// Taking the door and asking to come in: everybody invited, but for those a host took out; of a group's readers
    /// its members.
    pub fn may_ask_in(&self, person: Person, post: &Post) -> Answer {
        let answer = self.sees_invite(person, post);
        let Some(invite) = post.invite else { return answer };
        let is_outside = self.group_of(post).is_some_and(|group| !group.those_in().contains(&person));
        if answer == Answer::Yes && (is_outside || self.chats[invite.chat].removed.contains(&person)) {
            return Answer::No;
        }
        answer
    }

    /// Seeing, reading and writing: everybody who is in. "Admitted is not joined, and has no rights
    /// in the chat until joined."
    pub fn is_in(&self, person: Person, chat: &Chat) -> Answer {
        if chat.hosts.union(&chat.members).any(|&inside| inside == person) { Answer::Yes } else { Answer::NothingThere }
    }

    /// The way in: those who are in, and those on their way.
    pub fn takes_group_info(&self, person: Person, chat: &Chat) -> Answer {
        if chat.admitted.contains(&person) { Answer::Yes } else { self.is_in(person, chat) }
    }

    /// "Host: a member with the right to admit, remove and change the chat's policy."
    pub fn hosts(&self, person: Person, chat: &Chat) -> Answer {
        match self.is_in(person, chat) {
            Answer::Yes if chat.hosts.contains(&person) => Answer::Yes,
            Answer::Yes => Answer::No,
            other => other,
        }
    }

    /// Whether somebody learns that an account exists.
    pub fn meets(&self, person: Person, other: Person) -> Answer {
        if person != other && self.parted_from(person).contains(&other) { Answer::NothingThere } else { Answer::Yes }
    }

    /// "Off for those who wish": a search or a suggestion brings up connections, and others who let it.
    pub fn comes_upon(&self, person: Person, other: Person) -> Answer {
        let is_shown = self.connections_of(person).contains(&other) || !self.withdrawn.contains(&other);
        if person != other && is_shown && self.meets(person, other) == Answer::Yes {
            Answer::Yes
        } else {
            Answer::NothingThere
        }
    }

    /// "Which of your own connections are in (never anyone else's)."
    pub fn sees_face(&self, person: Person, other: Person) -> Answer {
        let own = self.connections_of(person).contains(&other);
        if own && person != other && self.meets(person, other) == Answer::Yes {
            Answer::Yes
        } else {
            Answer::NothingThere
        }
    }

    fn runs_server(&self, person: Person) -> bool {
        self.operator == Some(person)
    }

    fn helps_run_server(&self, person: Person) -> bool {
        self.runs_server(person) || self.moderators.contains(&person)
    }

    /// A photo is its uploader's alone until it is in a post.
    pub fn uses_upload(&self, person: Person, owner: Person) -> Answer {
        if person == owner { Answer::Yes } else { Answer::NothingThere }
    }

    /// "Known to the owner alone."
    pub fn uses_list(&self, person: Person, list: &List) -> Answer {
        if person == list.owner { Answer::Yes } else { Answer::NothingThere }
    }
}

impl Group {
    fn those_who_moderate(&self) -> BTreeSet<Person> {
        self.owners.union(&self.moderators).copied().collect()
    }

    pub fn those_in(&self) -> BTreeSet<Person> {
        self.those_who_moderate().union(&self.members).copied().collect()
    }
}
