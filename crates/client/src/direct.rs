//! Chats of two. The other one's devices are added with key packages they have left, so they need not be there.

use std::rc::Rc;

use doorpost_mls::{
    delivery::check_key_package,
    door::DoorSecret,
    member::{Add, CommitPlan, GroupView, MadeKeyPackage, discard_key_package, make_key_package, make_last_resort},
    storage::WriteSet,
    ticket::appoint,
};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, TimeMs,
    admission::{ChatPolicy, HostKey, PublicKey},
    chat::{ChatView, NewChat, Role},
    direct::{
        AnswerDirect, ClaimedKeyPackage, DirectOpened, DirectState, DirectView, DirectWith, KeyPackagesLeft, NewDirect,
        PutKeyPackages,
    },
};

use crate::{
    ChatSummary, Event, Platform,
    api::is_transient,
    core::{Account, Core, group_error},
    post,
    store::{
        StoreError,
        chat::{self, ChatRow},
        mls, person,
        setting::{self, KeptKeyPackage, LeftBehind},
    },
    view::ChatState,
};

/// What the server calls a chat of two; people see the other's name.
const TITLE: &str = "direct";
/// Key packages that this device leaves besides the last resort, and from how few on it leaves more.
const LEFT_MAX: u32 = 5;
const LEFT_MIN: u32 = 3;
/// How often the device asks how many are left.
const LEFT_CHECK_MS: i64 = 6 * 60 * 60 * 1_000;
/// How soon it tries again when they did not arrive.
const LEFT_RETRY_MS: i64 = 10 * 60 * 1_000;

impl<P: Platform> Core<P> {
    /// The one chat with somebody, made if need be.
    pub(crate) async fn direct(self: &Rc<Self>, other: AccountId) -> Result<DirectOpened, ApiError> {
        let account = self.account()?;
        if self.present_chat(other)?.is_some_and(|row| !row.is_ready()) {
            // Perhaps an answer was lost, or the other one has just made it.
            self.refresh_chats().await?;
        }
        if let Some(row) = self.present_chat(other)? {
            self.add_other(row.chat_id, other).await?;
            return Ok(DirectOpened { chat_id: row.chat_id });
        }
        let view = self.api.direct(other).await?;
        if view.account.account_id != other || view.keys.account_id != other {
            return Err(wrong_keys());
        }
        person::put(self.store.read(), &view.account)?;
        if let Some(chat_id) = view.chat_id {
            self.refresh_chats().await?;
            return Ok(DirectOpened { chat_id });
        }
        let chat_id = ChatId(self.new_uuid());
        self.making.borrow_mut().insert(chat_id);
        let made = self.make_direct(&account, chat_id, &view).await;
        self.making.borrow_mut().remove(&chat_id);
        let opened = made?;
        self.refresh_chats().await?;
        if opened.chat_id == chat_id {
            self.add_other(chat_id, other).await?;
        }
        Ok(opened)
    }

    /// The chat with somebody that goes on, as far as this device knows.
    fn present_chat(&self, other: AccountId) -> Result<Option<ChatRow>, StoreError> {
        let has_ended = |row: &ChatRow| row.direct.as_ref().is_some_and(|direct| direct.state == DirectState::Ended);
        let rows = chat::direct_with(self.store.read(), other)?;
        Ok(rows.into_iter().find(|row| row.is_mine() && !has_ended(row)))
    }

    async fn make_direct(
        self: &Rc<Self>,
        account: &Account,
        chat_id: ChatId,
        view: &DirectView,
    ) -> Result<DirectOpened, ApiError> {
        let other = view.account.account_id;
        let identity_key = PublicKey::try_from(view.keys.identity_key.0.as_slice()).map_err(|_| wrong_keys())?;
        let door = DoorSecret::generate(&self.entropy());
        let sealed_door = door.seal_to(chat_id, &view.keys).map_err(|_| wrong_keys())?;
        let maker = HostKey::maker(account.id(), *account.device.identity_key());
        let policy = ChatPolicy::new_direct(chat_id, maker, appoint(&account.secrets, chat_id, other, identity_key));
        let ciphersuite = self.known_server().await?.ciphersuite;
        let created = self
            .groups
            .borrow_mut()
            .create(&mls::MlsView(self.store.read()), &account.device, &policy, &door, ciphersuite, self.now())
            .map_err(group_error)?;
        let row = ChatRow {
            door: Some(door.to_bytes().to_vec()),
            settings: policy.settings.clone(),
            direct: Some(DirectWith { account: view.account.clone(), state: DirectState::Requested }),
            ..ChatRow::new(chat_id, TITLE.to_owned(), Role::Host, self.now())
        };
        self.store.write(|tx| {
            mls::apply(tx, &created.writes)?;
            chat::put(tx, &row)
        })?;
        let new = NewDirect {
            chat: NewChat {
                chat_id,
                title: TITLE.to_owned(),
                group_info: Binary(created.group_info),
                ratchet_tree: Binary(created.ratchet_tree),
            },
            sealed_door,
        };
        match self.retrying(async || self.api.open_direct(other, &new).await).await {
            Ok(opened) if opened.chat_id == chat_id => {
                self.store.write(|tx| post::confirm_chat(tx, chat_id, account.id(), self.now()))?;
                self.emit(&Event::Chats);
                self.tell_soon();
                Ok(opened)
            }
            Ok(opened) => {
                self.erase_group(chat_id, |tx| chat::delete(tx, chat_id))?;
                Ok(opened)
            }
            Err(error) => {
                if !is_transient(&error) {
                    self.erase_group(chat_id, |tx| chat::delete(tx, chat_id))?;
                }
                // Else not known: the next list of chats tells whether it came to be.
                Err(error)
            }
        }
    }

    /// Adds devices of the other one that have left key packages, where none of theirs is in. Whoever left none comes in by
    /// themselves, and then gets what was written before as history.
    async fn add_other(self: &Rc<Self>, chat_id: ChatId, other: AccountId) -> Result<(), ApiError> {
        let is_in = |view: &GroupView| view.leaves.iter().any(|leaf| leaf.account_id == other);
        let is_ready = chat::get(self.store.read(), chat_id)?.is_some_and(|row| row.is_ready());
        if !is_ready || is_in(&self.group_view(chat_id)?) {
            return Ok(());
        }
        let policy = self.group_view(chat_id)?.policy;
        let is_theirs = |claimed: &ClaimedKeyPackage| {
            check_key_package(&claimed.key_package.0, &policy, self.now())
                .is_ok_and(|checked| checked.leaf.account_id == other)
        };
        let claimed = self.api.claim_key_packages(chat_id).await?;
        let (theirs, foreign): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_theirs);
        if !foreign.is_empty() {
            let message = "The server gave keys for them that are not theirs. They were left out.";
            self.warn(Some(chat_id), ErrorCode::ServerMisbehaved, message);
        }
        if theirs.is_empty() {
            return Ok(());
        }
        let plan = |view: &GroupView| {
            let added = theirs.iter().filter(|_| !is_in(view));
            let adds = added.map(|claimed| Add { key_package: claimed.key_package.0.clone(), approval: None });
            Ok(CommitPlan { adds: adds.collect(), ..CommitPlan::default() })
        };
        let result = self.commit(chat_id, plan, async |upload| self.api.commit(chat_id, None, &upload).await).await;
        // They may have come in by themselves meanwhile, or what they left is of no use.
        match result {
            Err(error) if error.code() != ErrorCode::Conflict => Err(error),
            _ => Ok(()),
        }
    }

    /// Accepts somebody's request to write, or declines it, of which they learn nothing.
    pub(crate) async fn answer_direct(self: &Rc<Self>, chat_id: ChatId, accept: bool) -> Result<ChatSummary, ApiError> {
        self.chat_row(chat_id)?;
        self.retrying(async || self.api.answer_direct(chat_id, AnswerDirect { accept }).await).await?;
        let view = self.api.chat(chat_id).await?;
        self.put_chat_view(&view)?;
        self.emit(&Event::Chats);
        self.chat(chat_id)
    }

    /// The door of a chat of two that the other one made.
    pub(crate) async fn direct_door(&self, chat_id: ChatId) -> Result<Option<DoorSecret>, ApiError> {
        let account = self.account()?;
        let sealed = match self.api.direct_door(chat_id).await {
            Ok(sealed) => sealed.sealed,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let door = DoorSecret::open_copy(&account.secrets, account.id(), chat_id, &sealed.0);
        if door.is_err() {
            self.warn(Some(chat_id), ErrorCode::ServerMisbehaved, "What lets you into a chat cannot be opened.");
        }
        Ok(door.ok())
    }

    /// With whom the server says a chat is; none where the group on this device is not of the two. A server could show what
    /// many read as a chat with one.
    pub(crate) fn believed(&self, view: &ChatView) -> Result<Option<DirectWith>, ApiError> {
        let Some(direct) = &view.direct else { return Ok(None) };
        let known = chat::get(self.store.read(), view.chat_id)?;
        let is_news = known.is_some_and(|row| row.is_ready() && other_of(&row) != Some(direct.account.account_id));
        if is_news && !self.is_between(direct.account.account_id, &self.group_view(view.chat_id)?.policy)? {
            self.warn(Some(view.chat_id), ErrorCode::ServerMisbehaved, NOT_OF_TWO);
            return Ok(None);
        }
        Ok(Some(direct.clone()))
    }

    /// Whether a group that this device is about to come into is what the chat is said to be.
    ///
    /// # Errors
    /// `server_misbehaved`
    pub(crate) fn check_between(&self, chat_id: ChatId, policy: &ChatPolicy) -> Result<(), ApiError> {
        let other = chat::get(self.store.read(), chat_id)?.as_ref().and_then(other_of);
        match other {
            Some(other) if !self.is_between(other, policy)? => {
                self.groups.borrow_mut().forget(chat_id);
                self.warn(Some(chat_id), ErrorCode::ServerMisbehaved, NOT_OF_TWO);
                Err(ApiError::new(ErrorCode::ServerMisbehaved, NOT_OF_TWO))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is the policy of a chat of this account and another. One of two has two hosts: see `check_policy`.
    fn is_between(&self, other: AccountId, policy: &ChatPolicy) -> Result<bool, ApiError> {
        let me = self.account()?.id();
        Ok(policy.direct && policy.hosts.iter().all(|host| [me, other].contains(&host.account_id)))
    }

    /// Leaves key packages for those who write to this account while the device is away, where it is time to look.
    pub(crate) async fn leave_key_packages(self: &Rc<Self>) -> Result<(), ApiError> {
        let device_id = self.account()?.device.device_id();
        let before = setting::key_packages(self.store.read())?.filter(|before| before.device_id == device_id);
        let mut behind = before.unwrap_or(LeftBehind { device_id, kept: Vec::new(), check_at: TimeMs(0) });
        if behind.check_at > self.now() {
            return Ok(());
        }
        let left = self.api.key_packages_left().await?;
        let mut writes = self.discard_expired(&mut behind.kept);
        let new = match left.one_time < LEFT_MIN || !left.has_last_resort {
            true => Some(self.make_key_packages(left, &mut behind.kept, &mut writes).await?),
            false => None,
        };
        behind.check_at = self.now().plus(if new.is_some() { LEFT_RETRY_MS } else { LEFT_CHECK_MS });
        // Kept before anybody can be given them.
        self.store.write(|tx| {
            mls::apply(tx, &writes)?;
            setting::set_key_packages(tx, &behind)
        })?;
        if let Some(new) = new {
            self.api.put_key_packages(&new).await?;
            behind.check_at = self.now().plus(LEFT_CHECK_MS);
            setting::set_key_packages(self.store.read(), &behind)?;
        }
        Ok(())
    }

    /// Deletes what is left here of key packages that have run out, used or not.
    fn discard_expired(&self, kept: &mut Vec<KeptKeyPackage>) -> WriteSet {
        let now = self.now();
        let expired = kept.extract_if(.., |kept| kept.expires_at < now);
        WriteSet(expired.flat_map(|kept| discard_key_package(&kept.reference.0).0).collect())
    }

    /// Somebody used a key package: it is time to look how many are left.
    pub(crate) fn key_package_used(&self) -> Result<(), StoreError> {
        match setting::key_packages(self.store.read())? {
            Some(before) => setting::set_key_packages(self.store.read(), &LeftBehind { check_at: TimeMs(0), ..before }),
            None => Ok(()),
        }
    }

    /// As many as are missing; notes in `kept` when they run out, and in `writes` their keys.
    async fn make_key_packages(
        &self,
        left: KeyPackagesLeft,
        kept: &mut Vec<KeptKeyPackage>,
        writes: &mut WriteSet,
    ) -> Result<PutKeyPackages, ApiError> {
        let account = self.account()?;
        let ciphersuite = self.known_server().await?.ciphersuite;
        let mut keep = |made: MadeKeyPackage| {
            kept.push(KeptKeyPackage { reference: Binary(made.reference), expires_at: made.expires_at });
            writes.0.extend(made.writes.0);
            Binary(made.key_package)
        };
        let mut new = PutKeyPackages { one_time: Vec::new(), last_resort: None };
        for _ in left.one_time..LEFT_MAX {
            let made = make_key_package(&account.device, None, ciphersuite, self.now()).map_err(group_error)?;
            new.one_time.push(keep(made));
        }
        if !left.has_last_resort {
            let made = make_last_resort(&account.device, ciphersuite, self.now()).map_err(group_error)?;
            new.last_resort = Some(keep(made));
        }
        Ok(new)
    }
}

/// Whether the other one may be shown that this account reads or writes.
pub(crate) fn is_open(row: &ChatRow) -> bool {
    row.direct.as_ref().is_none_or(|direct| direct.state == DirectState::Open)
}

/// Whether the chat is quiet: a request that was not accepted.
pub(crate) fn is_quiet(row: &ChatRow) -> bool {
    let state = row.direct.as_ref().map(|direct| direct.state);
    matches!(state, Some(DirectState::Incoming | DirectState::Declined)) && row.state != ChatState::Left
}

fn other_of(row: &ChatRow) -> Option<AccountId> {
    row.direct.as_ref().map(|direct| direct.account.account_id)
}

/// Whether the other one takes files: a request is words alone.
pub(crate) fn check_may_send_files(row: &ChatRow) -> Result<(), ApiError> {
    if is_open(row) {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::RequestPending, "Files can be sent once they have accepted."))
}

/// Whether a message can be written now: in a request no more than one.
pub(crate) fn check_may_write(row: &ChatRow, has_written: impl Fn() -> Result<bool, ApiError>) -> Result<(), ApiError> {
    let (code, message) = match row.direct.as_ref().map(|direct| direct.state) {
        Some(DirectState::Incoming | DirectState::Declined) => {
            (ErrorCode::RequestPending, "Accept the request before you write.")
        }
        Some(DirectState::Requested) if has_written()? => {
            (ErrorCode::RequestPending, "They have not accepted yet: until then one message is all.")
        }
        Some(DirectState::Blocked) => (ErrorCode::DirectClosed, "You have blocked them. Unblock them to write."),
        Some(DirectState::Ended) => {
            (ErrorCode::DirectClosed, "Their keys are others since. Write to them in a new chat.")
        }
        Some(DirectState::Open | DirectState::Requested) | None => return Ok(()),
    };
    Err(ApiError::new(code, message))
}

const NOT_OF_TWO: &str = "Refused: the server shows a chat of others as one with this person.";

fn wrong_keys() -> ApiError {
    ApiError::new(ErrorCode::ServerMisbehaved, "The keys that the server gives for them are not theirs.")
}
