//! Photos as they are shown.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, MediaId, PostId,
    media::{MediaSize, MediaView, PictureSize, VideoView},
};
use doorpost_store::{self as store, Tx};

use super::own;
use crate::http::Result;

/// The photos of posts that the viewer may see, in each post's order.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_posts(tx: &mut Tx, posts: &[PostId]) -> Result<HashMap<PostId, Vec<MediaView>>> {
    let mut views: HashMap<PostId, Vec<MediaView>> = HashMap::new();
    for row in store::media::of_posts(tx, posts).await? {
        let of_post = views.entry(row.post_id).or_default();
        let made = size(row.size, row.width_px, row.height_px);
        match of_post.last_mut() {
            Some(view) if view.media_id == row.media_id => view.sizes.push(made),
            _ => of_post.push(MediaView {
                media_id: row.media_id,
                alt: row.alt,
                blurhash: row.blurhash,
                sizes: vec![made],
                video: film(row.film_width_px, row.film_height_px, row.film_duration_ms),
            }),
        }
    }
    Ok(views)
}

/// The viewer's own photo that is in no post yet.
///
/// # Errors
/// `not_found`.
pub(super) async fn unused(tx: &mut Tx, viewer: AccountId, media_id: MediaId) -> Result<MediaView> {
    let row = own(tx, viewer, media_id).await?;
    let sizes = store::media::sizes(tx, media_id).await?;
    let shown = store::video::film(tx, media_id).await?;
    Ok(MediaView {
        media_id,
        alt: String::new(),
        blurhash: row.blurhash,
        sizes: sizes.iter().map(|row| size(row.size, row.width_px, row.height_px)).collect(),
        video: shown.and_then(|row| film(Some(row.width_px), Some(row.height_px), Some(row.duration_ms))),
    })
}

fn film(width_px: Option<i64>, height_px: Option<i64>, duration_ms: Option<i64>) -> Option<VideoView> {
    let number = |stored: Option<i64>| stored.and_then(|stored| u32::try_from(stored).ok());
    Some(VideoView { width_px: number(width_px)?, height_px: number(height_px)?, duration_ms: number(duration_ms)? })
}

fn size(size: PictureSize, width_px: i64, height_px: i64) -> MediaSize {
    let px = |stored: i64| u32::try_from(stored).unwrap_or(0);
    MediaSize { size, width_px: px(width_px), height_px: px(height_px) }
}
