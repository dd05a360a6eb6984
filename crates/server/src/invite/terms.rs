//! Terms between the wire, the tables and the chat's policy.

use doorpost_model::{
    ErrorCode, InviteId,
    admission::{ChatPolicy, InvitePolicy, PublicKey},
    invite::InviteTerms,
};
use doorpost_policy::terms::{InviteState, TermsError};
use doorpost_store::invite::{InviteRow, TermsRow, card::CardRow};

use crate::http::{Error, Result};

/// The row that keeps `terms`.
#[must_use]
pub fn to_row(terms: &InviteTerms) -> TermsRow {
    TermsRow {
        admission: terms.admission,
        questions: questions_to_text(&terms.questions),
        seats: terms.seats,
        expires_at: terms.expires_at,
        ends_with_post: terms.ends_with_post,
    }
}

/// The terms an invite's row keeps.
///
/// # Errors
/// `internal` when the row is damaged.
pub fn of_invite(row: &InviteRow) -> Result<InviteTerms> {
    Ok(InviteTerms {
        admission: row.admission,
        questions: questions_from_text(&row.questions)?,
        seats: row.seats,
        expires_at: row.expires_at,
        ends_with_post: row.ends_with_post,
    })
}

/// The terms a card's row keeps.
///
/// # Errors
/// `internal` when the row is damaged.
pub fn of_card(row: &CardRow) -> Result<InviteTerms> {
    Ok(InviteTerms {
        admission: row.admission,
        questions: questions_from_text(&row.questions)?,
        seats: row.seats,
        expires_at: row.expires_at,
        ends_with_post: row.ends_with_post,
    })
}

/// What decides whether a card's invite takes the viewer. The place of a viewer who has to come in anew is kept free.
#[must_use]
pub fn state(row: &CardRow) -> InviteState {
    let keeps_seat = row.stranded && row.member_invite_id == Some(row.invite_id);
    InviteState {
        admission: row.admission,
        seats: row.seats,
        seats_taken: row.seats_taken.saturating_sub(u32::from(keeps_seat)),
        expires_at: row.expires_at,
        closed: row.closed_at.is_some(),
        member_count: row.member_count.saturating_sub(u32::from(row.stranded)),
    }
}

/// The questions of a row.
///
/// # Errors
/// `internal` when the row is damaged.
pub fn questions_from_text(text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|_| Error::internal("the questions of an invite are not a JSON array"))
}

/// The text that keeps questions.
#[must_use]
pub fn questions_to_text(questions: &[String]) -> String {
    serde_json::Value::from(questions.to_vec()).to_string()
}

/// `invalid_field` for the term that may not be.
#[must_use]
pub fn invalid(error: TermsError) -> Error {
    Error::invalid(&format!("terms.{}", error.field()), error.to_string())
}

/// Checks that a chat's policy says of an invite what the server is about to keep.
///
/// # Errors
/// `commit_refused` when the invite is missing there or stands there differently.
pub fn check_in_policy(
    policy: &ChatPolicy,
    invite_id: InviteId,
    join_key: PublicKey,
    terms: &InviteTerms,
    closed: bool,
) -> Result<()> {
    let expected = |invite: &InvitePolicy| {
        *invite
            == InvitePolicy {
                invite_id,
                join_key,
                former_join_keys: invite.former_join_keys.clone(),
                published: invite.published,
                admission: terms.admission,
                seats: terms.seats,
                expires_at: terms.expires_at,
                closed,
                since_seq: invite.since_seq,
            }
    };
    if policy.invites.iter().any(expected) {
        Ok(())
    } else {
        Err(Error::new(ErrorCode::CommitRefused, "The chat's policy does not have this invite with these terms."))
    }
}

/// Whether changed terms need a commit that puts them into the chat's policy.
#[must_use]
pub fn stand_in_policy_differently(old: &InviteTerms, new: &InviteTerms) -> bool {
    (old.admission, old.seats, old.expires_at) != (new.admission, new.seats, new.expires_at)
}
