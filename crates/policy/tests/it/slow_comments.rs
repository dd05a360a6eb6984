//! What the product says about comments and reactions.

use std::collections::BTreeSet;

use super::{Answer, Person, Post, World};

#[derive(Clone, Copy, Debug)]
pub struct Comment {
    /// Number in [`World::posts`].
    pub post: usize,
    pub writer: Person,
    pub deleted: bool,
    /// Has a word that the post's author hides.
    pub hidden: bool,
}

impl World {
    /// Who only reads a group's post, without being in the group.
    fn is_outside_of(&self, person: Person, post: &Post) -> bool {
        self.group_of(post).is_some_and(|group| !group.those_in().contains(&person))
    }

    /// Commenting: "in an open group members alone", and nobody where the author closed it. Stories have no comments.
    pub fn comments_on(&self, person: Person, post: &Post) -> Answer {
        match self.reads(person, post) {
            Answer::Yes if post.story.is_some() => Answer::NothingThere,
            Answer::Yes if post.comments_closed || self.is_outside_of(person, post) => Answer::No,
            answer => answer,
        }
    }

    pub fn reacts_to_post(&self, person: Person, post: &Post) -> Answer {
        match self.reads(person, post) {
            Answer::Yes if post.story.is_some() => Answer::NothingThere,
            Answer::Yes if self.is_outside_of(person, post) => Answer::No,
            answer => answer,
        }
    }

    /// Everybody who reads a comment: the post's readers, without those a block parts from who wrote it; of one with a
    /// hidden word its writer and whoever looks after the post.
    fn readers_of_comment(&self, comment: &Comment) -> BTreeSet<Person> {
        let post = &self.posts[comment.post];
        if comment.deleted || post.story.is_some() {
            return BTreeSet::new();
        }
        let mut readers = self.readers_of(post);
        for other in self.parted_from(comment.writer) {
            if other != comment.writer {
                readers.remove(&other);
            }
        }
        if comment.hidden {
            readers.retain(|&reader| reader == comment.writer || self.tends_question(reader, post) == Answer::Yes);
        }
        readers
    }

    pub fn reads_comment(&self, person: Person, comment: &Comment) -> Answer {
        if self.readers_of_comment(comment).contains(&person) { Answer::Yes } else { Answer::NothingThere }
    }

    pub fn reacts_to_comment(&self, person: Person, comment: &Comment) -> Answer {
        match self.reads_comment(person, comment) {
            Answer::Yes if self.is_outside_of(person, &self.posts[comment.post]) => Answer::No,
            answer => answer,
        }
    }

    /// "Own"; in a group as long as one is in it.
    pub fn edits_comment(&self, person: Person, comment: &Comment) -> Answer {
        match self.reads_comment(person, comment) {
            Answer::Yes if person != comment.writer || self.is_outside_of(person, &self.posts[comment.post]) => {
                Answer::No
            }
            answer => answer,
        }
    }

    /// "Own, whether or not they still see the post; or the post's author's moderation; or, in groups, moderators'", and these
    /// two whoever blocks whom.
    pub fn deletes_comment(&self, person: Person, comment: &Comment) -> Answer {
        let post = &self.posts[comment.post];
        let is_there = !comment.deleted && !post.deleted && post.story.is_none();
        let rules = self.tends_question(person, post) == Answer::Yes || self.moderates_post(person, post);
        if is_there && (rules || person == comment.writer) {
            return Answer::Yes;
        }
        match self.reads_comment(person, comment) {
            Answer::Yes => Answer::No,
            answer => answer,
        }
    }
}
