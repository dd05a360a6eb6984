//! History for newcomers: members' devices leave what the chat's policy lets a newcomer read, without anybody acting.
//!
//! Every member's device remembers which devices came in and what they may read. The one that let them in gives it to
//! them; the others wait a little for their turn, and go on if by then the chat shows no offer. Whoever comes online
//! later finds what is left to do in its own store.

use std::{collections::BTreeMap, pin::pin, rc::Rc};

use doorpost_mls::{
    file::{FileCipher, FileDigest},
    history::HistorySecret,
};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, FileId,
    admission::Versioned as _,
    content::ContentBody,
    file::{NewFile, SEALED_CHUNK_BYTES, sealed_bytes},
    history::{
        EditProof, HistoryFile, HistoryKey, HistoryMessage, HistoryOffer, HistoryPage, HistoryPerson, HistorySpan,
        PAGE_BYTES_MAX,
    },
    limits,
};
use futures_util::future::{Either, select};

use crate::{
    Event, Platform,
    content::{NotInSpan, take_pages},
    core::{Core, group_error},
    direct,
    store::{
        StoreError,
        chat::{self, ChatRow},
        effect,
        franked::{self, Provable},
        history::{self, Newcomer, OfferRow},
        message::{self, PastMessage},
        mls, person,
    },
};

/// How long a device that did not let the newcomer in leaves it to others, at least; and how much longer by chance, for
/// each member of the chat and at most.
const TURN_MS: u64 = 1_000;
const TURN_SPREAD_MS: u64 = 1_000;
const TURN_SPREAD_EACH_MS: u64 = 20;
const TURN_SPREAD_MAX_MS: u64 = 20_000;
/// How long a device that does not have all of it leaves it to one that does.
const INCOMPLETE_TURN_MS: u64 = 5_000;
/// How often a newcomer asks for another offer.
const ASKS_MAX: u32 = 5;

/// Why an offer was not taken.
enum Unread {
    /// It may be had later.
    Later(ApiError),
    /// The server does not have it any more, or gives something else.
    Gone,
    /// It is not what its sender owes.
    Wrong,
}

/// What can be given for one span.
struct Bundle {
    pages: Vec<HistoryPage>,
    from_seq: u64,
    complete: bool,
}

impl<P: Platform> Core<P> {
    /// Reads and gives what is left to be, in all chats.
    pub(crate) async fn tend_history(self: &Rc<Self>) -> Result<(), ApiError> {
        for chat_id in history::chats(self.store.read())? {
            let read = self.read_offers(chat_id).await;
            self.background(read);
            let given = self.give_history(chat_id, true).await;
            self.background(given);
            self.flush(chat_id).await;
        }
        Ok(())
    }

    /// As [`Core::tend_history`], beside the caller, each in its turn.
    pub(crate) fn tend_history_soon(self: &Rc<Self>) {
        match history::chats(self.store.read()) {
            Ok(chats) => chats.into_iter().for_each(|chat_id| self.history_soon(chat_id)),
            Err(error) => self.background(Err(error.into())),
        }
    }

    /// Reads offers to this device and gives newcomers what they may read, beside the caller.
    pub(crate) fn history_soon(self: &Rc<Self>, chat_id: ChatId) {
        let connection = self.store.read();
        if history::next_offer(connection, chat_id).is_ok_and(|offer| offer.is_some()) {
            self.spawn(async move |core| {
                let result = core.read_offers(chat_id).await;
                core.background(result);
            });
        }
        let newcomers = self.waiting_newcomers(chat_id).unwrap_or_default();
        if newcomers.is_empty() || self.slot(chat_id).giving_soon.replace(true) {
            return;
        }
        let let_in_here = newcomers.iter().any(|newcomer| newcomer.let_in_here);
        self.spawn(async move |core| {
            let pause_ms = if let_in_here { 0 } else { core.turn_ms(chat_id) };
            core.give_in_turn(chat_id, pause_ms).await;
            core.slot(chat_id).giving_soon.set(false);
        });
    }

    /// Gives what is complete after a pause, and what is not after another, unless the client stops.
    async fn give_in_turn(self: &Rc<Self>, chat_id: ChatId, pause_ms: u64) {
        for (pause_ms, even_incomplete) in [(pause_ms, false), (self.spread(INCOMPLETE_TURN_MS), true)] {
            let is_waited_for = self.waiting_newcomers(chat_id).is_ok_and(|waiting| !waiting.is_empty());
            if !is_waited_for || !self.unless_stopped(pause_ms).await {
                return;
            }
            let result = self.give_history(chat_id, even_incomplete).await;
            self.background(result);
        }
    }

    /// Sleeps; whether the client goes on.
    pub(crate) async fn unless_stopped(&self, pause_ms: u64) -> bool {
        let stop = self.live.stop.next();
        matches!(select(stop, pin!(self.platform().sleep(pause_ms))).await, Either::Right(_))
    }

    /// How long to wait for others, who are many in large chats.
    pub(crate) fn turn_ms(&self, chat_id: ChatId) -> u64 {
        let members = chat::get(self.store.read(), chat_id).ok().flatten().map_or(1, |row| row.member_count);
        let spread_ms = (TURN_SPREAD_MS + TURN_SPREAD_EACH_MS * u64::from(members)).min(TURN_SPREAD_MAX_MS);
        let mut random = [0; 2];
        self.platform().fill_random(&mut random);
        TURN_MS + spread_ms * u64::from(u16::from_be_bytes(random)) / u64::from(u16::MAX)
    }

    /// Gives newcomers what they may read and were not offered. `even_incomplete`: although some of it is missing here.
    async fn give_history(self: &Rc<Self>, chat_id: ChatId, even_incomplete: bool) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let _guard = slot.history.lock().await;
        let is_able = |row: &ChatRow| row.is_ready() && row.may_write() && direct::is_open(row);
        if !chat::get(self.store.read(), chat_id)?.as_ref().is_some_and(is_able) {
            return Ok(());
        }
        let mut by_span: BTreeMap<_, Vec<Newcomer>> = BTreeMap::new();
        for newcomer in self.waiting_newcomers(chat_id)? {
            let span = newcomer.span;
            by_span.entry((span.before_seq, span.from_seq, span.count)).or_default().push(newcomer);
        }
        for newcomers in by_span.into_values() {
            let bundle = self.bundle(chat_id, &newcomers[0].span)?;
            if bundle.complete || even_incomplete {
                self.offer(chat_id, &bundle, &newcomers).await?;
            }
        }
        Ok(())
    }

    /// Newcomers who take offers of this account and were not offered as much as is here.
    fn waiting_newcomers(&self, chat_id: ChatId) -> Result<Vec<Newcomer>, ApiError> {
        let account = self.account()?;
        let covered_seq = history::covered_seq(self.store.read(), chat_id)?;
        let is_waiting = |newcomer: &Newcomer| {
            newcomer.device_id != account.device.device_id()
                && !newcomer.refused.contains(&account.id())
                && newcomer.span.from_seq.max(covered_seq) < newcomer.offered_seq.unwrap_or(newcomer.span.before_seq)
        };
        let mut newcomers = history::newcomers(self.store.read(), chat_id)?;
        newcomers.retain(is_waiting);
        newcomers.truncate(limits::BATCH_ADDS_MAX);
        Ok(newcomers)
    }

    /// What this device has of a span.
    fn bundle(&self, chat_id: ChatId, span: &HistorySpan) -> Result<Bundle, StoreError> {
        let connection = self.store.read();
        let covered_seq = history::covered_seq(connection, chat_id)?;
        let from_seq = span.from_seq.max(covered_seq);
        let rows = message::past(connection, chat_id, from_seq, span.before_seq, self.now(), span.messages_max())?;
        let mut pages = Pages::new(chat_id);
        let mut is_full = rows.len() >= span.messages_max() as usize;
        let mut oldest_seq = span.before_seq;
        for past in rows {
            let Some(message) = past_message(connection, chat_id, past)? else { continue };
            let seq = message.seq;
            if !pages.add(connection, message)? {
                is_full = true;
                break;
            }
            oldest_seq = seq;
        }
        let complete = is_full || covered_seq <= span.from_seq;
        Ok(Bundle { pages: pages.finish(), from_seq: if is_full { oldest_seq } else { from_seq }, complete })
    }

    /// Uploads a bundle's pages, and says in the chat where they are.
    async fn offer(self: &Rc<Self>, chat_id: ChatId, bundle: &Bundle, newcomers: &[Newcomer]) -> Result<(), ApiError> {
        let secret = HistorySecret::generate(&self.entropy());
        let mut pages = Vec::with_capacity(bundle.pages.len());
        for page in &bundle.pages {
            pages.push(self.upload_page(chat_id, &secret, &page.to_bytes()).await?);
        }
        // Somebody else may have been first, or some have gone.
        let still_waiting = self.waiting_newcomers(chat_id)?;
        let account = self.account()?;
        let mut keys = Vec::with_capacity(newcomers.len());
        for Newcomer { device_id, .. } in newcomers.iter().filter(|newcomer| still_waiting.contains(newcomer)) {
            let store = mls::MlsView(self.store.read());
            let sealed = secret
                .seal_to(&mut self.groups.borrow_mut(), &store, &account.device, chat_id, *device_id)
                .map_err(group_error)?;
            match sealed {
                Some(sealed) => keys.push(HistoryKey { device_id: *device_id, sealed }),
                None => history::delete_newcomer(self.store.read(), chat_id, *device_id)?,
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        let offer = HistoryOffer { keys, pages, from_seq: bundle.from_seq, complete: bundle.complete };
        for key in &offer.keys {
            history::set_offered(self.store.read(), chat_id, key.device_id, account.id(), &offer)?;
        }
        self.say(chat_id, ContentBody::History(offer))
    }

    async fn upload_page(
        &self,
        chat_id: ChatId,
        secret: &HistorySecret,
        plaintext: &[u8],
    ) -> Result<HistoryFile, ApiError> {
        let file_id = FileId(self.new_uuid());
        let size_bytes = plaintext.len() as u64;
        let cipher = FileCipher::new(&secret.page_key(file_id), file_id, size_bytes).ok_or_else(cannot_encrypt)?;
        let mut sealed = Vec::with_capacity(plaintext.len() + 1_024);
        for (number, chunk) in (0..).zip(plaintext.chunks(doorpost_model::file::CHUNK_BYTES as usize)) {
            sealed.extend(cipher.seal(number, chunk).map_err(|_| cannot_encrypt())?);
        }
        let mut digest = FileDigest::default();
        digest.update(&sealed);
        let new = NewFile { file_id, size_bytes: sealed_bytes(size_bytes), ttl_ms: Some(limits::HISTORY_TTL_MS) };
        self.api.begin_upload(chat_id, &new).await?;
        self.api.upload_part(chat_id, file_id, 0, sealed).await?;
        Ok(HistoryFile { file_id, size_bytes, digest: Binary(digest.finish().to_vec()) })
    }

    /// Reads the offers to this device, the oldest first, until it has all it may read.
    async fn read_offers(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let _guard = slot.history.lock().await;
        while let Some(row) = history::next_offer(self.store.read(), chat_id)? {
            let read = match self.fetch_pages(chat_id, &row).await {
                Ok(pages) => self.take_history(chat_id, &row, &pages)?,
                Err(unread) => Err(unread),
            };
            match read {
                Ok(()) => history::delete_offer(self.store.read(), chat_id, row.seq)?,
                Err(Unread::Later(error)) => return Err(error),
                Err(Unread::Gone) => self.ask_again(chat_id, &row, None)?,
                Err(Unread::Wrong) => self.ask_again(chat_id, &row, Some(row.sender))?,
            }
        }
        Ok(())
    }

    async fn fetch_pages(&self, chat_id: ChatId, row: &OfferRow) -> Result<Vec<HistoryPage>, Unread> {
        let account = self.account().map_err(Unread::Later)?;
        let own_device = account.device.device_id();
        let key = row.offer.keys.iter().find(|key| key.device_id == own_device).ok_or(Unread::Wrong)?;
        let secret =
            HistorySecret::open(&account.device, chat_id, row.sender, &key.sealed.0).map_err(|_| Unread::Wrong)?;
        let mut pages = Vec::with_capacity(row.offer.pages.len());
        for file in &row.offer.pages {
            let end = sealed_bytes(file.size_bytes);
            let sealed =
                self.api.file_range(chat_id, file.file_id, 0, end).await.map_err(|error| match error.code() {
                    ErrorCode::NotFound | ErrorCode::ServerMisbehaved => Unread::Gone,
                    _ => Unread::Later(error),
                })?;
            if !is_as_offered(file, &sealed) {
                return Err(Unread::Gone);
            }
            pages.push(open_page(file, &secret, &sealed).ok_or(Unread::Wrong)?);
        }
        Ok(pages)
    }

    /// Takes the pages of an offer into the timeline.
    fn take_history(
        self: &Rc<Self>,
        chat_id: ChatId,
        row: &OfferRow,
        pages: &[HistoryPage],
    ) -> Result<Result<(), Unread>, ApiError> {
        let account = self.account()?;
        let Some(own) = history::own(self.store.read(), chat_id)?.filter(|own| own.pending) else { return Ok(Ok(())) };
        let OfferRow { sender, offer, .. } = row;
        let now = self.now();
        let taken = self.store.write(|tx| {
            let taken = take_pages(tx, chat_id, account.id(), *sender, &own.span, pages, now)?;
            if taken.is_ok() {
                history::set_covered(tx, chat_id, offer.from_seq.max(own.span.from_seq), offer.complete)?;
            }
            Ok::<_, StoreError>(taken)
        })?;
        if taken == Err(NotInSpan) {
            return Ok(Err(Unread::Wrong));
        }
        self.emit(&Event::History { chat_id, pending: !offer.complete });
        self.emit(&Event::Chats);
        self.forget_expired_soon();
        Ok(Ok(()))
    }

    /// An offer is of no use: others are asked for another, and not `by` whom it was, if it was wrong.
    fn ask_again(self: &Rc<Self>, chat_id: ChatId, row: &OfferRow, by: Option<AccountId>) -> Result<(), ApiError> {
        tracing::warn!(wrong = by.is_some(), "an offer of history cannot be used");
        history::delete_offer(self.store.read(), chat_id, row.seq)?;
        let Some(own) = history::own(self.store.read(), chat_id)? else { return Ok(()) };
        let mut refused = own.refused;
        if let Some(sender) = by.filter(|sender| !refused.contains(sender)) {
            refused.truncate(limits::HISTORY_REFUSED_MAX - 1);
            refused.push(sender);
        }
        if own.asks >= ASKS_MAX || !own.pending {
            return Ok(());
        }
        history::set_refused(self.store.read(), chat_id, &refused)?;
        let device_id = self.account()?.device.device_id();
        self.say(chat_id, ContentBody::HistoryWanted { device_id, refused })
    }
}

/// Whether the ciphertext is the one that was offered: if not, that is the server's doing.
fn is_as_offered(file: &HistoryFile, sealed: &[u8]) -> bool {
    let mut digest = FileDigest::default();
    digest.update(sealed);
    digest.finish().as_slice() == file.digest.0
}

/// A page, when this is its ciphertext.
fn open_page(file: &HistoryFile, secret: &HistorySecret, sealed: &[u8]) -> Option<HistoryPage> {
    let cipher = FileCipher::new(&secret.page_key(file.file_id), file.file_id, file.size_bytes)?;
    let mut plaintext = Vec::with_capacity(sealed.len());
    for (number, chunk) in (0..).zip(sealed.chunks(SEALED_CHUNK_BYTES as usize)) {
        plaintext.extend(cipher.open(number, chunk).ok()?);
    }
    HistoryPage::from_bytes(&plaintext).ok()
}

/// A row of the timeline as it is given to newcomers.
pub(crate) fn past_message(
    connection: &rusqlite::Connection,
    chat_id: ChatId,
    past: PastMessage,
) -> Result<Option<HistoryMessage>, StoreError> {
    let PastMessage { row, mut edit, closed_seq } = past;
    let (Some(seq), Some(sender), Some(said)) = (row.seq, row.sender, row.said) else { return Ok(None) };
    let Some(plaintext) = said.content else { return Ok(None) };
    let message_id = said.message_id;
    let mut votes = effect::votes(connection, chat_id, message_id)?;
    votes.truncate(limits::HISTORY_EFFECTS_MAX as usize);
    let mut mark = None;
    for Provable { franked, plaintext } in franked::of_message(connection, chat_id, message_id)? {
        match &mut edit {
            _ if franked.seq == seq => mark = Some(franked.mark),
            Some(edit) if franked.seq == edit.seq => {
                edit.proof = Some(EditProof { at: franked.at, plaintext: Binary(plaintext), mark: franked.mark });
            }
            _ => {}
        }
    }
    Ok(Some(HistoryMessage {
        seq,
        at: row.at,
        sender,
        plaintext: Binary(plaintext),
        mark,
        edit,
        closed_seq,
        pinned: effect::pinned_by(connection, chat_id, message_id)?,
        reactions: message::reactions(connection, chat_id, message_id)?,
        votes,
    }))
}

/// Messages on their way into pages.
struct Pages {
    chat_id: ChatId,
    done: Vec<HistoryPage>,
    messages: Vec<HistoryMessage>,
    people: BTreeMap<AccountId, HistoryPerson>,
    /// Bytes of the page that is being filled, at most.
    bytes: usize,
}

impl Pages {
    /// What a page takes beside its people and messages, at most.
    const FRAME_BYTES: usize = 64;

    const fn new(chat_id: ChatId) -> Self {
        Self { chat_id, done: Vec::new(), messages: Vec::new(), people: BTreeMap::new(), bytes: Self::FRAME_BYTES }
    }

    /// Puts a message into the page, or into the next; false: there is no room for another page.
    fn add(&mut self, connection: &rusqlite::Connection, message: HistoryMessage) -> Result<bool, StoreError> {
        let person = person::get(connection, message.sender)?;
        let named = HistoryPerson { account_id: person.account_id, handle: person.handle, name: person.name };
        let bytes = size_of(&message) + size_of(&named);
        let is_full =
            self.bytes + bytes > PAGE_BYTES_MAX || self.messages.len() >= limits::HISTORY_PAGE_MESSAGES_MAX as usize;
        if is_full {
            if self.done.len() + 1 >= limits::HISTORY_PAGES_MAX {
                return Ok(false);
            }
            self.turn();
        }
        self.bytes += bytes;
        if !named.handle.is_empty() {
            self.people.insert(named.account_id, named);
        }
        self.messages.push(message);
        Ok(true)
    }

    fn turn(&mut self) {
        if !self.messages.is_empty() {
            let people = std::mem::take(&mut self.people).into_values().collect();
            self.done.push(HistoryPage::new(self.chat_id, people, std::mem::take(&mut self.messages)));
        }
        self.bytes = Self::FRAME_BYTES;
    }

    fn finish(mut self) -> Vec<HistoryPage> {
        self.turn();
        self.done
    }
}

/// Bytes in postcard.
fn size_of(value: &impl serde::Serialize) -> usize {
    postcard::to_stdvec(value).map_or(0, |bytes| bytes.len())
}

fn cannot_encrypt() -> ApiError {
    ApiError::new(ErrorCode::Internal, "The chat's encryption failed. Try again.")
}
