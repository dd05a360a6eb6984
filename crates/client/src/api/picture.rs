//! Pictures of people and pages.

use doorpost_model::{
    ApiError, MediaId,
    media::{MediaUpload, MediaView, NewMedia},
    picture::SetPicture,
};
use serde::de::IgnoredAny;

use super::{Api, Body, read};
use crate::platform::{Method, Platform};

impl<P: Platform> Api<P> {
    /// All of a photo that is one part large.
    pub(crate) async fn upload_photo(&self, new: &NewMedia, photo: Vec<u8>) -> Result<MediaView, ApiError> {
        self.post::<MediaUpload>("/api/media".to_owned(), new).await?;
        let path = format!("/api/media/{}/parts/0", new.media_id);
        read::<MediaUpload>(&self.send_request(Method::Put, path, None, Body::Bytes(photo)).await?)?;
        self.post(format!("/api/media/{}/finish", new.media_id), &()).await
    }

    pub(crate) async fn set_picture(&self, page: Option<&str>, media_id: MediaId) -> Result<(), ApiError> {
        let of = page.map_or_else(|| "me".to_owned(), |page| format!("pages/{page}"));
        self.put(format!("/api/{of}/picture"), &SetPicture { media_id }).await.map(|_: IgnoredAny| ())
    }
}
