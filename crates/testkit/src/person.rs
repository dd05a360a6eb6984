//! Somebody with a client.

use std::time::Duration;

use doorpost_client::{
    ChatSummary, Client, ClientConfig, Command, LocalStore, MessageKind, MessageView, Opened, Platform, PostChat,
    SignInState, view::LinkOffer,
};
use doorpost_mls::sealed::PasswordKeys;
use doorpost_model::{
    ApiError, ChatId, InviteId,
    account::Me,
    invite::{InviteTerms, JoinStatus},
    post::{Audience, PostView},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// How long [`eventually`] waits.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// Somebody who is signed in.
pub struct Person<P: Platform> {
    pub client: Client<P>,
    pub me: Me,
}

/// Keys as if from a password, without the work of deriving them.
#[must_use]
pub fn keys_of(handle: &str) -> PasswordKeys {
    let derive = |label: &str| Sha256::new().chain_update(label).chain_update(handle).finalize().into();
    PasswordKeys { proof: derive("proof"), vault_key: derive("vault") }
}

/// Does a command and reads its answer.
async fn ask<P: Platform, T: DeserializeOwned>(client: &Client<P>, command: Command) -> Result<T, ApiError> {
    let answer = client.call(command).await?;
    Ok(serde_json::from_value(answer).expect("the answer named at the command"))
}

fn config() -> ClientConfig {
    ClientConfig { device_name: "Test".to_owned() }
}

impl<P: Platform> Person<P> {
    /// Signs up with a store in memory.
    pub async fn sign_up(platform: P, handle: &str) -> Self {
        Self::sign_up_on(platform, LocalStore::in_memory().expect("a store"), handle).await
    }

    /// Signs up with this store.
    pub async fn sign_up_on(platform: P, store: LocalStore, handle: &str) -> Self {
        let client = Client::new(platform, store, config());
        client.open().await.expect("a client opens");
        let name = format!("{}{}", handle[..1].to_uppercase(), &handle[1..]);
        let me = client.register_with_keys(handle, &name, &keys_of(handle), None).await.expect("sign-up");
        Self { client, me }
    }

    /// Signs in on another device (or the same, when the store is its).
    pub async fn sign_in_on(platform: P, store: LocalStore, handle: &str) -> Self {
        let client = Client::new(platform, store, config());
        client.open().await.expect("a client opens");
        let me = client.login_with_keys(handle, &keys_of(handle)).await.expect("sign-in");
        Self { client, me }
    }

    /// A new device that `other`, a device of the account, links by the code that the new one shows.
    pub async fn link_on<O: Platform>(platform: P, store: LocalStore, other: &Person<O>) -> Self {
        let client = Client::new(platform, store, config());
        client.open().await.expect("a client opens");
        let offer: LinkOffer = ask(&client, Command::BeginLink).await.expect("a code");
        other.client.call(Command::ConfirmLink { code: offer.link }).await.expect("the account is handed over");
        let me = ask(&client, Command::AwaitLink).await.expect("the device is linked");
        Self { client, me }
    }

    /// Takes up where a store left off; where nobody is signed in there, signs in.
    pub async fn resume_on(platform: P, store: LocalStore, handle: &str) -> Result<(Self, Opened), ApiError> {
        let client = Client::new(platform, store, config());
        let opened = client.open().await?;
        let me = match &opened.me {
            Some(me) if opened.state == SignInState::Ready => me.clone(),
            _ => client.login_with_keys(handle, &keys_of(handle)).await?,
        };
        Ok((Self { client, me }, opened))
    }

    /// Takes up where a store left off.
    pub async fn reopen(platform: P, store: LocalStore) -> Self {
        let client = Client::new(platform, store, config());
        let opened = client.open().await.expect("a client opens");
        Self { client, me: opened.me.expect("somebody is signed in") }
    }

    /// Does a command and reads its answer.
    ///
    /// # Errors
    /// As the command says.
    pub async fn ask<T: DeserializeOwned>(&self, command: Command) -> Result<T, ApiError> {
        ask(&self.client, command).await
    }

    /// Writes a public chat post.
    pub async fn chat_post(&self, title: &str, terms: InviteTerms) -> (PostView, ChatId, InviteId) {
        let command = Command::Post {
            question: None,
            post_id: None,
            text: format!("Who is in for {title}?"),
            media: Vec::new(),
            audience: Audience::Public,
            chat: Some(PostChat::New { title: title.to_owned() }),
            terms: Some(terms),
        };
        let post: PostView = self.ask(command).await.expect("a chat post");
        let card = post.invite.clone().expect("a card");
        (post, card.chat_id.expect("the author is in"), card.invite_id)
    }

    /// # Errors
    /// As [`Command::Join`].
    pub async fn join(&self, invite_id: InviteId) -> Result<JoinStatus, ApiError> {
        self.ask(Command::Join { invite_id, secret: None, answers: Vec::new() }).await
    }

    /// Writes a message and waits until the server has it.
    ///
    /// # Errors
    /// As [`Client::send_and_wait`].
    pub async fn say(&self, chat_id: ChatId, text: &str) -> Result<MessageView, ApiError> {
        let local_id = format!("local-{:032x}", rand::random_range(0..=u128::MAX));
        self.client.send_and_wait(chat_id, text, &local_id).await
    }

    /// Reads everything that is new.
    pub async fn sync(&self) {
        self.client.call(Command::Sync).await.expect("a sync");
    }

    /// The texts of a chat as this device has them, in order, each with who wrote it.
    #[must_use]
    pub fn texts(&self, chat_id: ChatId) -> Vec<(String, String)> {
        self.rows(chat_id)
            .into_iter()
            .filter(|row| row.kind == MessageKind::Text)
            .map(|row| (row.sender.map(|sender| sender.handle).unwrap_or_default(), row.text))
            .collect()
    }

    /// All rows of a chat that have their place in the log.
    #[must_use]
    pub fn rows(&self, chat_id: ChatId) -> Vec<MessageView> {
        self.client.messages_after(chat_id, 0, 1_000_000).expect("a chat")
    }

    pub async fn chats(&self) -> Vec<ChatSummary> {
        self.ask(Command::Chats).await.expect("chats")
    }

    /// # Errors
    /// `not_found` for a chat this device does not know.
    pub async fn chat(&self, chat_id: ChatId) -> Result<ChatSummary, ApiError> {
        self.ask(Command::Chat { chat_id }).await
    }
}

/// Looks again and again until `look` gives something.
///
/// # Panics
/// After 20 seconds, naming `what`.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// As [`eventually`], where how long it takes is part of what is promised.
///
/// # Panics
/// After `patience`, naming `what`.
pub async fn within<T>(patience: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(patience, looking).await.unwrap_or_else(|_| panic!("{what}: not within {patience:?}"))
}
