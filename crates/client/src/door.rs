//! The chat's door: another one when a host takes somebody out, and how a device gets the one that it missed.

use std::{cell::RefCell, rc::Rc};

use doorpost_mls::{
    door::{DoorSecret, InviteSecret, NextDoor},
    member::{CommitPlan, GroupView, PreparedCommit},
    ticket::verify_ticket,
};
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode, InviteId,
    admission::{ChatPolicy, InvitePolicy, Ticket},
    chat::CommitUpload,
    hosts_key::SealingKey,
    invite::{ChangedDoor, ChatDoor, SecretCopy},
    limits::FORMER_JOIN_KEYS_MAX,
    settings::ChatProfile,
};

use crate::{
    Platform,
    core::Core,
    enter::Key,
    invite_secret::secret_of,
    join::open_door,
    store::{StoreError, Tx, chat, join},
};

/// Tries when invites change while somebody is taken out.
const ATTEMPTS_MAX: u32 = 3;

/// An invite whose door is sealed anew.
struct Reopened {
    invite_id: InviteId,
    /// What it is sealed under.
    secret: InviteSecret,
    /// For who hands out the secret, where it is another one.
    copy: Option<SecretCopy>,
}

impl<P: Platform> Core<P> {
    /// Commits a plan that takes `gone` out, with another door and other secrets for the invites that they may know.
    pub(crate) async fn commit_with_next_door(
        self: &Rc<Self>,
        chat_id: ChatId,
        gone: AccountId,
        plan: impl Fn(&GroupView) -> Result<CommitPlan, ApiError>,
    ) -> Result<(), ApiError> {
        let mut attempts = 1;
        loop {
            let doors = self.retrying(async || self.api.chat_doors(chat_id).await).await?;
            let reopened = RefCell::new(Vec::new());
            let result = self
                .commit_made(
                    chat_id,
                    |view| {
                        let plan = plan(view)?;
                        let mut policy = plan.policy.unwrap_or_else(|| view.policy.clone());
                        reopened.replace(self.change_secrets(view, &mut policy, &doors, gone)?);
                        Ok(CommitPlan { policy: Some(policy), ..plan })
                    },
                    |prepared| self.with_doors(chat_id, prepared, &reopened.borrow()),
                    async |upload| self.api.commit(chat_id, None, &upload).await,
                )
                .await;
            match result {
                // An invite was made, closed or published meanwhile.
                Err(error) if error.code() == ErrorCode::Conflict && attempts < ATTEMPTS_MAX => attempts += 1,
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        // Others' authors are told by the server.
        let result = self.share_secrets().await;
        self.background(result);
        Ok(())
    }

    /// Gives the open invites in `policy` other secrets, but those that are published: everybody knows them for good. An
    /// invite that nobody could hand out another secret of is closed.
    fn change_secrets(
        &self,
        view: &GroupView,
        policy: &mut ChatPolicy,
        doors: &[ChatDoor],
        gone: AccountId,
    ) -> Result<Vec<Reopened>, ApiError> {
        let mut reopened = Vec::new();
        for invite in policy.invites.iter_mut().filter(|invite| !invite.closed) {
            let door = doors.iter().find(|door| door.invite_id == invite.invite_id);
            let is_of_gone = |door: &ChatDoor| door.author.as_ref().is_some_and(|author| author.account_id == gone);
            let opened = match door.filter(|door| !is_of_gone(door)) {
                Some(door) if invite.published => published(invite, door),
                Some(door) => self.change_secret(view, invite, door)?,
                None => None,
            };
            invite.closed = opened.is_none();
            reopened.extend(opened);
        }
        Ok(reopened)
    }

    /// Gives an invite another secret, sealed to its post's author; none where that is not possible. A secret that the
    /// server holds, and the policy does not call published, may be what somebody told it.
    fn change_secret(
        &self,
        view: &GroupView,
        invite: &mut InvitePolicy,
        door: &ChatDoor,
    ) -> Result<Option<Reopened>, ApiError> {
        drop_unused_keys(invite, view);
        let has_room = invite.former_join_keys.len() < FORMER_JOIN_KEYS_MAX;
        let author = door.author.as_ref().filter(|author| has_room && door.secret.is_none() && is_as_in(view, author));
        let Some(author) = author else { return Ok(None) };
        let secret = InviteSecret::generate(&self.entropy());
        let Some(copy) = self.seal_for(invite.invite_id, &secret, author)? else { return Ok(None) };
        invite.change_key(secret.join_key());
        Ok(Some(Reopened { invite_id: invite.invite_id, secret, copy: Some(copy) }))
    }

    /// The upload of a commit with another door, sealed for those who come in.
    fn with_doors(
        &self,
        chat_id: ChatId,
        prepared: &PreparedCommit,
        reopened: &[Reopened],
    ) -> Result<CommitUpload, ApiError> {
        let Some(next) = &prepared.next_door else { return Ok(prepared.upload.clone()) };
        let ciphersuite = self.group_view(chat_id)?.ciphersuite;
        let door = self.chat_row(chat_id)?.door_secret()?.followed_by(next);
        let seal = |Reopened { invite_id, secret, copy }: &Reopened| ChangedDoor {
            invite_id: *invite_id,
            sealed_door: secret.seal_door(chat_id, *invite_id, &door, ciphersuite, &self.entropy()),
            copies: copy.iter().cloned().collect(),
        };
        Ok(CommitUpload { doors: reopened.iter().map(seal).collect(), ..prepared.upload.clone() })
    }

    /// Goes on with the door that a commit brought.
    pub(crate) fn take_next_door(&self, tx: &Tx<'_>, chat_id: ChatId, next: &NextDoor) -> Result<(), StoreError> {
        let Some(row) = chat::get(tx, chat_id)? else { return Ok(()) };
        self.slot(chat_id).door_changed.set(true);
        chat::set_door(tx, chat_id, &row.door_secret()?.followed_by(next))
    }

    /// A later door than that of `stale`, for a device that was away when it changed: what another device of the account
    /// left, or what the invite gives that the account comes in by.
    pub(crate) async fn later_key(&self, chat_id: ChatId, stale: &Key) -> Result<Option<Key>, ApiError> {
        let ticket = stale.ticket.clone();
        if let Some(entry) = self.keyring_entry(chat_id).await?
            && entry.door.version() > stale.door.version()
        {
            return Ok(Some(Key { door: entry.door.clone(), ticket: ticket.or_else(|| entry.ticket.clone()) }));
        }
        let Some(invite_id) = ticket.as_ref().map(|ticket| ticket.invite_id) else { return Ok(None) };
        let door = match self.api.door(invite_id).await {
            Ok(door) if door.chat_id == chat_id => door,
            Ok(_) => return Ok(None),
            Err(error) if error.code() == ErrorCode::Offline => return Err(error),
            Err(_) => return Ok(None),
        };
        let account = self.account()?;
        if secret_of(&door, &account).is_none() {
            return Ok(None);
        }
        let (_, door, _) = open_door(&door, None, &account)?;
        if door.version() <= stale.door.version() {
            return Ok(None);
        }
        if let Some(mut pending) = join::by_chat(self.store.read(), chat_id)? {
            pending.door = door.to_bytes().to_vec();
            join::put(self.store.read(), &pending)?;
        }
        Ok(Some(Key { door, ticket }))
    }
}

/// The published secret of an invite, as the server has it, where it is the one in the policy.
fn published(invite: &InvitePolicy, door: &ChatDoor) -> Option<Reopened> {
    let secret = InviteSecret::from_slice(&door.secret.as_ref()?.0)?;
    let is_known = secret.join_key() == invite.join_key;
    is_known.then_some(Reopened { invite_id: invite.invite_id, secret, copy: None })
}

/// Whether an account's keys are those of its devices in the group, where it has some there.
fn is_as_in(view: &GroupView, key: &SealingKey) -> bool {
    let mut leaves = view.leaves.iter().filter(|leaf| leaf.account_id == key.account_id).peekable();
    leaves.peek().is_none() || leaves.any(|leaf| leaf.identity_key[..] == key.identity_key.0[..])
}

/// Makes room for another former key, where there is none: those go by which nobody is in.
fn drop_unused_keys(invite: &mut InvitePolicy, view: &GroupView) {
    if invite.former_join_keys.len() < FORMER_JOIN_KEYS_MAX {
        return;
    }
    let chat_id = view.policy.chat_id;
    invite.former_join_keys.retain(|key| {
        view.leaves.iter().any(|leaf| {
            let is_by = |ticket: &Ticket| verify_ticket(ticket, chat_id, leaf.account_id, &leaf.identity_key, key);
            leaf.ticket.as_ref().is_some_and(is_by)
        })
    });
}

/// The same door, with the key that opens the policy's profile.
pub(crate) fn fitting(door: DoorSecret, policy: &ChatPolicy) -> DoorSecret {
    match &policy.profile {
        Some(profile) => door.fitting(policy.chat_id, profile.as_ref()),
        None => door,
    }
}

/// What a chat is called for its members; none where no host said so, or it cannot be opened.
pub(crate) fn profile_in(door: &DoorSecret, policy: &ChatPolicy) -> Option<ChatProfile> {
    door.open_profile(policy.chat_id, policy.profile.as_ref()?.as_ref()).ok()
}
