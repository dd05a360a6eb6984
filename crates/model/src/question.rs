//! Questions: posts and story stickers that ask, and what is answered (`docs/adr/0028-questions.md`).

use serde::{Deserialize, Serialize};

use crate::{TimeMs, people::AccountRef};

/// Who reads the answers to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswersFor {
    /// Whoever may see the post.
    Audience,
    /// Who asks, and for each answer whoever wrote it. Who asks may show others those whose writers agree to it.
    Asker,
}

/// Of a post that asks; the question is its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewQuestion {
    pub answers_for: AnswersFor,
}

/// Of a post that asks, as one viewer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuestionView {
    pub answers_for: AnswersFor,
    /// The viewer has answered.
    pub answered: bool,
    /// Answers that the viewer may read, their own among them.
    pub answer_count: u32,
}

/// `PUT /api/posts/{post_id}/answer`; in place of an earlier answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAnswer {
    pub text: String,
    /// Whoever asks may show the answer to all who may see the question.
    #[serde(default)]
    pub may_publish: bool,
}

/// A row of `GET /api/posts/{post_id}/answers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerView {
    pub account: AccountRef,
    pub text: String,
    pub answered_at: TimeMs,
    /// Its writer agrees that it is shown; for them and for whoever asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_publish: bool,
    /// Whoever asks shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_published: bool,
}
