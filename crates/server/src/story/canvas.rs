//! What a story may show.

use std::ops::RangeInclusive;

use axum::http::Uri;
use doorpost_model::{
    AccountId, PostId,
    limits::{
        STORY_CANVAS_BYTES_MAX, STORY_LAYERS_MAX, STORY_OPTION_CHARS_MAX, STORY_PLACE_MAX, STORY_POLL_OPTIONS,
        STORY_ROTATION_MAX, STORY_SCALE, STORY_STICKER_CHARS_MAX, STORY_TEXT_CHARS_MAX, URL_BYTES_MAX,
    },
    post::{Audience, NewPost},
    story::{Background, CANVAS_VERSION, Canvas, Layer, LayerBody},
};
use doorpost_store::{self as store, Tx};

use crate::{
    http::{Error, Result},
    validate,
};

/// Checks a canvas against its limits and against the post that it is to be of.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn check(canvas: &Canvas, post: &NewPost) -> Result<()> {
    if canvas.version != CANVAS_VERSION {
        return Err(invalid("This version of stories is not known here."));
    }
    if !post.text.is_empty() {
        return Err(Error::invalid("text", "A story has no text beside what it shows."));
    }
    if matches!(post.audience, Audience::Group { .. }) {
        return Err(Error::invalid("audience", "A group has posts, no stories."));
    }
    let photos = usize::from(canvas.background == Background::Photo);
    if post.media.len() != photos {
        return Err(Error::invalid("media", "A story has one photo behind it, or none."));
    }
    if canvas.layers.is_empty() && photos == 0 {
        return Err(invalid("Put something on the story first."));
    }
    if canvas.layers.len() > STORY_LAYERS_MAX {
        return Err(invalid(format!("A story has at most {STORY_LAYERS_MAX} texts and stickers.")));
    }
    canvas.layers.iter().try_for_each(check_layer)?;
    check_singles(canvas, post.invite.is_some())?;
    if to_json(canvas)?.len() > STORY_CANVAS_BYTES_MAX {
        return Err(invalid("There is too much on the story."));
    }
    Ok(())
}

/// A canvas as it is kept.
///
/// # Errors
/// `internal`.
pub(crate) fn to_json(canvas: &Canvas) -> Result<String> {
    serde_json::to_string(canvas).map_err(Error::internal)
}

/// # Errors
/// `internal` for what this server did not write.
pub(super) fn from_json(json: &str) -> Result<Canvas> {
    serde_json::from_str(json).map_err(|_| Error::internal("a stored canvas cannot be read"))
}

/// What a story shows; nothing for a post that is none.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_story(tx: &mut Tx, viewer: AccountId, post_id: PostId) -> Result<Option<Canvas>> {
    let row = store::story::of_posts(tx, viewer, &[post_id]).await?.pop();
    row.map(|row| from_json(&row.canvas)).transpose()
}

/// The options of a canvas's poll.
pub(super) fn poll_options(canvas: &Canvas) -> Option<&[String]> {
    canvas.layers.iter().find_map(|layer| match &layer.body {
        LayerBody::Poll { options, .. } => Some(options.as_slice()),
        _ => None,
    })
}

pub(crate) fn asks(canvas: &Canvas) -> bool {
    canvas.layers.iter().any(|layer| matches!(layer.body, LayerBody::Question { .. }))
}

/// The handles that a canvas mentions.
pub(crate) fn mentions(canvas: &Canvas) -> Vec<&str> {
    let mentioned = canvas.layers.iter().filter_map(|layer| match &layer.body {
        LayerBody::Mention { handle } => Some(handle.as_str()),
        _ => None,
    });
    mentioned.collect()
}

fn check_layer(layer: &Layer) -> Result<()> {
    let on_frame = layer.x <= STORY_PLACE_MAX && layer.y <= STORY_PLACE_MAX;
    let turned = (-STORY_ROTATION_MAX..=STORY_ROTATION_MAX).contains(&layer.rotation);
    if !on_frame || !turned || !STORY_SCALE.contains(&layer.scale) {
        return Err(invalid("Something is outside the story's frame, too large, or too small."));
    }
    match &layer.body {
        LayerBody::Join => Ok(()),
        LayerBody::Text { text, .. } => words(text, STORY_TEXT_CHARS_MAX),
        LayerBody::Question { prompt } => words(prompt, STORY_STICKER_CHARS_MAX),
        LayerBody::Poll { question, options } => {
            words(question, STORY_STICKER_CHARS_MAX)?;
            check_options(options, &STORY_POLL_OPTIONS)
        }
        LayerBody::Link { url } if is_web_link(url) => Ok(()),
        LayerBody::Link { .. } => Err(invalid("A link leads to a web page: http or https.")),
        LayerBody::Mention { handle } if validate::could_be_handle(handle) => Ok(()),
        LayerBody::Mention { .. } => Err(invalid("There is nobody of that name.")),
    }
}

fn check_options(options: &[String], count: &RangeInclusive<usize>) -> Result<()> {
    if !count.contains(&options.len()) {
        return Err(invalid(format!("A poll has {} to {} answers.", count.start(), count.end())));
    }
    options.iter().try_for_each(|option| words(option, STORY_OPTION_CHARS_MAX))
}

/// Of these there is one at most, and of the join sticker one exactly where there is an invite.
fn check_singles(canvas: &Canvas, has_invite: bool) -> Result<()> {
    let count = |is_it: fn(&LayerBody) -> bool| canvas.layers.iter().filter(|layer| is_it(&layer.body)).count();
    if count(|body| matches!(body, LayerBody::Join)) != usize::from(has_invite) {
        return Err(invalid("A story that leads into a chat has one join sticker, and no other has one."));
    }
    let polls = count(|body| matches!(body, LayerBody::Poll { .. }));
    let questions = count(|body| matches!(body, LayerBody::Question { .. }));
    if polls > 1 || questions > 1 {
        return Err(invalid("A story has one poll and one question at most."));
    }
    Ok(())
}

fn words(text: &str, chars_max: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid("A text or sticker is empty."));
    }
    if text.chars().nth(chars_max).is_some() {
        return Err(invalid(format!("This text has at most {chars_max} characters.")));
    }
    validate::no_nul("story", text)
}

/// A web page by its full address, without a name or password in it: those are there to mislead (RFC 3986, 7.6).
fn is_web_link(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let names_a_host = uri.authority().is_some_and(|host| !host.host().is_empty() && !host.as_str().contains('@'));
    is_web && names_a_host && url.len() <= URL_BYTES_MAX
}

fn invalid(message: impl Into<String>) -> Error {
    Error::invalid("story", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_web_pages_and_nowhere_else() {
        for good in ["https://example.org/", "http://example.org:8080/a?b=c#d", "https://xn--bcher-kva.example/x"] {
            assert!(is_web_link(good), "{good}");
        }
        let long = format!("https://example.org/{}", "a".repeat(URL_BYTES_MAX));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.org/",
            "/path",
            "example.org",
            "ftp://example.org/",
            "https://bank.example@evil.example/",
            "https://",
            "https:///x",
            "",
            &long,
        ] {
            assert!(!is_web_link(bad), "{bad}");
        }
    }
}
