//! The life of a request to come in: what each event makes of it, as one function.
//!
//! A request is an account's newest one through an invite. The server moves requests by statements that compare and
//! set the state; which move there is, this function says. Clients hold what the server tells them against it.

use doorpost_model::invite::{
    Admission,
    RequestState::{self, Admitted, Declined, Expired, Joined, Requested, Withdrawn},
};

use crate::terms::Standing;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The applicant asks, for the first time or again.
    Ask,
    /// A host approves.
    Approve,
    /// A host declines.
    Decline,
    /// The applicant takes it back.
    Withdraw,
    /// A commit brings the applicant's leaf into the group.
    ComeIn,
    /// The account came into the chat by another request.
    ComeInOtherwise,
    /// Its time is up: while requested the ticket's, while admitted the approval's or that of the seat kept free.
    TimeUp,
    /// The invite was closed, has expired, or ended with its post.
    InviteOver,
    /// The invite's audience has the applicant no more.
    LoseSight,
    /// A host took the account out of the chat.
    Remove,
}

impl Event {
    /// Every event there is.
    pub const ALL: [Self; 10] = [
        Self::Ask,
        Self::Approve,
        Self::Decline,
        Self::Withdraw,
        Self::ComeIn,
        Self::ComeInOtherwise,
        Self::TimeUp,
        Self::InviteOver,
        Self::LoseSight,
        Self::Remove,
    ];
}

/// What an event's outcome depends on besides the state. Where an event does not say so, a fact is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Facts {
    /// How one comes in by the invite now ([`Event::Ask`]).
    pub admission: Admission,
    /// How the invite stands for the applicant ([`Event::Ask`], [`Event::Approve`]).
    pub standing: Standing,
    /// The gate lets the applicant join ([`Event::Ask`], [`Event::Approve`]).
    pub may_join: bool,
    /// The account is in the chat ([`Event::Ask`]).
    pub is_member: bool,
    /// A host's approval lies with the request ([`Event::Ask`], [`Event::TimeUp`]).
    pub approved: bool,
    /// The ticket at hand is the request's ([`Event::Ask`], [`Event::Approve`], [`Event::ComeIn`]).
    pub same_ticket: bool,
    /// The applicant's device is connected ([`Event::TimeUp`]).
    pub is_there: bool,
}

impl Default for Facts {
    /// Nothing stands in the way, and nobody is there.
    fn default() -> Self {
        Self {
            admission: Admission::Open,
            standing: Standing::Open,
            may_join: true,
            is_member: false,
            approved: false,
            same_ticket: true,
            is_there: false,
        }
    }
}

/// Why an event moves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    #[error("there is no request")]
    NoRequest,
    #[error("the invite is not for this account")]
    MayNotJoin,
    #[error("the account is in the chat")]
    AlreadyMember,
    #[error("a host declined")]
    Declined,
    #[error("the invite takes nobody any more")]
    InviteOver,
    #[error("no seat is left")]
    Full,
    #[error("the request is over")]
    Over,
    #[error("the request is not admitted")]
    NotAdmitted,
    #[error("it is for another ticket")]
    OtherTicket,
}

/// What a request in `state` (none: there is no request) becomes by `event`. The same state again: nothing changes,
/// and nothing is wrong.
///
/// # Errors
/// [`Refusal`] when the event may not happen in this state; the request stays as it is.
pub fn next(state: Option<RequestState>, event: Event, facts: &Facts) -> Result<RequestState, Refusal> {
    if event == Event::Ask {
        return ask(state, facts);
    }
    let state = state.ok_or(Refusal::NoRequest)?;
    match event {
        Event::Ask => ask(Some(state), facts),
        Event::Approve => approve(state, facts),
        Event::Decline => match state {
            Requested | Admitted | Declined => Ok(Declined),
            Joined | Withdrawn | Expired => Err(Refusal::Over),
        },
        Event::Withdraw => match state {
            Requested | Admitted => Ok(Withdrawn),
            Joined => Err(Refusal::Over),
            Declined | Withdrawn | Expired => Ok(state),
        },
        Event::ComeIn => match state {
            Admitted if facts.same_ticket => Ok(Joined),
            Admitted => Err(Refusal::OtherTicket),
            Requested | Joined | Declined | Withdrawn | Expired => Err(Refusal::NotAdmitted),
        },
        Event::ComeInOtherwise => Ok(if is_under_way(state) { Withdrawn } else { state }),
        // Who is there is about to come in; an approval runs out all the same.
        Event::TimeUp if state == Admitted && !facts.approved && facts.is_there => Ok(Admitted),
        Event::TimeUp | Event::InviteOver | Event::LoseSight | Event::Remove => {
            Ok(if is_under_way(state) { Expired } else { state })
        }
    }
}

fn ask(state: Option<RequestState>, facts: &Facts) -> Result<RequestState, Refusal> {
    if !facts.may_join {
        return Err(Refusal::MayNotJoin);
    }
    if facts.is_member {
        return Err(Refusal::AlreadyMember);
    }
    if state == Some(Declined) {
        return Err(Refusal::Declined);
    }
    if matches!(facts.standing, Standing::Closed | Standing::Expired) {
        return Err(Refusal::InviteOver);
    }
    match state {
        // Whoever is admitted has a seat; whoever is queued may still get one that comes free.
        Some(Requested) => Ok(Requested),
        // An approval is for one ticket: with another, hosts have to look again.
        Some(Admitted) if facts.approved && !facts.same_ticket => Ok(Requested),
        Some(Admitted) => Ok(Admitted),
        _ if facts.standing == Standing::Full => Err(Refusal::Full),
        _ => Ok(match facts.admission {
            Admission::Open => Admitted,
            Admission::Approval => Requested,
        }),
    }
}

fn approve(state: RequestState, facts: &Facts) -> Result<RequestState, Refusal> {
    match state {
        Admitted | Joined => Ok(state),
        Declined | Withdrawn | Expired => Err(Refusal::Over),
        Requested if !facts.may_join => Err(Refusal::MayNotJoin),
        Requested if !facts.same_ticket => Err(Refusal::OtherTicket),
        Requested => match facts.standing {
            Standing::Open => Ok(Admitted),
            Standing::Full => Err(Refusal::Full),
            Standing::Expired | Standing::Closed => Err(Refusal::InviteOver),
        },
    }
}

/// What a move means for the invite's seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeatChange {
    None,
    /// One is taken.
    Take,
    /// One comes free.
    GiveBack,
}

/// What the move from one state (none: there was no request) to another means for seats. Who has joined keeps the
/// seat for as long as they are a member; that it comes free then is not the request's matter.
#[must_use]
pub fn seat_change(from: Option<RequestState>, to: RequestState) -> SeatChange {
    match (from == Some(Admitted), to) {
        (false, Admitted) => SeatChange::Take,
        (true, Requested | Declined | Withdrawn | Expired) => SeatChange::GiveBack,
        _ => SeatChange::None,
    }
}

/// The states in which a request may still lead into the chat.
pub const UNDER_WAY: [RequestState; 2] = [Requested, Admitted];

/// Whether a request in this state may still lead into the chat.
#[must_use]
pub fn is_under_way(state: RequestState) -> bool {
    UNDER_WAY.contains(&state)
}
