//! Application messages, and the log's entries.

use doorpost_model::{
    ChatId,
    chat::{EntryKind, LogEntry},
    franking::franking_tag,
};
use doorpost_policy::membership::{CommitFacts, Refusal, check_commit, membership_change};
use openmls::{
    group::{ProcessMessageError, StageCommitError},
    prelude::{ProcessedMessageContent, PublicMessageIn, Sender},
};
use openmls_traits::OpenMlsProvider as _;
use sha2::{Digest as _, Sha256};

use super::{
    Encrypted, Event, Groups, MemberError, Processed,
    cache::{Loaded, PendingCommit, clear},
    engine, revoked,
};
use crate::{
    group::{commit_facts, decode_commit, decode_message, encode_message, group_id_of},
    identity::Device,
    provider::Provider,
    storage::{KeyValue, OverlayError, Tag, key},
};

impl Groups {
    /// Encrypts an application message, franked. Possible while a commit of this device waits; should that get in
    /// first, the message is of an old epoch and must be encrypted again.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn encrypt(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        plaintext: &[u8],
    ) -> Result<Encrypted, MemberError> {
        let ((payload, epoch), writes) = self.with(store, device, chat_id, |loaded, provider| {
            // Used for this message alone, and reset by it.
            loaded.group.set_aad(franking_tag(chat_id, device.account_id(), plaintext).to_vec());
            let message = loaded.group.create_message(provider, device, plaintext).map_err(engine)?;
            Ok((encode_message(&message), loaded.epoch()))
        })?;
        Ok(Encrypted { payload, epoch, writes })
    }

    /// Takes the next entry of a chat's log. Entries must come in their order, each once. A commit is judged by the
    /// entry's time, so that all members judge alike.
    ///
    /// # Errors
    /// See [`MemberError`]. After [`MemberError::Undecryptable`] go on with the next entry; after
    /// [`MemberError::Refused`] of a commit the device cannot follow the log any further: say so, and come in again.
    pub fn process(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        entry: &LogEntry,
    ) -> Result<Processed, MemberError> {
        let ((event, pending_discarded, next_door), writes) =
            self.with(store, device, entry.chat_id, |loaded, provider| match entry.kind {
                EntryKind::Message => Ok((loaded.decrypt(provider, entry)?, false, None)),
                EntryKind::Commit => {
                    let door_before = loaded.policy.door_version;
                    let (event, pending_discarded) = loaded.follow(provider, entry)?;
                    let is_in = !matches!(event, Event::Removed(_));
                    let next_door = if is_in { loaded.change_door(provider, door_before)? } else { None };
                    Ok((event, pending_discarded, next_door))
                }
                // It changes no group: whoever reads the log decides what it means.
                EntryKind::Restored => Err(Refusal::MessageInvalid.into()),
            })?;
        Ok(Processed { event, pending_discarded, next_door, writes })
    }
}

impl Loaded {
    fn decrypt(&mut self, provider: &Provider<'_>, entry: &LogEntry) -> Result<Event, MemberError> {
        let message = decode_message(entry.payload.as_ref()).map_err(|_| MemberError::Undecryptable)?;
        if *message.group_id() != *self.group.group_id() {
            return Err(Refusal::WrongChat.into());
        }
        let processed = self.group.process_message(provider, message).map_err(|error| match error {
            ProcessMessageError::StorageError(error) => error.into(),
            _ => MemberError::Undecryptable,
        })?;
        let (sender, aad) = (processed.sender().clone(), processed.aad().to_vec());
        match (processed.into_content(), sender) {
            (ProcessedMessageContent::OwnPrivateMessage, _) => Ok(Event::OwnMessage),
            (ProcessedMessageContent::ApplicationMessage(message), Sender::Member(index)) => {
                let leaf = self.leaves.at(index).ok_or(MemberError::Undecryptable)?;
                let plaintext = message.into_bytes();
                // What its sender did not commit to could never be reported: nobody is shown it.
                if aad != franking_tag(self.chat_id, leaf.account_id, &plaintext) {
                    return Err(MemberError::Undecryptable);
                }
                Ok(Event::Message { account_id: leaf.account_id, device_id: leaf.device_id, plaintext })
            }
            _ => Err(MemberError::Undecryptable),
        }
    }

    /// Follows a commit into the next epoch. Also says whether an own pending commit was overtaken.
    fn follow(&mut self, provider: &Provider<'_>, entry: &LogEntry) -> Result<(Event, bool), MemberError> {
        let message = decode_commit(entry.payload.as_ref())?;
        if *message.group_id() != *self.group.group_id() {
            return Err(Refusal::WrongChat.into());
        }
        if message.epoch() != self.group.epoch() {
            let found = message.epoch().as_u64();
            return Err(Refusal::WrongEpoch { expected: self.epoch(), found }.into());
        }
        let pending_key = key(Tag::PendingCommit, &group_id_of(self.chat_id));
        let pending: Option<PendingCommit> = provider.storage().get(&pending_key)?;
        let digest: [u8; 32] = Sha256::digest(entry.payload.as_ref()).into();
        if let Some(pending) = pending.as_ref().filter(|pending| pending.digest == digest) {
            provider.storage().delete(pending_key);
            return Ok((self.follow_own(provider, &pending.aad)?, false));
        }
        if *message.sender() == Sender::Member(self.group.own_leaf_index()) {
            return Err(Refusal::OwnCommitUnknown.into());
        }
        let event = self.follow_other(provider, message, entry)?;
        if pending.is_some() && !matches!(event, Event::Removed(_)) {
            provider.storage().delete(pending_key);
        }
        Ok((event, pending.is_some()))
    }

    fn follow_own(&mut self, provider: &Provider<'_>, aad: &[u8]) -> Result<Event, MemberError> {
        let facts = self.pending_facts(aad)?;
        let change = membership_change(self.leaves.as_slice(), &self.policy, &facts);
        self.group.merge_pending_commit(provider).map_err(engine)?;
        revoked::remember(provider, self.chat_id, &facts.aad)?;
        self.refresh()?;
        Ok(Event::OwnCommit(change))
    }

    /// What the pending commit does.
    pub(super) fn pending_facts(&self, aad: &[u8]) -> Result<CommitFacts, MemberError> {
        let lost = || MemberError::Corrupt("the pending commit is missing".to_owned());
        let staged = self.pending().ok_or_else(lost)?;
        let sender = Sender::Member(self.group.own_leaf_index());
        Ok(commit_facts(self.group.public_group(), &self.leaves, &sender, staged, aad)?)
    }

    fn follow_other(
        &mut self,
        provider: &Provider<'_>,
        message: PublicMessageIn,
        entry: &LogEntry,
    ) -> Result<Event, MemberError> {
        let processed = self.group.process_message(provider, message).map_err(commit_error)?;
        let (sender, aad) = (processed.sender().clone(), processed.aad().to_vec());
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(Refusal::MessageInvalid.into());
        };
        let facts = commit_facts(self.group.public_group(), &self.leaves, &sender, &staged, &aad)?;
        check_commit(self.leaves.as_slice(), &self.policy, &facts, entry.at)?;
        revoked::check_commit_devices(provider, self.chat_id, &facts)?;
        let change = membership_change(self.leaves.as_slice(), &self.policy, &facts);
        let removed = staged.self_removed();
        self.group.merge_staged_commit(provider, *staged).map_err(engine)?;
        if removed {
            clear(provider, self.chat_id)?;
            return Ok(Event::Removed(change));
        }
        revoked::remember(provider, self.chat_id, &facts.aad)?;
        self.refresh()?;
        Ok(Event::Commit(change))
    }
}

fn commit_error(error: ProcessMessageError<OverlayError>) -> MemberError {
    match error {
        ProcessMessageError::StorageError(error) => error.into(),
        ProcessMessageError::InvalidCommit(StageCommitError::ConfirmationTagMismatch) => {
            Refusal::ConfirmationMismatch.into()
        }
        ProcessMessageError::InvalidCommit(StageCommitError::PskError(_)) => Refusal::ForeignPsk.into(),
        _ => Refusal::MessageInvalid.into(),
    }
}
