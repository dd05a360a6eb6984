//! The parts of a client, and what all use cases share.

use std::{
    cell::{Cell, Ref, RefCell},
    collections::{BTreeSet, HashMap, VecDeque},
    rc::Rc,
};

use doorpost_mls::{
    Entropy,
    identity::{AccountSecrets, Device},
    member::{Groups, MemberError},
};
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode, TimeMs, account::Me, chat::LogEntry, content::CONTENT_VERSION,
};
use futures_channel::{mpsc, oneshot};
use futures_util::lock::{Mutex, OwnedMutexGuard};
use uuid::{Builder, Uuid};

use crate::{
    ClientConfig, Event, LocalStore, Platform,
    api::Api,
    backup::Deposits,
    content,
    file::Transfers,
    link::Linking,
    live::Live,
    store::{StoreError, setting},
};

/// The account that is signed in, with the keys of this device.
pub(crate) struct Account {
    pub(crate) me: Me,
    pub(crate) device: Device,
    pub(crate) secrets: AccountSecrets,
}

impl Account {
    pub(crate) fn id(&self) -> AccountId {
        self.me.account_id
    }
}

/// What belongs to one chat while the client runs.
#[derive(Default)]
pub(crate) struct ChatSlot {
    /// Held by whoever moves the chat's group; everything else about the group waits.
    lock: std::sync::Arc<Mutex<()>>,
    /// Entries that came by the socket and have not been taken yet.
    pub(crate) inbox: RefCell<VecDeque<LogEntry>>,
    pub(crate) pumping: Cell<bool>,
    pub(crate) flushing: Cell<bool>,
    /// Somebody added to the outbox while it was being flushed.
    pub(crate) flush_again: Cell<bool>,
    /// The chat's policy changed, and what hangs on it was not looked at yet.
    pub(crate) policy_changed: Cell<bool>,
    /// The chat has another door, and nobody else was told yet.
    pub(crate) door_changed: Cell<bool>,
    /// Somebody whose name is not known wrote.
    pub(crate) unnamed: Cell<bool>,
    /// The names of its people will be asked for shortly.
    pub(crate) learning: Cell<bool>,
    /// Its row will be asked for shortly.
    pub(crate) refreshing: Cell<bool>,
    /// Newcomers will be given shortly what they may read.
    pub(crate) giving_soon: Cell<bool>,
    /// Held by whoever gives it to them, and by whoever reads what is given to this device.
    pub(crate) history: Mutex<()>,
    /// A receipt will be sent shortly.
    pub(crate) receipting: Cell<bool>,
    /// When others were last told that the account writes.
    pub(crate) typed_at: Cell<Option<TimeMs>>,
    /// Fires when flushing has ended.
    pub(crate) flushed: Pulse,
    /// The epoch that a commit of this device ended last, as the log says.
    pub(crate) own_commit_epoch: Cell<Option<u64>>,
    /// The epoch in which coming in again was last tried: once for each, not in circles.
    pub(crate) recovered_at_epoch: Cell<Option<u64>>,
    /// The log was read to its end since the client started: the store is not older than what this device has sent.
    pub(crate) is_read: Cell<bool>,
    /// The newest commit of another member that was taken, and that the server may not know to be good.
    pub(crate) taken_commit: Cell<Option<u64>>,
    /// This device's keys of the chat are damaged or gone: it comes in again before it sends.
    pub(crate) keys_lost: Cell<bool>,
    /// What becomes of a commit that was reported will be asked for shortly.
    pub(crate) disputing: Cell<bool>,
    /// The newest entry that could not be read, until it is known whether the group was forked.
    pub(crate) unreadable: Cell<Option<u64>>,
    pub(crate) fork_looks: Backoff,
    /// Coming in again after the server took back what brought this device in.
    pub(crate) returns: Backoff,
}

/// Lets something through at once, and again only after pauses that grow: for what others can make this device do.
#[derive(Default)]
pub(crate) struct Backoff(Cell<Option<(TimeMs, i64)>>);

impl Backoff {
    const FIRST_PAUSE_MS: i64 = 10_000;
    const LONGEST_PAUSE_MS: i64 = 3_600_000;

    /// Whether it may be done at `now`.
    ///
    /// # Errors
    /// How long to wait, in milliseconds.
    pub(crate) fn pass(&self, now: TimeMs) -> Result<(), u64> {
        let pause_ms = match self.0.get() {
            None => Self::FIRST_PAUSE_MS,
            Some((next_at, pause_ms)) => {
                // Longer than the pause was: the clock was set back.
                let left_ms = Some(next_at.0 - now.0).filter(|left_ms| (1..=pause_ms).contains(left_ms));
                if let Some(left_ms) = left_ms.and_then(|left_ms| u64::try_from(left_ms).ok()) {
                    return Err(left_ms);
                }
                (2 * pause_ms).min(Self::LONGEST_PAUSE_MS)
            }
        };
        self.0.set(Some((now.plus(pause_ms), pause_ms)));
        Ok(())
    }
}

impl ChatSlot {
    pub(crate) async fn lock(&self) -> OwnedMutexGuard<()> {
        std::sync::Arc::clone(&self.lock).lock_owned().await
    }
}

/// Wakes those who wait for anything to have changed.
#[derive(Default)]
pub(crate) struct Pulse(RefCell<Vec<oneshot::Sender<()>>>);

impl Pulse {
    /// Ends at the next [`Pulse::fire`]. Take it before looking, so that nothing is missed between.
    pub(crate) fn next(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.borrow_mut();
        waiting.retain(|sender| !sender.is_canceled());
        waiting.push(sender);
        receiver
    }

    pub(crate) fn fire(&self) {
        for sender in self.0.take() {
            // Whoever stopped waiting does not mind.
            let _ = sender.send(());
        }
    }
}

/// One client; every use case is a method in the module of its noun.
pub(crate) struct Core<P: Platform> {
    pub(crate) api: Api<P>,
    pub(crate) store: LocalStore,
    pub(crate) config: ClientConfig,
    pub(crate) groups: RefCell<Groups>,
    account: RefCell<Option<Rc<Account>>>,
    chats: RefCell<HashMap<ChatId, Rc<ChatSlot>>>,
    /// At the last look, a group had other members than the server counted.
    pub(crate) members_differ: Cell<bool>,
    /// Counts up whenever this device leaves a chat or is out of one: a list asked for before is old.
    pub(crate) departures: Cell<u64>,
    /// When messages that disappear are looked at next.
    pub(crate) next_look: Cell<Option<TimeMs>>,
    /// Chats that are just being made: the server may not list them yet.
    pub(crate) making: RefCell<BTreeSet<ChatId>>,
    subscribers: RefCell<Vec<mpsc::UnboundedSender<Event>>>,
    pub(crate) live: Live,
    pub(crate) transfers: Transfers,
    pub(crate) linking: Linking,
    pub(crate) deposits: Deposits,
    /// Join requests or the set of chats changed.
    pub(crate) membership_changed: Pulse,
}

/// The platform's randomness as the group engine takes it.
pub(crate) struct PlatformEntropy<'a, P>(&'a P);

impl<P: Platform> Entropy for PlatformEntropy<'_, P> {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill_random(bytes);
    }
}

impl<P: Platform> Core<P> {
    pub(crate) fn new(platform: P, store: LocalStore, config: ClientConfig) -> Self {
        Self {
            api: Api::new(platform),
            store,
            config,
            groups: RefCell::new(Groups::new()),
            account: RefCell::new(None),
            chats: RefCell::new(HashMap::new()),
            members_differ: Cell::new(false),
            departures: Cell::new(0),
            next_look: Cell::new(None),
            making: RefCell::new(BTreeSet::new()),
            subscribers: RefCell::new(Vec::new()),
            live: Live::default(),
            transfers: Transfers::default(),
            linking: Linking::default(),
            deposits: Deposits::default(),
            membership_changed: Pulse::default(),
        }
    }

    pub(crate) fn platform(&self) -> &P {
        self.api.platform()
    }

    pub(crate) fn now(&self) -> TimeMs {
        self.platform().now()
    }

    pub(crate) fn entropy(&self) -> PlatformEntropy<'_, P> {
        PlatformEntropy(self.platform())
    }

    /// A random UUID (version 4).
    pub(crate) fn new_uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.platform().fill_random(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Runs a use case beside the caller.
    pub(crate) fn spawn(self: &Rc<Self>, work: impl AsyncFnOnce(Rc<Self>) + 'static) {
        let core = Rc::clone(self);
        self.platform().spawn_local(Box::pin(work(core)));
    }

    /// The account, or `signed_out`.
    pub(crate) fn account(&self) -> Result<Rc<Account>, ApiError> {
        self.account_if_any().ok_or_else(signed_out)
    }

    pub(crate) fn account_if_any(&self) -> Option<Rc<Account>> {
        Ref::map(self.account.borrow(), |account| account).clone()
    }

    pub(crate) fn set_account(&self, account: Option<Account>) {
        *self.account.borrow_mut() = account.map(Rc::new);
    }

    /// Takes the account from the store, when all of it is there.
    pub(crate) fn load_account(&self) -> Result<Option<Rc<Account>>, ApiError> {
        let connection = self.store.read();
        let parts = (setting::me(connection)?, setting::device(connection)?, setting::secrets(connection)?);
        if let (Some(me), Some(device), Some(secrets)) = parts {
            if setting::content_version(connection)? < CONTENT_VERSION {
                self.store.write::<_, StoreError>(|tx| {
                    content::take_again(tx, me.account_id)?;
                    setting::set_content_version(tx, CONTENT_VERSION)
                })?;
            }
            self.set_account(Some(Account { me, device, secrets }));
        }
        Ok(self.account_if_any())
    }

    pub(crate) fn slot(&self, chat_id: ChatId) -> Rc<ChatSlot> {
        Rc::clone(self.chats.borrow_mut().entry(chat_id).or_default())
    }

    /// Forgets what is in memory (not in the store) of all chats.
    pub(crate) fn forget_chats(&self) {
        self.groups.borrow_mut().forget_all();
        self.chats.borrow_mut().clear();
    }

    pub(crate) fn subscribe(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded();
        self.subscribers.borrow_mut().push(sender);
        receiver
    }

    pub(crate) fn has_subscribers(&self) -> bool {
        !self.subscribers.borrow().is_empty()
    }

    pub(crate) fn emit(&self, event: &Event) {
        self.subscribers.borrow_mut().retain(|subscriber| subscriber.unbounded_send(event.clone()).is_ok());
    }

    pub(crate) fn warn(&self, chat_id: Option<ChatId>, code: ErrorCode, message: impl Into<String>) {
        let message = message.into();
        tracing::warn!(code = code.as_str(), "a warning for the person");
        self.emit(&Event::Warning { chat_id, code, message });
    }
}

pub(crate) fn signed_out() -> ApiError {
    ApiError::new(ErrorCode::SignedOut, "Nobody is signed in here. Sign in first.")
}

pub(crate) fn no_such_chat() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such chat.")
}

pub(crate) fn not_in_chat() -> ApiError {
    ApiError::new(ErrorCode::NotMember, "You are not in this chat any more.")
}

/// Whether an answer about a chat says that the account is out of it, or that there is none.
pub(crate) fn is_out(error: &ApiError) -> bool {
    matches!(error.code(), ErrorCode::NotFound | ErrorCode::NotMember | ErrorCode::RemovedFromChat)
}

/// What a person is told when the group engine did nothing.
pub(crate) fn group_error(error: MemberError) -> ApiError {
    match error {
        MemberError::Refused(refusal) => ApiError::new(ErrorCode::ServerMisbehaved, format!("Refused: {refusal}.")),
        MemberError::NoGroup | MemberError::NotAMember => {
            ApiError::new(ErrorCode::Conflict, "This device is not in the chat at the moment. Try again in a moment.")
        }
        MemberError::NothingToCommit => ApiError::new(ErrorCode::Conflict, "There is nothing to change."),
        MemberError::DoorStale => ApiError::new(
            ErrorCode::InvitePreparing,
            "The chat has another door since somebody was taken out. Whoever invited you has to be online once.",
        ),
        MemberError::DoorAhead => {
            let text = "Refused: the server went back to before somebody was taken out.";
            ApiError::new(ErrorCode::ServerMisbehaved, text)
        }
        MemberError::CommitPending => ApiError::new(ErrorCode::StaleEpoch, "The chat is changing. Try again."),
        MemberError::Store(error) => {
            tracing::error!(%error, "the group engine could not read the store");
            ApiError::new(ErrorCode::Internal, "Something stored on this device could not be read.")
        }
        error => {
            tracing::error!(%error, "the group engine failed");
            ApiError::new(ErrorCode::Internal, "The chat's encryption failed. Try again.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_and_survive_a_clock_that_is_set_back() {
        let backoff = Backoff::default();
        assert_eq!(backoff.pass(TimeMs(1_000)), Ok(()), "at once");
        assert_eq!(backoff.pass(TimeMs(1_000)), Err(10_000));
        assert_eq!(backoff.pass(TimeMs(11_000)), Ok(()));
        assert_eq!(backoff.pass(TimeMs(12_000)), Err(19_000), "twice as long");
        assert_eq!(backoff.pass(TimeMs(-1_000_000)), Ok(()));
        let mut now = TimeMs(0);
        for _ in 0..20 {
            now = now.plus(Backoff::LONGEST_PAUSE_MS);
            assert_eq!(backoff.pass(now), Ok(()), "never longer than an hour");
        }
    }
}
