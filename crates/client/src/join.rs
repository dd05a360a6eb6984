//! Asking to come into a chat, and coming in once let.

use std::{pin::pin, rc::Rc};

use doorpost_mls::{
    door::{DoorSecret, InviteSecret},
    member::{discard_key_package, make_key_package},
    ticket::make_ticket,
};
use doorpost_model::{
    ApiError, Binary, ErrorCode, InviteId, RequestId,
    admission::{Ticket, Versioned},
    chat::Ciphersuite,
    hosts_key::SealedAnswers,
    invite::{InviteDoor, JoinRequest, JoinStatus, JoinStep, RequestState},
    limits,
};
use futures_util::future::{Either, select};

use crate::{
    Event, Platform,
    api::is_transient,
    core::{Account, Core, group_error},
    enter::Key,
    invite_secret::secret_of,
    store::{
        StoreError, chat,
        join::{self, JoinRow},
        mls,
    },
    sync::stops_everything,
};

/// How long a call waits for an admitted request to become membership; the rest happens beside it.
const JOIN_PATIENCE_MS: i64 = 120_000;
/// The same for joins found under way at a sync.
const RESUME_PATIENCE_MS: i64 = 10_000;
/// A key package this close to its end is made anew.
const KEY_PACKAGE_MARGIN_MS: i64 = 3_600_000;
/// Pauses between tries when the server did not answer.
const RETRY_PAUSES_MS: [u64; 5] = [50, 200, 500, 1_000, 2_000];
/// The longest pause a server may ask for that is waited out, and how long it may ask again.
const RETRY_AFTER_MS_MAX: u64 = 5_000;
const BUSY_PATIENCE_MS: i64 = 30_000;
/// Pause after a failed way in, before the server is asked for another; it doubles each time.
const STEP_PAUSE_MS: u64 = 25;
const STEP_FAILURES_MAX: u32 = 7;
/// How often a hosts' key is asked for that does not fit the chat's door, and how long after one another.
const HOSTS_KEY_TRIES_MAX: u32 = 4;
const HOSTS_KEY_PAUSE_MS: u64 = 300;

impl<P: Platform> Core<P> {
    /// Asks to come in. Ends when in, when a host has to decide, or with why not.
    pub(crate) async fn join(
        self: &Rc<Self>,
        invite_id: InviteId,
        secret: Option<Binary>,
        answers: Vec<String>,
    ) -> Result<JoinStatus, ApiError> {
        let status = self.ask_and_follow(invite_id, secret.as_ref(), &answers).await?;
        if status.state != RequestState::Expired {
            return Ok(status);
        }
        // The invite was given another secret meanwhile.
        self.ask_and_follow(invite_id, secret.as_ref(), &answers).await
    }

    async fn ask_and_follow(
        self: &Rc<Self>,
        invite_id: InviteId,
        secret: Option<&Binary>,
        answers: &[String],
    ) -> Result<JoinStatus, ApiError> {
        let mut fresh = false;
        let status = loop {
            let row = self.join_row(invite_id, secret, &mut fresh).await?;
            let answers = match self.answers_for(&row, answers).await {
                // The door at hand may be the one before.
                Err(error) if !fresh && error.code() == ErrorCode::ServerMisbehaved => {
                    self.drop_join(&row)?;
                    continue;
                }
                answers => answers?,
            };
            let request = JoinRequest { key_package: Binary(row.key_package.clone()), answers };
            match self.retrying(async || self.api.join(invite_id, &request).await).await {
                Ok(status) => break status,
                // The door changed since the ticket was made: once more with a new one.
                Err(error)
                    if !fresh && matches!(error.code(), ErrorCode::TicketInvalid | ErrorCode::KeyPackageInvalid) =>
                {
                    self.drop_join(&row)?;
                }
                Err(error) if error.code() == ErrorCode::AlreadyMember => return self.already_in(&row, error).await,
                Err(error) => {
                    if !is_transient(&error) {
                        self.drop_join(&row)?;
                    }
                    return Err(error);
                }
            }
        };
        self.note_request(invite_id, status.request_id)?;
        self.follow(status, JOIN_PATIENCE_MS).await
    }

    /// What this device shows at the door: made before, or now.
    async fn join_row(
        &self,
        invite_id: InviteId,
        secret: Option<&Binary>,
        fresh: &mut bool,
    ) -> Result<JoinRow, ApiError> {
        if let Some(row) = join::get(self.store.read(), invite_id)? {
            if row.key_package_expires_at > self.now().plus(KEY_PACKAGE_MARGIN_MS) {
                return Ok(row);
            }
            self.drop_join(&row)?;
        }
        *fresh = true;
        let account = self.account()?;
        let door = self.door_with_secret(invite_id, secret.is_some()).await?;
        let (secret, door_secret, ciphersuite) = open_door(&door, secret, &account)?;
        let now = self.now();
        let ticket = make_ticket(
            &secret,
            door.chat_id,
            invite_id,
            account.id(),
            account.device.identity_key(),
            now.plus(limits::TICKET_TTL_MS),
            &self.entropy(),
        );
        let made = make_key_package(&account.device, Some(&ticket), ciphersuite, now).map_err(group_error)?;
        let row = JoinRow {
            invite_id,
            chat_id: door.chat_id,
            request_id: None,
            door: door_secret.to_bytes().to_vec(),
            ticket: ticket.to_bytes(),
            key_package: made.key_package,
            key_package_reference: made.reference,
            key_package_expires_at: made.expires_at,
        };
        self.store.write(|tx| {
            mls::apply(tx, &made.writes)?;
            join::put(tx, &row)
        })?;
        Ok(row)
    }

    /// The answers as the hosts alone can read them; none where there are none. A hosts' key that does not fit is asked for
    /// again: right after somebody was taken out, hosts have still to vouch for it anew.
    async fn answers_for(&self, row: &JoinRow, answers: &[String]) -> Result<Option<SealedAnswers>, ApiError> {
        if answers.is_empty() {
            return Ok(None);
        }
        let door_secret = DoorSecret::from_bytes(&row.door).ok_or(StoreError::Corrupt)?;
        let mut tries = 1;
        loop {
            let door = self.retrying(async || self.api.door(row.invite_id).await).await?;
            match self.seal_answers(&door, &door_secret, answers.to_vec()) {
                Err(error) if error.code() == ErrorCode::ServerMisbehaved && tries < HOSTS_KEY_TRIES_MAX => {
                    tries += 1;
                    self.platform().sleep(HOSTS_KEY_PAUSE_MS).await;
                }
                sealed => return sealed.map(Some),
            }
        }
    }

    /// Forgets a join and the key package made for it.
    fn drop_join(&self, row: &JoinRow) -> Result<(), StoreError> {
        self.store.write(|tx| {
            mls::apply(tx, &discard_key_package(&row.key_package_reference))?;
            join::delete(tx, row.invite_id)
        })
    }

    fn note_request(&self, invite_id: InviteId, request_id: RequestId) -> Result<(), StoreError> {
        let Some(mut row) = join::get(self.store.read(), invite_id)? else { return Ok(()) };
        if row.request_id != Some(request_id) {
            row.request_id = Some(request_id);
            join::put(self.store.read(), &row)?;
        }
        Ok(())
    }

    /// The server says that the account is in: an answer was lost, or another device was faster.
    async fn already_in(self: &Rc<Self>, row: &JoinRow, error: ApiError) -> Result<JoinStatus, ApiError> {
        self.refresh_chats().await?;
        if let Some(row) = join::get(self.store.read(), row.invite_id)? {
            self.drop_join(&row)?;
        }
        let request_id = self.api.card(row.invite_id).await?.request_id.ok_or(error)?;
        self.api.request(request_id).await
    }

    /// Does what a request's steps say until it is over or a host has to decide.
    pub(crate) async fn follow(self: &Rc<Self>, first: JoinStatus, patience_ms: i64) -> Result<JoinStatus, ApiError> {
        let request_id = first.request_id;
        if !self.live.following.borrow_mut().insert(request_id) {
            return self.await_follower(first, patience_ms).await;
        }
        let result = self.follow_steps(first, patience_ms).await;
        self.live.following.borrow_mut().remove(&request_id);
        self.membership_changed.fire();
        result
    }

    async fn follow_steps(self: &Rc<Self>, first: JoinStatus, patience_ms: i64) -> Result<JoinStatus, ApiError> {
        let until = self.now().plus(patience_ms);
        let mut failures = 0;
        let mut status = first;
        loop {
            self.emit(&Event::Request { status: status.clone() });
            // Before acting, so that what happens meanwhile wakes the wait below.
            let changed = self.membership_changed.next();
            let pause_ms = match (status.state, status.step) {
                (RequestState::Requested, _) => return Ok(status),
                (RequestState::Declined | RequestState::Withdrawn | RequestState::Expired, _) => {
                    if let Some(row) = join::by_request(self.store.read(), status.request_id)? {
                        self.drop_join(&row)?;
                    }
                    return Ok(status);
                }
                (RequestState::Admitted, JoinStep::Wait { poll_after_ms }) => u64::from(poll_after_ms),
                (RequestState::Admitted, JoinStep::CommitExternally { .. }) => match self.step_in(&status).await {
                    Ok(()) => {
                        status.state = RequestState::Joined;
                        status.step = JoinStep::Done;
                        self.emit(&Event::Request { status: status.clone() });
                        return Ok(status);
                    }
                    Err(error) if error.code() == ErrorCode::ServerMisbehaved => return Err(error),
                    Err(error) if failures == STEP_FAILURES_MAX || self.now() >= until => return Err(error),
                    Err(_) => {
                        failures += 1;
                        STEP_PAUSE_MS << failures
                    }
                },
                (RequestState::Admitted | RequestState::Joined, _) => {
                    self.take_part(&status).await?;
                    status.state = RequestState::Joined;
                    status.step = JoinStep::Done;
                    self.emit(&Event::Request { status: status.clone() });
                    return Ok(status);
                }
            };
            if self.now() >= until {
                return Ok(status);
            }
            self.wait_for(changed, pause_ms).await;
            status = self.retrying(async || self.api.request(status.request_id).await).await?;
        }
    }

    /// Somebody else in this client does the steps: wait for the end of it.
    async fn await_follower(self: &Rc<Self>, first: JoinStatus, patience_ms: i64) -> Result<JoinStatus, ApiError> {
        let until = self.now().plus(patience_ms);
        let request_id = first.request_id;
        loop {
            let changed = self.membership_changed.next();
            if !self.live.following.borrow().contains(&request_id) || self.now() >= until {
                return self.api.request(request_id).await;
            }
            self.wait_for(changed, 1_000).await;
        }
    }

    async fn wait_for(&self, changed: futures_channel::oneshot::Receiver<()>, pause_ms: u64) {
        let pause = pin!(self.platform().sleep(pause_ms));
        match select(changed, pause).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }

    /// The server lets this device in by an external commit.
    async fn step_in(self: &Rc<Self>, status: &JoinStatus) -> Result<(), ApiError> {
        let slot = self.slot(status.chat_id);
        let guard = slot.lock().await;
        if chat::get(self.store.read(), status.chat_id)?.is_some_and(|row| row.is_ready()) {
            return Ok(());
        }
        let Some(row) = join::by_request(self.store.read(), status.request_id)? else {
            return Err(ApiError::new(ErrorCode::Conflict, "This device did not ask to come in."));
        };
        let key = Key {
            door: DoorSecret::from_bytes(&row.door).ok_or(StoreError::Corrupt)?,
            ticket: Some(Ticket::from_bytes(&row.ticket).map_err(|_| StoreError::Corrupt)?),
        };
        self.join_externally(status.chat_id, &key, status.request_id, status.approval.clone()).await?;
        drop(guard);
        self.learn_chat(status).await
    }

    /// The account is in: this device too, by the welcome or as another of its devices.
    async fn take_part(self: &Rc<Self>, status: &JoinStatus) -> Result<(), ApiError> {
        if chat::get(self.store.read(), status.chat_id)?.is_some_and(|row| row.is_ready()) {
            return Ok(());
        }
        let view = self.retrying(async || self.api.chat(status.chat_id).await).await?;
        self.put_chat_view(&view)?;
        self.enter_chat(status.chat_id, view.device_in).await?;
        self.emit(&Event::Chats);
        Ok(())
    }

    /// The chat's title and such, once in. Not worth failing for: the next sync brings them too.
    async fn learn_chat(self: &Rc<Self>, status: &JoinStatus) -> Result<(), ApiError> {
        match self.api.chat(status.chat_id).await {
            Ok(view) => {
                self.put_chat_view(&view)?;
                self.emit(&Event::Chats);
                Ok(())
            }
            Err(error) => {
                tracing::info!(code = error.error.code.as_str(), "the new chat's title comes later");
                Ok(())
            }
        }
    }

    /// Goes on with the joins that are under way.
    pub(crate) async fn resume_joins(self: &Rc<Self>) -> Result<(), ApiError> {
        for row in join::all(self.store.read())? {
            match row.request_id {
                Some(request_id) => match self.resume_join(request_id).await {
                    Err(error) if !stops_everything(&error) => self.background(Err(error)),
                    result => result?,
                },
                None if row.key_package_expires_at < self.now() => self.drop_join(&row)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Goes on with one join, if it is this device's.
    pub(crate) async fn resume_join(self: &Rc<Self>, request_id: RequestId) -> Result<(), ApiError> {
        if self.live.following.borrow().contains(&request_id) {
            return Ok(());
        }
        let status = match self.api.request(request_id).await {
            Ok(status) => status,
            Err(error) if error.code() == ErrorCode::NotFound => {
                if let Some(row) = join::by_request(self.store.read(), request_id)? {
                    self.drop_join(&row)?;
                }
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if join::by_request(self.store.read(), request_id)?.is_none() {
            // Asked on another device: the person should see it here too.
            self.emit(&Event::Request { status });
            return Ok(());
        }
        self.follow(status, RESUME_PATIENCE_MS).await.map(drop)
    }

    pub(crate) async fn withdraw(self: &Rc<Self>, request_id: RequestId) -> Result<JoinStatus, ApiError> {
        let status = self.api.withdraw(request_id).await?;
        self.follow(status, 0).await
    }

    /// Tries again while the server does not answer (a few times) or says that it is busy (for a while). For
    /// requests that may be made twice.
    pub(crate) async fn retrying<T>(&self, request: impl AsyncFn() -> Result<T, ApiError>) -> Result<T, ApiError> {
        let until = self.now().plus(BUSY_PATIENCE_MS);
        let mut unanswered = 0;
        loop {
            let error = match request().await {
                Err(error) if is_transient(&error) => error,
                answer => return answer,
            };
            let pause_ms = match error.error.retry_after_ms {
                Some(pause_ms) if pause_ms <= RETRY_AFTER_MS_MAX && self.now() < until => pause_ms,
                None if unanswered < RETRY_PAUSES_MS.len() => {
                    unanswered += 1;
                    RETRY_PAUSES_MS[unanswered - 1]
                }
                _ => return Err(error),
            };
            self.platform().sleep(self.spread(pause_ms)).await;
        }
    }

    /// Up to half as much again, at random, so that not everybody comes back at once.
    pub(crate) fn spread(&self, pause_ms: u64) -> u64 {
        let mut random = [0];
        self.platform().fill_random(&mut random);
        pause_ms + pause_ms * u64::from(random[0]) / 512
    }
}

/// The invite's secret (from a link, from the server where it holds it, or from the copy sealed to this account), and
/// what lies under it: the chat's door secret and ciphersuite.
pub(crate) fn open_door(
    door: &InviteDoor,
    from_link: Option<&Binary>,
    account: &Account,
) -> Result<(InviteSecret, DoorSecret, Ciphersuite), ApiError> {
    let wrong = || {
        let text =
            "This link does not fit the chat it leads to, or is from before somebody was taken out. Ask for another.";
        ApiError::new(ErrorCode::TicketInvalid, text)
    };
    let secret = match from_link {
        Some(secret) => InviteSecret::from_slice(&secret.0),
        None => secret_of(door, account),
    };
    let secret = secret.ok_or_else(wrong)?;
    if secret.join_key()[..] != door.join_key.0[..] {
        return Err(wrong());
    }
    let (door_secret, ciphersuite) =
        secret.open_door(door.chat_id, door.invite_id, &door.sealed_door.0).map_err(|_| wrong())?;
    Ok((secret, door_secret, ciphersuite))
}
