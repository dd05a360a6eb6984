//! Every way a small world can go: people who ask, hosts who decide, time and closing, in every order.

use std::collections::{HashSet, VecDeque};

use doorpost_model::invite::{
    Admission,
    RequestState::{self, Admitted, Declined, Expired, Joined, Requested, Withdrawn},
};
use doorpost_policy::{
    admission::{Event, Facts, Refusal, SeatChange, UNDER_WAY, is_under_way, next, seat_change},
    terms::Standing,
};

const STATES: [RequestState; 6] = [Requested, Admitted, Joined, Declined, Withdrawn, Expired];

fn all_facts() -> Vec<Facts> {
    let mut all = Vec::new();
    for bits in 0..32_u8 {
        let bit = |place: u8| bits & (1 << place) != 0;
        for admission in [Admission::Open, Admission::Approval] {
            for standing in [Standing::Open, Standing::Full, Standing::Expired, Standing::Closed] {
                all.push(Facts {
                    admission,
                    standing,
                    may_join: bit(0),
                    is_member: bit(1),
                    approved: bit(2),
                    same_ticket: bit(3),
                    is_there: bit(4),
                });
            }
        }
    }
    all
}

/// Somebody in the world: at most one request counts, and they are in the chat or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
struct Person {
    request: Option<RequestState>,
    approved: bool,
    is_in: bool,
    is_removed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    people: Vec<Person>,
    admission: Admission,
    seats: u8,
    taken: u8,
    is_over: bool,
}

/// What somebody does, beside what happens to a request by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Request(Event),
    AskWithAnotherTicket,
    TimeUpWhileThere,
    Leave,
}

impl Act {
    fn all() -> Vec<Self> {
        let happening = Event::ALL.into_iter().filter(|event| *event != Event::InviteOver).map(Self::Request);
        happening.chain([Self::AskWithAnotherTicket, Self::TimeUpWhileThere, Self::Leave]).collect()
    }
}

impl World {
    fn new(people: usize, seats: u8, admission: Admission) -> Self {
        Self { people: vec![Person::default(); people], admission, seats, taken: 0, is_over: false }
    }

    fn facts(&self, who: usize) -> Facts {
        let person = self.people[who];
        let standing = match self.is_over {
            true => Standing::Closed,
            false if self.taken >= self.seats => Standing::Full,
            false => Standing::Open,
        };
        Facts {
            admission: self.admission,
            standing,
            may_join: !person.is_removed,
            is_member: person.is_in,
            approved: person.approved,
            ..Facts::default()
        }
    }

    /// The event happens to one person's request; what it may not do, it does not.
    fn happen(&mut self, who: usize, event: Event, facts: &Facts) -> Result<RequestState, Refusal> {
        let from = self.people[who].request;
        let to = next(from, event, facts)?;
        match seat_change(from, to) {
            SeatChange::Take => self.taken += 1,
            SeatChange::GiveBack => self.taken -= 1,
            SeatChange::None => {}
        }
        let person = &mut self.people[who];
        person.request = Some(to);
        let keeps_approval = person.approved && from == Some(Admitted);
        person.approved = to == Admitted && (event == Event::Approve || keeps_approval);
        person.is_in |= event == Event::ComeIn;
        Ok(to)
    }

    fn act(&mut self, who: usize, act: Act) {
        let mut facts = self.facts(who);
        let event = match act {
            Act::Leave => return self.go_out(who),
            Act::Request(Event::Remove) if !self.people[who].is_in => return,
            Act::Request(event) => event,
            Act::AskWithAnotherTicket => {
                facts.same_ticket = false;
                Event::Ask
            }
            Act::TimeUpWhileThere => {
                facts.is_there = true;
                Event::TimeUp
            }
        };
        if event == Event::Remove {
            self.go_out(who);
            self.people[who].is_removed = true;
        }
        // What may not happen leaves the world as it is.
        let before = self.clone();
        if self.happen(who, event, &facts).is_err() {
            assert_eq!(*self, before);
        }
    }

    fn go_out(&mut self, who: usize) {
        if std::mem::take(&mut self.people[who].is_in) {
            self.taken -= 1;
        }
    }

    fn end_invite(&mut self) {
        self.is_over = true;
        for who in 0..self.people.len() {
            let facts = self.facts(who);
            // Who never asked has nothing to lose.
            let _ = self.happen(who, Event::InviteOver, &facts);
        }
    }

    fn successors(&self) -> Vec<Self> {
        let mut worlds = Vec::new();
        for who in 0..self.people.len() {
            for act in Act::all() {
                let mut world = self.clone();
                world.act(who, act);
                worlds.push(world);
            }
        }
        let mut over = self.clone();
        over.end_invite();
        worlds.push(over);
        worlds
    }

    fn check(&self) {
        let holding = |person: &&Person| person.request == Some(Admitted) || person.is_in;
        let held = self.people.iter().filter(holding).count();
        assert_eq!(usize::from(self.taken), held, "a seat for everybody who is in or admitted: {self:?}");
        assert!(self.taken <= self.seats, "never over seats: {self:?}");
        for (who, person) in self.people.iter().enumerate() {
            assert!(!(self.is_over && person.request.is_some_and(is_under_way)), "nothing waits at an end: {self:?}");
            if let Some(state) = person.request.filter(|state| is_under_way(*state)) {
                self.check_way_out(who, state);
            }
        }
    }

    /// Whoever waits can be let in, turned away, and go, each by one act; and nothing waits for ever.
    fn check_way_out(&self, who: usize, state: RequestState) {
        let facts = self.facts(who);
        for (event, to) in [
            (Event::Withdraw, Withdrawn),
            (Event::Decline, Declined),
            (Event::TimeUp, Expired),
            (Event::InviteOver, Expired),
        ] {
            assert_eq!(next(Some(state), event, &facts), Ok(to), "{event:?} of {self:?}");
        }
        match state {
            Admitted => assert_eq!(next(Some(state), Event::ComeIn, &facts), Ok(Joined)),
            _ if self.taken < self.seats && !self.people[who].is_removed => {
                // One approval is enough.
                let mut world = self.clone();
                assert_eq!(world.happen(who, Event::Approve, &facts), Ok(Admitted));
                let facts = world.facts(who);
                assert_eq!(world.happen(who, Event::ComeIn, &facts), Ok(Joined));
            }
            _ => {}
        }
    }
}

/// All worlds that can come to be; each is checked.
fn explore(start: World) -> usize {
    let mut seen = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([start]);
    while let Some(world) = queue.pop_front() {
        world.check();
        for successor in world.successors() {
            if seen.insert(successor.clone()) {
                queue.push_back(successor);
            }
        }
    }
    seen.len()
}

#[test]
fn in_no_order_of_events_does_a_small_world_go_wrong() {
    for admission in [Admission::Open, Admission::Approval] {
        for (people, seats) in [(2, 1), (3, 1), (3, 2)] {
            let worlds = explore(World::new(people, seats, admission));
            assert!(worlds > 100, "{worlds} worlds of {people} people and {seats} seats are not all there are");
        }
    }
}

#[test]
fn every_event_has_an_outcome_in_every_state() {
    for facts in all_facts() {
        for event in Event::ALL {
            let none = next(None, event, &facts);
            assert_eq!(none == Err(Refusal::NoRequest), event != Event::Ask);
            for state in STATES {
                let Ok(to) = next(Some(state), event, &facts) else { continue };
                // Asking again after the end is a new request; nothing else brings one back that is over.
                assert!(event == Event::Ask || to == state || is_under_way(state), "{state:?} {event:?} {to:?}");
            }
        }
    }
}

#[test]
fn a_retry_changes_nothing() {
    for facts in all_facts() {
        for event in Event::ALL {
            for state in STATES {
                let Ok(to) = next(Some(state), event, &facts) else { continue };
                // The second time finds what the first has made: no approval in the queue, no member who was none.
                let facts = Facts { approved: facts.approved && to == state, ..facts };
                match event {
                    // Nobody comes in twice.
                    Event::ComeIn => assert_eq!(next(Some(to), event, &facts), Err(Refusal::NotAdmitted)),
                    _ => assert_eq!(next(Some(to), event, &facts), Ok(to), "{state:?} {event:?} {facts:?}"),
                }
            }
        }
    }
}

#[test]
fn what_is_over_moves_only_by_asking_again() {
    for facts in all_facts() {
        for event in Event::ALL.into_iter().filter(|event| *event != Event::Ask) {
            for state in STATES.into_iter().filter(|state| !UNDER_WAY.contains(state)) {
                assert_eq!(next(Some(state), event, &facts).unwrap_or(state), state, "{state:?} {event:?}");
            }
        }
        assert_ne!(next(Some(Declined), Event::Ask, &facts), Ok(Requested), "declined is an answer");
    }
}

#[test]
fn nobody_is_admitted_without_a_seat_or_against_the_gate() {
    for facts in all_facts() {
        for state in [None].into_iter().chain(STATES.map(Some)).filter(|state| *state != Some(Admitted)) {
            for event in Event::ALL {
                if next(state, event, &facts) == Ok(Admitted) {
                    assert_eq!(seat_change(state, Admitted), SeatChange::Take);
                    assert_eq!((facts.standing, facts.may_join), (Standing::Open, true), "{state:?} {event:?}");
                }
            }
        }
    }
}
