//! What every scenario begins with: a server, a host on the real client core, chats, and people in them.

use std::time::Duration;

use doorpost_client::{Client, ClientConfig, Command, LocalStore, PostChat, native::NativePlatform};
use doorpost_model::{
    ApiError, ChatId, InviteId,
    invite::{Admission as Entry, InviteTerms},
    post::{Audience, PostView},
};
use serde_json::Value;

use crate::{
    Failure,
    person::{Admission, Person, Prepared},
    random::Random,
    target::Target,
};

/// How often a person without a socket asks how their request stands.
const POLL: Duration = Duration::from_millis(20);
const PASSWORD: &str = "only for the load generator";

pub struct World {
    pub target: Target,
    pub random: Random,
    /// Begins every handle of this run, so that runs can share a database.
    prefix: String,
    next_handle: u32,
}

/// A chat with the invite that leads into it.
#[derive(Clone, Copy)]
pub struct Door {
    pub chat_id: ChatId,
    pub invite_id: InviteId,
}

impl World {
    pub fn new(target: Target, seed: u64) -> Self {
        Self { target, random: Random::new(seed), prefix: format!("l{}_{seed}_", std::process::id()), next_handle: 0 }
    }

    fn handle(&mut self) -> String {
        self.next_handle += 1;
        format!("{}{}", self.prefix, self.next_handle)
    }

    /// A new account on the real client core, its socket open.
    ///
    /// # Errors
    /// [`Failure`] when the server refuses.
    pub async fn client(&mut self) -> Result<Client<NativePlatform>, Failure> {
        let platform = NativePlatform::new(&self.target.url()).map_err(|error| Failure(error.to_string()))?;
        let store = LocalStore::in_memory().map_err(|error| Failure(error.to_string()))?;
        let config = ClientConfig { device_name: "load generator".into() };
        let client = Client::new(platform, store, config);
        let handle = self.handle();
        let register =
            Command::Register { name: handle.clone(), handle, password: PASSWORD.into(), registration_code: None };
        call(&client, register).await?;
        client.start();
        Ok(client)
    }

    /// `count` accounts that speak the API directly.
    ///
    /// # Errors
    /// [`Failure`] when the server refuses.
    pub async fn people(&mut self, count: usize) -> Result<Vec<Person>, Failure> {
        let mut people = Vec::with_capacity(count);
        for _ in 0..count {
            let handle = self.handle();
            people.push(Person::register(&self.target.url(), &handle, &self.random).await?);
        }
        Ok(people)
    }
}

/// Asks the core.
///
/// # Errors
/// [`Failure`] with the core's error.
pub async fn call(client: &Client<NativePlatform>, command: Command) -> Result<Value, Failure> {
    client.call(command).await.map_err(|error: ApiError| Failure(error.to_string()))
}

/// A public chat post.
///
/// # Errors
/// [`Failure`] with the core's error.
pub async fn open_door(host: &Client<NativePlatform>, title: &str, admission: Entry) -> Result<Door, Failure> {
    let terms = InviteTerms { admission, questions: Vec::new(), seats: None, expires_at: None, ends_with_post: false };
    let post = call(
        host,
        Command::Post {
            question: None,
            post_id: None,
            text: title.to_owned(),
            media: Vec::new(),
            audience: Audience::Public,
            chat: Some(PostChat::New { title: title.to_owned() }),
            terms: Some(terms),
        },
    )
    .await?;
    let post: PostView = serde_json::from_value(post).map_err(|error| Failure(error.to_string()))?;
    match post.invite {
        Some(card) => Ok(Door {
            chat_id: card.chat_id.ok_or_else(|| Failure("the host is not in the chat".into()))?,
            invite_id: card.invite_id,
        }),
        None => Err(Failure("the post has no invite".into())),
    }
}

/// Brings one person in, asking again and again; for setting up, not for measuring.
///
/// # Errors
/// [`Failure`] when the request ends without a seat.
pub async fn bring_in(person: &mut Person, door: Door, prepared: &Prepared) -> Result<Admission, Failure> {
    let mut status = person.ask(door.invite_id, prepared).await?;
    loop {
        if let Some(admission) = person.step(&status, prepared).await? {
            return Ok(admission);
        }
        tokio::time::sleep(POLL).await;
        status = person.status(&status).await?;
    }
}
