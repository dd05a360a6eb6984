//! Photos and videos in posts: how they are uploaded, and what is shown of them.
//!
//! The server makes every photo anew in a few sizes, and of every video one film and a photo of it
//! (`docs/adr/0022-media.md`); what was uploaded is kept no longer than that takes.

use serde::{Deserialize, Serialize};

use crate::MediaId;

/// The sizes a photo is made in. Smaller photos have fewer: none is made larger than it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PictureSize {
    Small,
    Medium,
    Large,
}

impl PictureSize {
    /// Every size, the smallest first.
    pub const ALL: &[PictureSize] = &[Self::Small, Self::Medium, Self::Large];

    /// Pixels of the longest side, at most.
    #[must_use]
    pub const fn side_px(self) -> u32 {
        match self {
            Self::Small => 320,
            Self::Medium => 960,
            Self::Large => 2_048,
        }
    }

    /// The size as it stands in JSON and in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// What is uploaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    #[default]
    Photo,
    /// Where the server offers it ([`crate::account::ServerInfo::video`]).
    Video,
}

/// Why a video is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VideoRefusal {
    #[error("the file is no video of a kind that is taken")]
    Unknown,
    #[error("the video is damaged or cut short")]
    Damaged,
    #[error("the video has too many pixels, pictures or streams, or takes too long to make")]
    TooCostly,
    #[error("the video is too long")]
    TooLong,
    #[error("this server makes no videos any more")]
    Unavailable,
}

/// `POST /api/media`: a photo or video that will be uploaded. The same one twice is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMedia {
    /// Made by the client (UUID version 4).
    pub media_id: MediaId,
    #[serde(default)]
    pub kind: MediaKind,
    pub size_bytes: u64,
}

/// How far the upload of a photo or video has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaUpload {
    pub media_id: MediaId,
    pub size_bytes: u64,
    /// The next part begins here.
    pub received_bytes: u64,
    /// Its sizes are made: it can go into a post.
    pub finished: bool,
    /// A video that is being made anew, or waits for it. When it is no longer, `finish` says what became of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub making: bool,
}

/// A photo or video for a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostMedia {
    pub media_id: MediaId,
    /// What is on it, for those who do not see it. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alt: String,
}

/// A photo or video as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaView {
    pub media_id: MediaId,
    /// Empty where its author said nothing.
    pub alt: String,
    /// A few colours to show at once (base 83, as blurha.sh has it).
    pub blurhash: String,
    /// The smallest first; at least one. Of a video, the photo that stands for it until it plays.
    pub sizes: Vec<MediaSize>,
    /// Of a video alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoView>,
}

/// A video's film: an MP4 (H.264, AAC) at `/api/media/{media_id}/video`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VideoView {
    pub width_px: u32,
    pub height_px: u32,
    pub duration_ms: u32,
}

/// One size of a photo: a JPEG at `/api/media/{media_id}/{size}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaSize {
    pub size: PictureSize,
    pub width_px: u32,
    pub height_px: u32,
}
