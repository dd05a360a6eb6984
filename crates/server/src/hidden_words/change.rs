//! One's hidden words: reading them, and putting others in their place.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, CommentId,
    comment::HiddenWords,
    limits::{HIDDEN_WORD_CHARS_MAX, HIDDEN_WORDS_MAX, HIDDEN_WORDS_SCAN_MAX},
};
use doorpost_store::{self as store, Tx};

use super::fold::{self, Phrases};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    validate,
};

/// The viewer's words.
///
/// # Errors
/// As every statement.
pub(super) async fn read(app: &App, viewer: Viewer) -> Result<HiddenWords> {
    let account = viewer.account_id;
    let words = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::hidden_word::all(tx, account).await?) }))
        .await?;
    Ok(HiddenWords { words })
}

/// Puts other words in place of the viewer's. Comments that are there already are hidden by them, or shown, as far as the
/// newest [`HIDDEN_WORDS_SCAN_MAX`] go.
///
/// # Errors
/// `invalid_field`.
pub(super) async fn put(app: &App, viewer: Viewer, new: HiddenWords) -> Result<HiddenWords> {
    let words = checked(new.words)?;
    let account = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::hidden_word::clear(tx, account).await?;
                store::hidden_word::add(tx, account, &words).await?;
                sort_anew(tx, account, &Phrases::of(&words)).await?;
                Ok(HiddenWords { words })
            })
        })
        .await
}

/// The words as they are kept: each once, whatever its form.
fn checked(words: Vec<String>) -> Result<Vec<String>> {
    if words.len() > HIDDEN_WORDS_MAX {
        return Err(Error::invalid("words", format!("You can hide at most {HIDDEN_WORDS_MAX} words.")));
    }
    let mut known = BTreeSet::new();
    let mut kept = Vec::with_capacity(words.len());
    for word in words {
        let word = validate::line("words", "A hidden word", &word, HIDDEN_WORD_CHARS_MAX)?;
        let folded = fold::words(&word);
        if folded.is_empty() {
            return Err(Error::invalid("words", "A hidden word has letters, digits or an emoji."));
        }
        if known.insert(folded) {
            kept.push(word);
        }
    }
    Ok(kept)
}

async fn sort_anew(tx: &mut Tx, account: AccountId, phrases: &Phrases) -> Result<()> {
    let limit = i64::try_from(HIDDEN_WORDS_SCAN_MAX).unwrap_or(i64::MAX);
    let comments = store::comment::under_posts_of(tx, account, limit).await?;
    let (mut hide, mut show): (Vec<CommentId>, Vec<CommentId>) = (Vec::new(), Vec::new());
    for comment in comments {
        match (comment.hidden, phrases.occur_in(&comment.text)) {
            (false, true) => hide.push(comment.comment_id),
            (true, false) => show.push(comment.comment_id),
            _ => {}
        }
    }
    store::comment::set_hidden(tx, &hide, true).await?;
    store::comment::set_hidden(tx, &show, false).await?;
    Ok(())
}
