//! What the product says about the server's own people.

use super::{Answer, Person, World};

impl World {
    /// "For those with the role only."
    pub fn moderates_server(&self, person: Person) -> Answer {
        if self.helps_run_server(person) { Answer::Yes } else { Answer::No }
    }

    pub fn operates_server(&self, person: Person) -> Answer {
        if self.runs_server(person) { Answer::Yes } else { Answer::No }
    }

    /// Reports about somebody: for the server's people, and "not about themselves"; the operator reads what there is.
    pub fn sees_case(&self, person: Person, subject: Person) -> Answer {
        let concerned = person == subject && !self.runs_server(person);
        if self.helps_run_server(person) && !concerned { Answer::Yes } else { Answer::NothingThere }
    }

    /// "Moderators cannot act on operators."
    pub fn judges_case(&self, person: Person, subject: Person) -> Answer {
        match self.sees_case(person, subject) {
            Answer::Yes if self.runs_server(subject) && !self.runs_server(person) => Answer::No,
            other => other,
        }
    }
}
