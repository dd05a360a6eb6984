//! One person of the demo: a client of their own.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use doorpost_client::{
    Client, ClientConfig, Command, HttpRequest, LocalStore, Method, Platform as _, native::NativePlatform,
};
use doorpost_model::{
    AccountId, ChatId, GroupId, ListId, TimeMs,
    account::ServerInfo,
    group::{GroupKind, NewGroup},
    list::ListMembersRequest,
    page::{NewPage, PageRole},
};
use serde::de::DeserializeOwned;

use super::{DemoError, script};

/// How long anything may take before the demo gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// 50 bits: the demo may run on a server that others can reach.
const PASSWORD_CHARS: usize = 10;

pub struct Person {
    pub handle: &'static str,
    pub client: Client<NativePlatform>,
    platform: NativePlatform,
}

impl Person {
    /// Signs up, and stays online.
    pub async fn sign_up(
        platform: &NativePlatform,
        person: &script::Person,
        password: &str,
    ) -> Result<Self, DemoError> {
        let config = ClientConfig { device_name: "Demo".to_owned() };
        let client = Client::new(platform.clone(), LocalStore::in_memory()?, config);
        let register = Command::Register {
            handle: person.handle.to_owned(),
            name: person.name.to_owned(),
            password: password.to_owned(),
            registration_code: None,
        };
        client.call(register).await?;
        client.start();
        Ok(Self { handle: person.handle, client, platform: platform.clone() })
    }

    /// Asks the core, and reads its answer.
    pub async fn ask<T: DeserializeOwned>(&self, command: Command) -> Result<T, DemoError> {
        let answer = self.client.call(command).await?;
        serde_json::from_value(answer).map_err(|error| DemoError::System(error.into()))
    }

    /// The device's clock.
    pub fn now(&self) -> TimeMs {
        self.platform.now()
    }

    /// Says something, and waits until it stands in the chat's log: lines keep their order.
    pub async fn say(&self, chat_id: ChatId, text: &str) -> Result<(), DemoError> {
        self.client.send_and_wait(chat_id, text, &random_id(&self.platform)).await?;
        Ok(())
    }

    /// Asks somebody to connect.
    pub async fn connect(&self, handle: &str) -> Result<(), DemoError> {
        Ok(self.client.request_connection(handle).await?)
    }

    /// Accepts somebody who asked.
    pub async fn accept(&self, handle: &str) -> Result<(), DemoError> {
        Ok(self.client.accept_connection(handle).await?)
    }

    /// Makes a list of connections.
    pub async fn make_list(&self, name: &str, members: &[&str]) -> Result<(), DemoError> {
        let list = self.client.create_list(name).await?;
        let add = members.iter().map(|handle| (*handle).to_owned()).collect();
        self.client.change_list(list.list_id, &ListMembersRequest { add, remove: Vec::new() }).await?;
        Ok(())
    }

    /// Makes a closed group.
    pub async fn make_group(&self, group: &script::Group) -> Result<GroupId, DemoError> {
        let new = NewGroup {
            name: group.name.to_owned(),
            kind: GroupKind::Closed,
            description: group.description.to_owned(),
            rules: group.rules.to_owned(),
            questions: vec![group.question.to_owned()],
            posts_wait: false,
        };
        Ok(self.client.create_group(&new).await?.group.group_id)
    }

    /// Makes a page, which says the roles of those who write for it.
    pub async fn make_page(&self, page: &script::Page) -> Result<(), DemoError> {
        let new = NewPage {
            handle: page.handle.to_owned(),
            name: page.name.to_owned(),
            about: page.about.to_owned(),
            links: Vec::new(),
            shows_roles: true,
        };
        self.client.create_page(&new).await?;
        for handle in page.editors {
            self.client.set_page_role(page.handle, handle, PageRole::Editor).await?;
        }
        Ok(())
    }

    /// The id of a page for which the person writes.
    pub async fn page_id(&self, handle: &str) -> Result<AccountId, DemoError> {
        let pages = self.client.pages(None).await?.items;
        let mut found = pages.into_iter().filter(|page| page.page.handle == handle);
        found.next().map(|page| page.page.account_id).ok_or(DemoError::Late("a page"))
    }

    /// Asks to come into a group that asks one question; gives who asked.
    pub async fn ask_into(&self, group_id: GroupId, answer: &str) -> Result<AccountId, DemoError> {
        self.client.join_group(group_id, vec![answer.to_owned()]).await?;
        Ok(self.client.refresh_me().await?.account_id)
    }

    /// The id of a group the person is in.
    pub async fn group_id(&self, name: &str) -> Result<GroupId, DemoError> {
        let groups = self.client.groups(None).await?.items;
        let mut found = groups.into_iter().filter(|group| group.name == name);
        found.next().map(|group| group.group_id).ok_or(DemoError::Late("a group"))
    }

    /// The id of a list made before.
    pub async fn list_id(&self, name: &str) -> Result<ListId, DemoError> {
        let lists = self.client.lists().await?;
        lists.into_iter().find(|list| list.name == name).map(|list| list.list_id).ok_or(DemoError::Late("a list"))
    }
}

/// A demo among somebody's real posts would be a nuisance.
pub async fn require_new_server(platform: &NativePlatform) -> Result<(), DemoError> {
    let request =
        HttpRequest { method: Method::Get, path: "/api/server".to_owned(), headers: Vec::new(), body: Vec::new() };
    let response = platform.http(request).await.map_err(|error| DemoError::Address(error.to_string()))?;
    let info: ServerInfo = serde_json::from_slice(&response.body)
        .map_err(|_| DemoError::Address("that is not a Doorpost server".to_owned()))?;
    if info.needs_operator { Ok(()) } else { Err(DemoError::NotNew) }
}

/// A password for all of them, other at each demo.
pub fn new_password(platform: &NativePlatform) -> String {
    let mut bytes = [0; 8];
    platform.fill_random(&mut bytes);
    let mut text = BASE32_NOPAD.encode(&bytes).to_lowercase();
    text.truncate(PASSWORD_CHARS);
    text
}

fn random_id(platform: &NativePlatform) -> String {
    let mut bytes = [0; 16];
    platform.fill_random(&mut bytes);
    // Any id type prints as a UUID.
    ChatId::from_bytes(bytes).to_string()
}
