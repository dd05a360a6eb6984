//! What is inside an application message.

use serde::{Deserialize, Serialize};

/// The version of [`Content`] written now.
pub const CONTENT_VERSION: u16 = 1;

/// An application message's plaintext, as JSON: `{"v":1,"kind":"text","text":"…"}`. Readers keep
/// what they do not know, and say that a newer version is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub v: u16,
    #[serde(flatten)]
    pub body: ContentBody,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ContentBody {
    Text {
        text: String,
    },
    /// Anything this version does not know.
    #[serde(other)]
    Unknown,
}
