//! Those whom a text names by their handles. All of them are noted who exist, so that a name tells nobody who else reads the
//! text; those who may see it are told.

use std::collections::{BTreeSet, HashMap};

use doorpost_model::{
    AccountId, CommentId, PostId, TimeMs,
    limits::{HANDLE_CHARS_MAX, MENTIONS_MAX},
    people::AccountRef,
};
use doorpost_store::{self as store, StoreError, Tx, comment::CommentRow, post::PostRow};

use crate::{post::audience::Circle, validate::could_be_handle};

/// Notes whom a post names, in place of whom it named before; gives them, whether or not they may see it.
///
/// # Errors
/// As every statement.
pub(crate) async fn put_in_post(tx: &mut Tx, post_id: PostId, text: &str) -> Result<Vec<AccountId>, StoreError> {
    store::hanging::forget_names_in_post(tx, post_id).await?;
    let named = named(tx, text).await?;
    store::mention::add_to_post(tx, post_id, &named).await?;
    Ok(named)
}

/// As [`put_in_post`], of a comment.
///
/// # Errors
/// As every statement.
pub(crate) async fn put_in_comment(
    tx: &mut Tx,
    comment_id: CommentId,
    text: &str,
) -> Result<Vec<AccountId>, StoreError> {
    store::hanging::forget_names_in_comment(tx, comment_id).await?;
    let named = named(tx, text).await?;
    store::mention::add_to_comment(tx, comment_id, &named).await?;
    Ok(named)
}

/// Those of whom a post names who may see it, and so may be told.
///
/// # Errors
/// As every statement.
pub(crate) async fn readers_of_post(
    tx: &mut Tx,
    post: &PostRow,
    named: Vec<AccountId>,
    now: TimeMs,
) -> Result<Vec<AccountId>, StoreError> {
    if named.is_empty() {
        return Ok(named);
    }
    let circle = Circle::load(tx, post, now).await?;
    Ok(named.into_iter().filter(|&account| circle.may_see(account)).collect())
}

/// As [`readers_of_post`], of a comment.
///
/// # Errors
/// As every statement.
pub(crate) async fn readers_of_comment(
    tx: &mut Tx,
    post: &PostRow,
    comment: &CommentRow,
    named: Vec<AccountId>,
    now: TimeMs,
) -> Result<Vec<AccountId>, StoreError> {
    if named.is_empty() {
        return Ok(named);
    }
    let circle = Circle::load(tx, post, now).await?;
    let parted = store::block::among(tx, comment.author_id, &named).await?;
    let sees = |account: &AccountId| {
        circle.may_see_comment(*account, comment.author_id, comment.hidden, parted.contains(account))
    };
    Ok(named.into_iter().filter(sees).collect())
}

/// Whom these posts name, of those of whom the viewer may know, whatever they themselves may see.
///
/// # Errors
/// As every statement.
pub(crate) async fn in_posts(
    tx: &mut Tx,
    viewer: AccountId,
    posts: &[PostId],
) -> Result<HashMap<PostId, Vec<AccountRef>>, StoreError> {
    let mut of_posts: HashMap<PostId, Vec<AccountRef>> = HashMap::new();
    for row in store::mention::in_posts(tx, viewer, posts).await? {
        let account = AccountRef { account_id: row.account_id, handle: row.handle, name: row.name };
        of_posts.entry(row.post_id).or_default().push(account);
    }
    Ok(of_posts)
}

/// As [`in_posts`], of comments.
///
/// # Errors
/// As every statement.
pub(crate) async fn in_comments(
    tx: &mut Tx,
    viewer: AccountId,
    comments: &[CommentId],
) -> Result<HashMap<CommentId, Vec<AccountRef>>, StoreError> {
    let mut of_comments: HashMap<CommentId, Vec<AccountRef>> = HashMap::new();
    for row in store::mention::in_comments(tx, viewer, comments).await? {
        let account = AccountRef { account_id: row.account_id, handle: row.handle, name: row.name };
        of_comments.entry(row.comment_id).or_default().push(account);
    }
    Ok(of_comments)
}

/// Those of whom the handles in a text are.
async fn named(tx: &mut Tx, text: &str) -> Result<Vec<AccountId>, StoreError> {
    let handles = handles(text);
    let handles: Vec<&str> = handles.iter().map(String::as_str).collect();
    let found = store::account::refs_by_handle(tx, &handles).await?;
    Ok(found.into_iter().map(|account| account.account_id).collect())
}

/// The handles that a text names with an @, the first of them; an address of e-mail names nobody.
fn handles(text: &str) -> BTreeSet<String> {
    let mut handles = BTreeSet::new();
    for (at, _) in text.match_indices('@') {
        let is_inside = text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '@');
        if is_inside || handles.len() == MENTIONS_MAX {
            continue;
        }
        let is_part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let handle: String =
            text[at + 1..].chars().take_while(is_part).take(HANDLE_CHARS_MAX + 1).collect::<String>().to_lowercase();
        if could_be_handle(&handle) {
            handles.insert(handle);
        }
    }
    handles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_stand_behind_an_at_sign_of_their_own() {
        let found: Vec<String> =
            handles("(@ada), @Bob! @bob mail@cyd.org @@dan @x @_eve @fay_1.").into_iter().collect();
        assert_eq!(found, ["ada", "bob", "fay_1"]);
        let many: String = (0..=MENTIONS_MAX).map(|number| format!("@person_{number} ")).collect();
        assert_eq!(handles(&many).len(), MENTIONS_MAX);
        assert!(handles(&format!("@{}", "a".repeat(HANDLE_CHARS_MAX + 1))).is_empty());
    }
}
