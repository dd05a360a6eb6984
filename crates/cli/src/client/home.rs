//! The folder of one client.

use std::{fs::File, path::Path};

use doorpost_client::{
    Client, ClientConfig, LocalStore, Opened, Platform as _, SignInState,
    native::{FolderFiles, NativePlatform},
};
use doorpost_model::{ApiError, ErrorCode};

const LOCK: &str = "lock";
/// The folder of encrypted files.
const FILES: &str = "files";

/// A client on a folder, which belongs to this process as long as it lives.
pub struct Home {
    pub client: Client<NativePlatform>,
    pub platform: NativePlatform,
    pub opened: Opened,
    /// Held to the end: another process waits for it.
    _lock: File,
}

impl Home {
    /// Waits for other processes on the folder, and opens the client.
    pub async fn open(server: &str, folder: &Path) -> Result<Self, ApiError> {
        let platform = NativePlatform::new(server)
            .map_err(|error| ApiError::new(ErrorCode::Usage, format!("--server: {}.", error.0)))?;
        let unusable = |error: std::io::Error| {
            ApiError::new(ErrorCode::Usage, format!("The folder {} cannot be used: {error}.", folder.display()))
        };
        let files = FolderFiles::new(folder).map_err(unusable)?;
        let platform = platform.with_files(folder.join(FILES));
        let lock = File::create(folder.join(LOCK)).map_err(unusable)?;
        lock.lock().map_err(unusable)?;
        let store = LocalStore::open(&files, platform.now())?;
        let config = ClientConfig { device_name: "Command line".to_owned() };
        let client = Client::new(platform.clone(), store, config);
        let opened = client.open().await?;
        Ok(Self { client, platform, opened, _lock: lock })
    }

    /// Whether somebody is signed in here; else why not.
    pub fn signed_in(&self) -> Result<(), ApiError> {
        match self.opened.state {
            SignInState::Ready => Ok(()),
            _ if self.opened.store_was_corrupt => Err(ApiError::new(
                ErrorCode::StoreCorrupt,
                "What was stored in this folder is damaged and has been set aside. Sign in again: this becomes a new device.",
            )),
            SignInState::SignedOut => {
                Err(ApiError::new(ErrorCode::SignedOut, "Nobody is signed in here. Use register or login first."))
            }
            SignInState::NeedsDevice | SignInState::Locked => Err(ApiError::new(
                ErrorCode::IdentityLocked,
                "Signed in, but the account's keys are not on this device. Use login.",
            )),
        }
    }
}
