//! GroupInfos (RFC 9420 section 12.4.3) of the epoch this device is in.

use doorpost_model::ChatId;
use openmls_traits::OpenMlsProvider as _;

use super::{Groups, MemberError, engine};
use crate::{
    group::{decode_group_info, encode_message},
    identity::Device,
    storage::KeyValue,
};

impl Groups {
    /// A GroupInfo of the present epoch, signed by this device, without the tree (TLS encoded `MLSMessage`): what
    /// newcomers need, with the external key as this device knows it.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn group_info(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
    ) -> Result<Vec<u8>, MemberError> {
        let (group_info, _) = self.with(store, device, chat_id, |loaded, provider| {
            loaded.group.export_group_info(provider.crypto(), device, false).map_err(engine)
        })?;
        Ok(encode_message(&group_info))
    }

    /// Whether a GroupInfo is of this device's epoch and of another state than this device's: the group was forked.
    /// Says nothing about who signed it.
    ///
    /// # Errors
    /// [`Refusal`](crate::Refusal) when it is none; else as [`MemberError`].
    pub fn is_forked_from(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        group_info: &[u8],
    ) -> Result<bool, MemberError> {
        let info = decode_group_info(group_info)?;
        let (is_forked, _) = self.with(store, device, chat_id, |loaded, _| {
            let own = loaded.group.public_group().group_context();
            Ok(info.epoch() == own.epoch() && info.group_context() != own)
        })?;
        Ok(is_forked)
    }
}
