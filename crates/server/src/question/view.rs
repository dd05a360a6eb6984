//! Questions as one viewer sees them, a whole page at a time.

use std::collections::HashMap;

use doorpost_model::{AccountId, PostId, question::QuestionView};
use doorpost_store::{self as store, StoreError, Tx, question::QuestionRow};

/// Those of the posts that ask; the viewer may see all of them.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_posts(
    tx: &mut Tx,
    viewer: AccountId,
    posts: &[PostId],
) -> Result<HashMap<PostId, QuestionView>, StoreError> {
    let rows = store::question::of_posts(tx, viewer, posts).await?;
    Ok(rows.into_iter().map(|row| (row.post_id, view(row))).collect())
}

const fn view(row: QuestionRow) -> QuestionView {
    let QuestionRow { post_id: _, answers_for, answered, answer_count } = row;
    QuestionView { answers_for, answered, answer_count }
}
