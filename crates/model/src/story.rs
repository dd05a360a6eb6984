//! Stories: posts that show one frame and are there for 24 hours, and what viewers leave on them.
//!
//! What a story shows is a [`Canvas`] (`docs/adr/0024-stories.md`): a small document that each client draws itself.

use serde::{Deserialize, Serialize};

use crate::{HighlightId, PostId, RequestId, TimeMs, invite::RequestState, media::MediaView, people::AccountRef};

/// The version of [`Canvas`] that is written now.
pub const CANVAS_VERSION: u16 = 1;

/// What a story shows, on a frame of 9:16.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Canvas {
    /// [`CANVAS_VERSION`].
    pub version: u16,
    pub background: Background,
    /// From the back to the front.
    pub layers: Vec<Layer>,
}

/// What is behind all layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Background {
    Gradient {
        gradient: Gradient,
    },
    /// The post's one photo or video fills the frame.
    Photo,
}

/// Colours by name: clients choose them so that texts can be read on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Gradient {
    Forest,
    Sea,
    Dusk,
    Berry,
    Ember,
    Sand,
    Slate,
    Night,
}

/// Something on the frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Layer {
    /// Where its middle is, in thousandths of the frame's width from the left and of its height from the top.
    pub x: u16,
    pub y: u16,
    /// In thousandths of the size that it has by itself.
    pub scale: u16,
    /// Clockwise, in degrees.
    pub rotation: i16,
    #[serde(flatten)]
    pub body: LayerBody,
}

/// What a layer is. Of `join`, `poll` and `question` there is at most one each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LayerBody {
    Text {
        text: String,
        ink: Ink,
    },
    /// The way in by the story's invite. There is one exactly where there is an invite.
    Join,
    Poll {
        question: String,
        options: Vec<String>,
    },
    /// Answers are for the author alone, but for those that are shown to all.
    Question {
        prompt: String,
    },
    /// `http` or `https`.
    Link {
        url: String,
    },
    /// A connection of the author.
    Mention {
        handle: String,
    },
}

/// How a text stands on what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ink {
    Light,
    Dark,
    /// Dark on a light ground of its own.
    Card,
}

/// Of a post that is a story: what more there is to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoryView {
    pub canvas: Canvas,
    /// From then on it is there for its author alone, unless it is kept among the highlights.
    pub expires_at: TimeMs,
    /// The viewer has been shown it. One's own counts as seen.
    pub seen: bool,
    /// The viewer has answered its question.
    pub answered: bool,
    /// Of a story with a poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollState>,
    /// How many people have been shown it; for the author alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_count: Option<u32>,
}

/// How a story's poll stands for one viewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PollState {
    /// What the viewer voted for, by index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<u32>,
    /// Votes for each option; for the author and those who voted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Vec<u32>>,
}

/// `GET /api/stories`: whose stories the viewer may see now. One's own come first, then people with stories that were
/// not seen, then those with a newer one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoriesBar {
    pub people: Vec<StoryPerson>,
}

/// Somebody with live stories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoryPerson {
    pub author: AccountRef,
    pub story_count: u32,
    pub unseen_count: u32,
    /// When the newest was written.
    pub newest_at: TimeMs,
    /// When the one that ends next does.
    pub expires_at: TimeMs,
}

/// `POST /api/stories/seen`: stories that were shown to the viewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoriesSeen {
    pub post_ids: Vec<PostId>,
}

/// `PUT /api/posts/{post_id}/vote`; in place of an earlier vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoryVote {
    /// By index.
    pub choice: u32,
}

/// A row of `GET /api/posts/{post_id}/viewers`: somebody who was shown the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoryViewer {
    pub account: AccountRef,
    pub seen_at: TimeMs,
    /// Their newest request to come in through the story's invite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ViewerRequest>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewerRequest {
    pub request_id: RequestId,
    pub state: RequestState,
}

/// A named set of somebody's own stories, as far as the viewer may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightView {
    pub highlight_id: HighlightId,
    pub name: String,
    /// The oldest first; to others than its owner at least one.
    pub post_ids: Vec<PostId>,
    /// What the first of them has behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<HighlightCover>,
}

/// What a highlight is shown by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightCover {
    pub background: Background,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<MediaView>,
}

/// `PUT /api/highlights/{highlight_id}`: makes a set of one's own stories, or changes it; what is left out goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutHighlight {
    pub name: String,
    pub post_ids: Vec<PostId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_in_json_is_flat() {
        let canvas = Canvas {
            version: CANVAS_VERSION,
            background: Background::Gradient { gradient: Gradient::Dusk },
            layers: vec![
                Layer { x: 500, y: 300, scale: 1_000, rotation: -8, body: LayerBody::Join },
                Layer {
                    x: 10,
                    y: 20,
                    scale: 1_500,
                    rotation: 0,
                    body: LayerBody::Text { text: "Hi".to_owned(), ink: Ink::Card },
                },
            ],
        };
        let json = serde_json::to_string(&canvas).expect("plain data");
        assert_eq!(
            json,
            r#"{"version":1,"background":{"kind":"gradient","gradient":"dusk"},"layers":[{"x":500,"y":300,"scale":1000,"rotation":-8,"kind":"join"},{"x":10,"y":20,"scale":1500,"rotation":0,"kind":"text","text":"Hi","ink":"card"}]}"#
        );
        assert_eq!(serde_json::from_str::<Canvas>(&json).expect("the same"), canvas);
    }
}
