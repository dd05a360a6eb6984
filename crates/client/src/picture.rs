//! Pictures of people and pages.

use doorpost_model::{
    ApiError, MediaId,
    media::{MediaKind, NewMedia},
};

use crate::{Client, Platform};

impl<P: Platform> Client<P> {
    /// Shows a photo (at most one part of an upload large) as the account's picture, or as that of a page.
    ///
    /// # Errors
    /// As the server says.
    pub async fn set_picture(&self, page: Option<&str>, photo: Vec<u8>) -> Result<(), ApiError> {
        self.0.account()?;
        let media_id = MediaId(self.0.new_uuid());
        let new =
            NewMedia { media_id, kind: MediaKind::Photo, size_bytes: u64::try_from(photo.len()).unwrap_or(u64::MAX) };
        self.0.api.upload_photo(&new, photo).await?;
        self.0.api.set_picture(page, media_id).await
    }
}
