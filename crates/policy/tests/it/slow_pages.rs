//! What the product says about pages.

use std::collections::BTreeSet;

use super::{Answer, Person, World};

/// A page: an account of its own, and the people of its staff. Nobody has two parts in it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The page's own account, which is nobody's.
    pub account: Person,
    pub admins: BTreeSet<Person>,
    pub editors: BTreeSet<Person>,
    pub community: BTreeSet<Person>,
    pub analysts: BTreeSet<Person>,
    /// Those who have its posts in their feeds.
    pub followers: BTreeSet<Person>,
}

impl World {
    /// "Hidden from those whom the page blocks or who block it", never from its staff.
    fn in_page(&self, person: Person, page: &Page, may: bool) -> Answer {
        let is_parted = self.parted_from(page.account).contains(&person);
        match (is_parted && !page.staff().contains(&person), may) {
            (true, _) => Answer::NothingThere,
            (false, true) => Answer::Yes,
            (false, false) => Answer::No,
        }
    }

    pub fn sees_page(&self, person: Person, page: &Page) -> Answer {
        self.in_page(person, page, true)
    }

    pub fn speaks_as(&self, person: Person, page: &Page) -> Answer {
        self.in_page(person, page, page.speakers().contains(&person))
    }

    /// "Whoever may publish as the page has its archive", and who counts has the numbers alone.
    pub fn sees_archive(&self, person: Person, page: &Page) -> Answer {
        self.in_page(person, page, page.speakers().contains(&person))
    }

    pub fn sees_staff(&self, person: Person, page: &Page) -> Answer {
        self.in_page(person, page, page.staff().contains(&person))
    }

    pub fn sees_numbers(&self, person: Person, page: &Page) -> Answer {
        let counts = page.speakers().contains(&person) || page.analysts.contains(&person);
        self.in_page(person, page, counts)
    }

    pub fn owns_page(&self, person: Person, page: &Page) -> Answer {
        self.in_page(person, page, page.admins.contains(&person))
    }
}

impl Page {
    pub(super) fn speakers(&self) -> BTreeSet<Person> {
        self.admins.union(&self.editors).copied().collect()
    }

    pub fn staff(&self) -> BTreeSet<Person> {
        self.speakers().into_iter().chain(self.community.clone()).chain(self.analysts.clone()).collect()
    }
}
