//! An invite at a point in time: whether it takes people, what its button says, and which terms may be.

use doorpost_model::{
    TimeMs,
    invite::{Admission, InviteTerms, InviteTermsChange, JoinButton, RequestState},
    limits::{
        ANSWER_CHARS_MAX, CHAT_MEMBERS_MAX, INVITE_QUESTIONS_MAX, INVITE_TTL_MS_MAX, INVITE_TTL_MS_MIN,
        QUESTION_CHARS_MAX, SEATS_MAX,
    },
};

use crate::gate::Membership;

/// How much less than the shortest time is taken too: the request's way here, and the client's clock.
const EXPIRY_SLACK_MS: i64 = 10_000;

/// What decides whether an invite takes people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InviteState {
    pub admission: Admission,
    /// How many people may come in through it; none for no bound but the chat's.
    pub seats: Option<u32>,
    /// People who came in through it and are in, or have a seat reserved.
    pub seats_taken: u32,
    /// From this moment on nobody comes in.
    pub expires_at: Option<TimeMs>,
    pub closed: bool,
    /// People in the chat, hosts included.
    pub member_count: u32,
}

/// How an invite stands at a moment, the same for everybody in its audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    Open,
    Full,
    Expired,
    Closed,
}

/// How the invite stands at `now`. Closed comes before expired, and expired before full.
#[must_use]
pub fn standing(invite: &InviteState, now: TimeMs) -> Standing {
    if invite.closed {
        Standing::Closed
    } else if invite.expires_at.is_some_and(|expires_at| expires_at <= now) {
        Standing::Expired
    } else if seats_left(invite) == Some(0) || invite.member_count as usize >= CHAT_MEMBERS_MAX {
        Standing::Full
    } else {
        Standing::Open
    }
}

/// Seats left, where seats are bounded. Never below zero, also when seats were taken away.
#[must_use]
pub fn seats_left(invite: &InviteState) -> Option<u32> {
    invite.seats.map(|seats| seats.saturating_sub(invite.seats_taken))
}

/// The word on the button of the viewer's card. `has_secret`: the viewer can get the invite's secret from the server.
#[must_use]
pub fn button(
    invite: &InviteState,
    membership: Membership,
    request: Option<RequestState>,
    has_secret: bool,
    now: TimeMs,
) -> JoinButton {
    match membership {
        Membership::In(_) => return JoinButton::Open,
        Membership::Removed => return JoinButton::Closed,
        Membership::None | Membership::Admitted => {}
    }
    let standing = standing(invite, now);
    let takes_people = matches!(standing, Standing::Open | Standing::Full);
    match request {
        Some(RequestState::Declined) => JoinButton::Declined,
        _ if !takes_people => JoinButton::Closed,
        Some(RequestState::Admitted) => JoinButton::Joining,
        Some(RequestState::Requested) => JoinButton::Requested,
        _ if standing == Standing::Full => JoinButton::Full,
        _ if !has_secret => JoinButton::Preparing,
        _ => match invite.admission {
            Admission::Open => JoinButton::Join,
            Admission::Approval => JoinButton::Ask,
        },
    }
}

/// Terms that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    #[error("Ask at most {INVITE_QUESTIONS_MAX} questions.")]
    TooManyQuestions,
    #[error("A question has 1 to {QUESTION_CHARS_MAX} characters.")]
    QuestionLength,
    #[error("Seats are a number from 1 to {SEATS_MAX}.")]
    Seats,
    #[error("An invite stays open for at least a minute and at most a year.")]
    Expiry,
    #[error("Either set this or clear it, not both.")]
    SetAndCleared { field: &'static str },
}

impl TermsError {
    /// The field of [`InviteTerms`] or [`InviteTermsChange`] that was wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::TooManyQuestions | Self::QuestionLength => "questions",
            Self::Seats => "seats",
            Self::Expiry => "expires_at",
            Self::SetAndCleared { field } => field,
        }
    }
}

/// Checks terms for a new invite at `now`.
///
/// # Errors
/// [`TermsError`] for the first term outside its limits.
pub fn check(terms: &InviteTerms, now: TimeMs) -> Result<(), TermsError> {
    check_questions(&terms.questions)?;
    check_seats(terms.seats)?;
    terms.expires_at.map_or(Ok(()), |expires_at| check_expiry(expires_at, now))
}

/// `terms` with `change` made at `now`. What the change leaves out stays as it is, also an expiry
/// that has passed. Fewer seats than are taken are allowed: nobody more comes in.
///
/// # Errors
/// [`TermsError`] for the first changed term outside its limits, or set and cleared at once.
pub fn changed(terms: &InviteTerms, change: &InviteTermsChange, now: TimeMs) -> Result<InviteTerms, TermsError> {
    let mut new = terms.clone();
    if let Some(admission) = change.admission {
        new.admission = admission;
    }
    if let Some(questions) = &change.questions {
        check_questions(questions)?;
        new.questions.clone_from(questions);
    }
    match (change.seats, change.clear_seats) {
        (Some(_), true) => return Err(TermsError::SetAndCleared { field: "seats" }),
        (Some(seats), false) => {
            check_seats(Some(seats))?;
            new.seats = Some(seats);
        }
        (None, true) => new.seats = None,
        (None, false) => {}
    }
    match (change.expires_at, change.clear_expiry) {
        (Some(_), true) => return Err(TermsError::SetAndCleared { field: "expires_at" }),
        (Some(expires_at), false) => {
            // The same expiry said again is no change: an edited form sends all its fields.
            if terms.expires_at != Some(expires_at) {
                check_expiry(expires_at, now)?;
            }
            new.expires_at = Some(expires_at);
        }
        (None, true) => new.expires_at = None,
        (None, false) => {}
    }
    if let Some(ends_with_post) = change.ends_with_post {
        new.ends_with_post = ends_with_post;
    }
    Ok(new)
}

/// Answers that do not fit the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswersError {
    #[error("Answer every question to come in.")]
    Missing,
    #[error("There are more answers than questions.")]
    TooMany,
    #[error("An answer has at most {ANSWER_CHARS_MAX} characters.")]
    TooLong,
}

/// Checks that each question has an answer that is not blank.
///
/// # Errors
/// [`AnswersError`] for what is wrong first.
pub fn check_answers(questions: &[String], answers: &[String]) -> Result<(), AnswersError> {
    if answers.len() > questions.len() {
        return Err(AnswersError::TooMany);
    }
    if answers.len() < questions.len() || answers.iter().any(|answer| answer.trim().is_empty()) {
        return Err(AnswersError::Missing);
    }
    if answers.iter().any(|answer| answer.chars().count() > ANSWER_CHARS_MAX) {
        return Err(AnswersError::TooLong);
    }
    Ok(())
}

/// Checks the questions of an invite or a group.
///
/// # Errors
/// [`TermsError`] for too many, or one that is blank or too long.
pub fn check_questions(questions: &[String]) -> Result<(), TermsError> {
    if questions.len() > INVITE_QUESTIONS_MAX {
        return Err(TermsError::TooManyQuestions);
    }
    let fits = |question: &String| !question.trim().is_empty() && question.chars().count() <= QUESTION_CHARS_MAX;
    if questions.iter().all(fits) { Ok(()) } else { Err(TermsError::QuestionLength) }
}

fn check_seats(seats: Option<u32>) -> Result<(), TermsError> {
    match seats {
        Some(0) => Err(TermsError::Seats),
        Some(seats) if seats > SEATS_MAX => Err(TermsError::Seats),
        _ => Ok(()),
    }
}

fn check_expiry(expires_at: TimeMs, now: TimeMs) -> Result<(), TermsError> {
    let earliest = now.plus(INVITE_TTL_MS_MIN - EXPIRY_SLACK_MS);
    let latest = now.plus(INVITE_TTL_MS_MAX);
    if (earliest..=latest).contains(&expires_at) { Ok(()) } else { Err(TermsError::Expiry) }
}

#[cfg(test)]
mod tests;
