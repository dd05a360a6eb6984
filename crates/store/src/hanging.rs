//! What hangs on posts and comments and is forgotten with them: answers, comments, reactions, and whom they name. Of a post and
//! of all posts of a group it is the same.

use doorpost_model::{CommentId, GroupId, PostId};

use crate::{Statement, StoreError, Tx, params, statements};

statements! {
    COMMENT_REACTIONS = "DELETE FROM comment_reactions WHERE comment_id = $1";
    COMMENT_NAMES = "DELETE FROM comment_mentions WHERE comment_id = $1";

    POST_COMMENT_REACTIONS = "DELETE FROM comment_reactions \
        WHERE comment_id IN (SELECT c.comment_id FROM comments c WHERE c.post_id = $1)";
    POST_COMMENT_NAMES = "DELETE FROM comment_mentions \
        WHERE comment_id IN (SELECT c.comment_id FROM comments c WHERE c.post_id = $1)";
    POST_COMMENTS = "DELETE FROM comments WHERE post_id = $1";
    POST_REACTIONS = "DELETE FROM post_reactions WHERE post_id = $1";
    POST_NAMES = "DELETE FROM post_mentions WHERE post_id = $1";
    POST_ANSWERS = "DELETE FROM answers WHERE post_id = $1";

    GROUP_COMMENT_REACTIONS = "DELETE FROM comment_reactions WHERE comment_id IN (SELECT c.comment_id FROM comments c \
        JOIN group_posts g ON g.post_id = c.post_id WHERE g.group_id = $1)";
    GROUP_COMMENT_NAMES = "DELETE FROM comment_mentions WHERE comment_id IN (SELECT c.comment_id FROM comments c \
        JOIN group_posts g ON g.post_id = c.post_id WHERE g.group_id = $1)";
    GROUP_COMMENTS = "DELETE FROM comments WHERE post_id IN (SELECT g.post_id FROM group_posts g WHERE g.group_id = $1)";
    GROUP_REACTIONS = "DELETE FROM post_reactions \
        WHERE post_id IN (SELECT g.post_id FROM group_posts g WHERE g.group_id = $1)";
    GROUP_NAMES = "DELETE FROM post_mentions \
        WHERE post_id IN (SELECT g.post_id FROM group_posts g WHERE g.group_id = $1)";
    GROUP_ANSWERS = "DELETE FROM answers WHERE post_id IN (SELECT g.post_id FROM group_posts g WHERE g.group_id = $1)";
}

static OF_COMMENT: &[&Statement] = &[&COMMENT_REACTIONS, &COMMENT_NAMES];
/// What hangs on comments goes before them.
static OF_POST: [&Statement; 6] =
    [&POST_COMMENT_REACTIONS, &POST_COMMENT_NAMES, &POST_COMMENTS, &POST_REACTIONS, &POST_NAMES, &POST_ANSWERS];
/// As [`OF_POST`], one for one.
static OF_GROUP: [&Statement; OF_POST.len()] =
    [&GROUP_COMMENT_REACTIONS, &GROUP_COMMENT_NAMES, &GROUP_COMMENTS, &GROUP_REACTIONS, &GROUP_NAMES, &GROUP_ANSWERS];

/// Forgets what hangs on a comment; the comment stays.
///
/// # Errors
/// As every statement.
pub async fn forget_of_comment(tx: &mut Tx, comment: CommentId) -> Result<(), StoreError> {
    for statement in OF_COMMENT {
        tx.execute(statement, params![comment]).await?;
    }
    Ok(())
}

/// Forgets what hangs on a post, its comments and what hangs on them among it.
///
/// # Errors
/// As every statement.
pub async fn forget_of_post(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    for statement in OF_POST {
        tx.execute(statement, params![post]).await?;
    }
    Ok(())
}

/// As [`forget_of_post`], of all posts of a group.
///
/// # Errors
/// As every statement.
pub async fn forget_of_group(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    for statement in OF_GROUP {
        tx.execute(statement, params![group]).await?;
    }
    Ok(())
}

/// Forgets whom a post names, and nothing else.
///
/// # Errors
/// As every statement.
pub async fn forget_names_in_post(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&POST_NAMES, params![post]).await.map(drop)
}

/// Forgets whom a comment names, and nothing else.
///
/// # Errors
/// As every statement.
pub async fn forget_names_in_comment(tx: &mut Tx, comment: CommentId) -> Result<(), StoreError> {
    tx.execute(&COMMENT_NAMES, params![comment]).await.map(drop)
}
