//! The account's devices: their list, their names, and ending one.

use doorpost_mls::ticket::make_revocation;
use doorpost_model::{
    ApiError, ChatId, DeviceId,
    device::{DeviceView, RevokeDeviceRequest, UpdateDeviceRequest},
};

use crate::{Client, Platform, core::Core};

impl<P: Platform> Core<P> {
    /// The account's devices, the oldest first.
    pub(crate) async fn devices(&self) -> Result<Vec<DeviceView>, ApiError> {
        self.account()?;
        self.api.devices().await
    }

    pub(crate) async fn rename_device(&self, device_id: DeviceId, name: String) -> Result<(), ApiError> {
        self.account()?;
        let request = UpdateDeviceRequest { name };
        self.retrying(async || self.api.update_device(device_id, &request).await).await
    }

    /// Ends a device for good. It goes out of every chat as soon as a member there is online.
    pub(crate) async fn revoke_device(&self, device_id: DeviceId) -> Result<(), ApiError> {
        let account = self.account()?;
        let revocation = make_revocation(&account.secrets, account.id(), device_id);
        let request = RevokeDeviceRequest { revocation };
        self.retrying(async || self.api.revoke_device(device_id, &request).await).await
    }
}

impl<P: Platform> Client<P> {
    /// The devices in a chat's group, as this device has it.
    ///
    /// # Errors
    /// `not_found` and the like where it has none.
    pub fn devices_in(&self, chat_id: ChatId) -> Result<Vec<DeviceId>, ApiError> {
        Ok(self.0.group_view(chat_id)?.leaves.iter().map(|leaf| leaf.device_id).collect())
    }
}
