//! What a program that is not the web app needs beside the chats: people, connections, lists, posts as they are.

use doorpost_mls::sealed::PasswordKeys;
use doorpost_model::{
    ApiError, ChatId, ErrorCode, ListId, MessageId, PostId,
    account::{Me, RegistrationCode},
    list::{ListDetail, ListMembersRequest, ListView},
    moderation::NewPublicReport,
    people::{ConnectionView, Page, PersonView},
    post::PostView,
};

use crate::{
    Client, MessageState, MessageView, Opened, Platform,
    compose::{no_such_message, plain},
    core::not_in_chat,
    store::message,
};

/// How often [`Client::help_out`] looks.
const HELP_LOOK_MS: u64 = 50;

impl<P: Platform> Client<P> {
    /// Where this client stands; see [`crate::Command::Open`].
    ///
    /// # Errors
    /// `offline` when the server had to be asked and could not be reached.
    pub async fn open(&self) -> Result<Opened, ApiError> {
        self.0.open().await
    }

    /// Signs up with what was derived from a password (`doorpost_mls::sealed::derive_password_keys`, or cheaper keys
    /// in a test).
    ///
    /// # Errors
    /// As the server says.
    pub async fn register_with_keys(
        &self,
        handle: &str,
        name: &str,
        keys: &PasswordKeys,
        registration_code: Option<String>,
    ) -> Result<Me, ApiError> {
        self.0.register_with_keys(handle, name, keys, registration_code).await
    }

    /// Signs in with what was derived from a password.
    ///
    /// # Errors
    /// As the server says; `identity_locked` when the vault does not open with these keys.
    pub async fn login_with_keys(&self, handle: &str, keys: &PasswordKeys) -> Result<Me, ApiError> {
        self.0.login_with_keys(handle, keys).await
    }

    /// The account as the server has it now.
    ///
    /// # Errors
    /// `signed_out`, and as the server says.
    pub async fn refresh_me(&self) -> Result<Me, ApiError> {
        self.0.refresh_me().await
    }

    /// # Errors
    /// As the server says.
    pub async fn person(&self, handle: &str) -> Result<PersonView, ApiError> {
        self.0.account()?;
        self.0.api.person(handle).await
    }

    /// # Errors
    /// As the server says.
    pub async fn connections(&self) -> Result<Vec<ConnectionView>, ApiError> {
        self.0.account()?;
        self.0.api.connections().await
    }

    /// Asks somebody to connect.
    ///
    /// # Errors
    /// As the server says.
    pub async fn request_connection(&self, handle: &str) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.request_connection(handle).await
    }

    /// Reports a post, an account or a group that the account sees.
    ///
    /// # Errors
    /// As the server says.
    pub async fn report_public(&self, report: &NewPublicReport) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.report_public(report).await
    }

    /// Makes somebody a moderator of the server, for its operator.
    ///
    /// # Errors
    /// As the server says.
    pub async fn name_moderator(&self, handle: &str) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.name_moderator(handle).await
    }

    /// Accepts somebody who asked to connect.
    ///
    /// # Errors
    /// As the server says.
    pub async fn accept_connection(&self, handle: &str) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.accept_connection(handle).await
    }

    /// # Errors
    /// As the server says.
    pub async fn block(&self, handle: &str) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.block(handle).await
    }

    /// # Errors
    /// As the server says.
    pub async fn unblock(&self, handle: &str) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.unblock(handle).await
    }

    /// # Errors
    /// As the server says.
    pub async fn lists(&self) -> Result<Vec<ListView>, ApiError> {
        self.0.account()?;
        self.0.api.lists().await
    }

    /// # Errors
    /// As the server says.
    pub async fn create_list(&self, name: &str) -> Result<ListView, ApiError> {
        self.0.account()?;
        self.0.api.create_list(name).await
    }

    /// # Errors
    /// As the server says.
    pub async fn change_list(&self, list_id: ListId, change: &ListMembersRequest) -> Result<ListDetail, ApiError> {
        self.0.account()?;
        self.0.api.change_list(list_id, change).await
    }

    /// A new registration code (operators).
    ///
    /// # Errors
    /// As the server says.
    pub async fn create_registration_code(&self) -> Result<RegistrationCode, ApiError> {
        self.0.account()?;
        self.0.api.create_registration_code().await
    }

    /// A page of the home feed, newest first.
    ///
    /// # Errors
    /// As the server says.
    pub async fn feed(&self, cursor: Option<String>, limit: Option<u32>) -> Result<Page<PostView>, ApiError> {
        self.0.account()?;
        self.0.api.feed(cursor, limit).await
    }

    /// # Errors
    /// As the server says; `not_found` also for what this account may not see.
    pub async fn post_view(&self, post_id: PostId) -> Result<PostView, ApiError> {
        self.0.account()?;
        self.0.api.post_view(post_id).await
    }

    /// Writes a message and waits until the server has it.
    ///
    /// # Errors
    /// `offline` when it could not be sent for now: it waits in the outbox, and the same `local_id` sends it again.
    /// `not_member` when the account is out of the chat; `conflict` when the server did not take it otherwise.
    pub async fn send_and_wait(&self, chat_id: ChatId, text: &str, local_id: &str) -> Result<MessageView, ApiError> {
        self.0.write_message(chat_id, plain(text), local_id, |_| Ok(()))?;
        self.wait_until_sent(chat_id, local_id).await
    }

    /// Waits until the server has a message that was written, and its files.
    ///
    /// # Errors
    /// As [`Client::send_and_wait`].
    pub async fn wait_until_sent(&self, chat_id: ChatId, local_id: &str) -> Result<MessageView, ApiError> {
        let core = &self.0;
        core.uploads_idle(chat_id, local_id).await?;
        core.flush(chat_id).await;
        let view = message::get(core.store.read(), chat_id, local_id)?.ok_or_else(no_such_message)?;
        match view.state {
            MessageState::Sent => Ok(view),
            MessageState::Pending => Err(ApiError::new(
                ErrorCode::Offline,
                "The message is stored, and will be sent when the server can be reached.",
            )),
            MessageState::Failed => {
                core.sync_chat(chat_id).await?;
                Err(match core.chat_row(chat_id)?.is_mine() {
                    false => not_in_chat(),
                    true => ApiError::new(ErrorCode::Conflict, "The server did not take the message."),
                })
            }
        }
    }

    /// One message of a chat, as this device has it.
    ///
    /// # Errors
    /// `not_found`
    pub fn message(&self, chat_id: ChatId, message_id: MessageId) -> Result<MessageView, ApiError> {
        self.0.chat_row(chat_id)?;
        let connection = self.0.store.read();
        let row = message::by_id(connection, chat_id, message_id)?.ok_or_else(no_such_message)?;
        Ok(message::view(connection, chat_id, row)?)
    }

    /// Rows of a chat's timeline after sequence `after`, oldest first, as this device has them.
    ///
    /// # Errors
    /// `not_found` for a chat that is not there.
    pub fn messages_after(&self, chat_id: ChatId, after: u64, limit: u32) -> Result<Vec<MessageView>, ApiError> {
        self.0.chat_row(chat_id)?;
        Ok(message::after(self.0.store.read(), chat_id, after, limit)?)
    }

    /// Reads what is new in one chat.
    ///
    /// # Errors
    /// As the server says.
    pub async fn sync_chat(&self, chat_id: ChatId) -> Result<(), ApiError> {
        self.0.chat_row(chat_id)?;
        self.0.sync_chat(chat_id).await
    }

    /// For programs that run shortly: when somebody left a chat and nobody has taken them out of the group yet, opens
    /// the socket and does it if the server asks, within `patience_ms`.
    ///
    /// # Errors
    /// As the server says.
    pub async fn help_out(&self, patience_ms: u64) -> Result<(), ApiError> {
        let core = &self.0;
        core.refresh_chats().await?;
        if !core.members_differ.get() {
            return Ok(());
        }
        let until = core.now().plus(i64::try_from(patience_ms).unwrap_or(i64::MAX));
        core.start();
        while core.members_differ.get() && core.now() < until {
            let changed = core.membership_changed.next();
            let pause = std::pin::pin!(core.platform().sleep(HELP_LOOK_MS));
            futures_util::future::select(changed, pause).await;
            core.refresh_chats().await?;
        }
        core.stop().await;
        Ok(())
    }

    /// Tells the server what it does not know yet: keyring, reading positions.
    ///
    /// # Errors
    /// As the server says.
    pub async fn tell_server(&self) -> Result<(), ApiError> {
        self.0.tell_server().await
    }
}
