//! The handle on the core.

use std::rc::Rc;

use doorpost_model::{ApiError, ErrorCode, content::ContentBody, post::NewPost};
use futures_channel::mpsc;
use serde::Serialize;
use serde_json::Value;

use crate::{Command, Event, LocalStore, Platform, chat::Place, core::Core, file::Outgoing};

/// Events as they come, until the client is dropped.
pub type EventStream = mpsc::UnboundedReceiver<Event>;

/// How often, and with what pause between, closing looks whether the last task has ended.
const CLOSE_TRIES: u32 = 500;
const CLOSE_PAUSE_MS: u64 = 20;

/// What is the same for every command.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// What this device calls itself in the list of sessions.
    pub device_name: String,
}

/// One account on one device. Cheap to clone; all clones are the same client.
pub struct Client<P: Platform>(pub(crate) Rc<Core<P>>);

impl<P: Platform> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<P: Platform> Client<P> {
    /// A client on this store. Touches no network until a command or [`Client::start`] does.
    #[must_use]
    pub fn new(platform: P, store: LocalStore, config: ClientConfig) -> Self {
        Self(Rc::new(Core::new(platform, store, config)))
    }

    /// Keeps a socket open from now on: events, leases, the outbox. Returns at once.
    pub fn start(&self) {
        self.0.start();
    }

    /// Closes the socket, after the lease or the sends under way are done.
    pub async fn stop(&self) {
        self.0.stop().await;
    }

    /// Ends the client and closes the store, once nothing that runs beside needs it any more; whether it is closed.
    pub async fn close(self) -> bool {
        self.stop().await;
        let mut core = self.0;
        for _ in 0..CLOSE_TRIES {
            core = match Rc::try_unwrap(core) {
                Ok(core) => return core.store.close().is_ok(),
                Err(shared) => shared,
            };
            core.platform().sleep(CLOSE_PAUSE_MS).await;
        }
        false
    }

    /// What changes from now on. Any number of subscribers.
    #[must_use]
    pub fn subscribe(&self) -> EventStream {
        self.0.subscribe()
    }

    /// [`Client::call`] with JSON in and out.
    ///
    /// # Errors
    /// [`ApiError`] as JSON.
    pub async fn call_json(&self, command: &str) -> Result<String, String> {
        let answer = match serde_json::from_str(command) {
            Ok(command) => self.call(command).await,
            Err(error) => Err(ApiError::new(ErrorCode::MalformedRequest, format!("Not a command: {error}."))),
        };
        match answer {
            Ok(value) => Ok(value.to_string()),
            Err(error) => Err(json(&error).map_or_else(|_| String::new(), |value| value.to_string())),
        }
    }

    /// Does what a command says; the answers are named at [`Command`].
    ///
    /// # Errors
    /// As the use case says, in the one error shape.
    pub async fn call(&self, command: Command) -> Result<Value, ApiError> {
        let answer = self.dispatch(command).await;
        match answer.as_ref().map_err(ApiError::code) {
            Err(ErrorCode::Unauthenticated) => self.0.session_ended(),
            Err(ErrorCode::StoreCorrupt) => self.0.store.condemn(),
            _ => {}
        }
        answer
    }

    async fn dispatch(&self, command: Command) -> Result<Value, ApiError> {
        let core = &self.0;
        match command {
            Command::Open => json(&core.open().await?),
            Command::Register { handle, name, password, registration_code } => {
                json(&core.register(&handle, &name, &password, registration_code).await?)
            }
            Command::Login { handle, password } => json(&core.login(&handle, &password).await?),
            Command::AdoptSession { prf, prf_id } => json(&core.adopt_session(prf.zip(prf_id)).await?),
            Command::AddVaultEntry { prf, prf_id } => done(core.add_vault_entry(&prf, prf_id).await?),
            Command::ResetIdentity { prf, prf_id, password } => {
                json(&core.reset_identity(prf.zip(prf_id), password.as_deref()).await?)
            }
            Command::Logout => done(core.logout().await?),
            Command::DeleteAccount { handle, password, passkey } => {
                done(core.delete_account(&handle, password.as_deref(), passkey).await?)
            }
            Command::Recover { handle, code } => json(&core.sign_in_by_code(&handle, &code).await?),
            Command::Backup => json(&core.backup_status().await?),
            Command::BeginBackup => json(&core.begin_backup().await?),
            Command::EndBackup => json(&core.end_backup().await?),
            Command::MakeRecoveryCode => json(&core.make_recovery_code()?),
            Command::ConfirmRecoveryCode { code } => done(core.confirm_recovery_code(&code).await?),
            Command::Devices => json(&core.devices().await?),
            Command::RenameDevice { device_id, name } => done(core.rename_device(device_id, name).await?),
            Command::RevokeDevice { device_id } => done(core.revoke_device(device_id).await?),
            Command::BeginLink => json(&core.begin_link().await?),
            Command::AwaitLink => json(&core.await_link().await?),
            Command::CancelLink => {
                core.cancel_link();
                done(())
            }
            Command::ReadLink { code } => json(&core.read_link(&code)?),
            Command::ConfirmLink { code } => done(core.confirm_link(&code).await?),
            Command::Post { post_id, text, media, audience, question, chat, terms } => {
                let post_id = core.post_id(post_id);
                let post = NewPost { post_id, text, media, audience, invite: None, story: None, question };
                json(&core.post(post, chat, terms).await?)
            }
            Command::Story { post_id, canvas, media, audience, chat, terms } => {
                let (post_id, text, story) = (core.post_id(post_id), String::new(), Some(canvas));
                let post = NewPost { post_id, text, media, audience, invite: None, story, question: None };
                json(&core.post(post, chat, terms).await?)
            }
            Command::PostEdit { post_id, text, audience, terms } => {
                json(&core.post_edit(post_id, text, audience, terms).await?)
            }
            Command::PostClose { post_id } => json(&core.post_close(post_id).await?),
            Command::PostDelete { post_id } => done(core.post_delete(post_id).await?),
            Command::Link { post_id } => json(&core.link(post_id).await?),
            Command::Join { invite_id, secret, answers } => json(&core.join(invite_id, secret, answers).await?),
            Command::Withdraw { request_id } => json(&core.withdraw(request_id).await?),
            Command::Requests { chat_id, cursor, limit } => json(&core.requests(chat_id, cursor, limit).await?),
            Command::Admit { chat_id, request_ids } => json(&core.admit(chat_id, &request_ids).await?),
            Command::Decline { chat_id, request_ids, reason } => {
                json(&core.decline(chat_id, &request_ids, reason).await?)
            }
            Command::DecideAll { chat_id, rule, verdict, reason } => {
                json(&core.decide_all(chat_id, rule, verdict, reason).await?)
            }
            Command::Report { chat_id, message_ids, to, reason, comment } => {
                done(core.report(chat_id, &message_ids, to, reason, comment).await?)
            }
            Command::ChatReports { chat_id, cursor } => json(&core.chat_reports(chat_id, cursor).await?),
            Command::ForgetChatReport { chat_id, report_id } => {
                done(core.forget_chat_report(chat_id, report_id).await?)
            }
            Command::OperatorReports { closed, cursor } => json(&core.operator_reports(closed, cursor).await?),
            Command::CloseReport { report_id, outcome } => done(core.close_report(report_id, outcome).await?),
            Command::Direct { account_id } => json(&core.direct(account_id).await?),
            Command::AnswerDirect { chat_id, accept } => json(&core.answer_direct(chat_id, accept).await?),
            Command::Chats => json(&core.chats()?),
            Command::Chat { chat_id } => json(&core.chat(chat_id)?),
            Command::Members { chat_id } => json(&core.members(chat_id).await?),
            Command::Messages { chat_id, before, around, after, at, limit } => {
                json(&core.messages(chat_id, Place::of(before, around, after, at), limit)?)
            }
            Command::Send { chat_id, text, local_id } => {
                json(&core.send(chat_id, ContentBody::Text(text), &local_id)?)
            }
            Command::Poll { chat_id, poll, local_id } => {
                json(&core.send(chat_id, ContentBody::Poll(poll), &local_id)?)
            }
            Command::SendFile { chat_id, path, about, text, reply_to, mentions, local_id } => {
                let outgoing = Outgoing { path, about, text, reply_to, mentions };
                json(&core.send_file(chat_id, &local_id, outgoing).await?)
            }
            Command::OpenFile { chat_id, message_id, file_id, path } => {
                json(&core.open_file(chat_id, message_id, file_id, path).await?)
            }
            Command::StopFile { file_id } => {
                core.stop_file(file_id);
                done(())
            }
            Command::FileChunk { chat_id, message_id, file_id, number } => {
                json(&core.file_chunk(chat_id, message_id, file_id, number).await?)
            }
            Command::Files { chat_id, cursor, limit } => json(&core.files(chat_id, cursor, limit)?),
            Command::Edit { chat_id, target, text, mentions } => json(&core.edit(chat_id, target, text, mentions)?),
            Command::DeleteMessage { chat_id, target } => json(&core.delete_message(chat_id, target)?),
            Command::React { chat_id, target, emoji, removed } => json(&core.react(chat_id, target, emoji, removed)?),
            Command::Vote { chat_id, target, choices } => json(&core.vote(chat_id, target, choices)?),
            Command::ClosePoll { chat_id, target } => json(&core.close_poll(chat_id, target)?),
            Command::Pin { chat_id, target, removed } => json(&core.pin(chat_id, target, removed)?),
            Command::Pins { chat_id } => json(&core.pins(chat_id)?),
            Command::Readers { chat_id, target } => json(&core.readers(chat_id, target)?),
            Command::Draft { chat_id, draft } => done(core.put_draft(chat_id, draft)?),
            Command::Search { words, chat_id, cursor, limit } => json(&core.search(&words, chat_id, cursor, limit)?),
            Command::Mute { chat_id, until } => done(core.mute(chat_id, until)?),
            Command::Receipts { chat_id, on } => done(core.set_receipts(chat_id, on)?),
            Command::Typing { chat_id } => done(core.typing(chat_id)?),
            Command::Privacy => json(&core.privacy()?),
            Command::SetPrivacy { change } => json(&core.set_privacy(change)?),
            Command::LinkPreview { url } => json(&core.link_preview(url).await?),
            Command::Retry { chat_id, local_id } => json(&core.retry(chat_id, &local_id)?),
            Command::Discard { chat_id, local_id } => done(core.discard(chat_id, &local_id)?),
            Command::MarkRead { chat_id, seq } => done(core.mark_read(chat_id, seq)?),
            Command::Safety { account_id } => json(&core.safety(account_id)?),
            Command::CompareSafety { account_id, scanned } => json(&core.compare_safety(account_id, &scanned)?),
            Command::SetVerified { account_id, verified } => json(&core.set_verified(account_id, verified)?),
            Command::Verified => json(&core.verified()?),
            Command::Leave { chat_id, successor } => done(core.leave(chat_id, successor).await?),
            Command::Remove { chat_id, account_id, ban } => done(core.remove(chat_id, account_id, ban).await?),
            Command::Unban { chat_id, account_id } => json(&core.unban(chat_id, account_id).await?),
            Command::Banned { chat_id } => json(&core.banned(chat_id)?),
            Command::Suspended { chat_id } => json(&core.api.suspensions(chat_id).await?),
            Command::LiftSuspension { chat_id, account_id } => {
                done(core.api.lift_suspension(chat_id, account_id).await?)
            }
            Command::SetPolicy { chat_id, change } => json(&core.set_policy(chat_id, change).await?),
            Command::SetProfile { chat_id, title, description, picture } => {
                json(&core.set_profile(chat_id, &title, &description, picture).await?)
            }
            Command::MakeHost { chat_id, account_id } => json(&core.make_host(chat_id, account_id).await?),
            Command::RemoveHost { chat_id, account_id } => json(&core.remove_host(chat_id, account_id).await?),
            Command::Sync => done(core.sync().await?),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Value, ApiError> {
    serde_json::to_value(value)
        .map_err(|error| ApiError::new(ErrorCode::Internal, format!("The answer cannot be written: {error}.")))
}

fn done((): ()) -> Result<Value, ApiError> {
    Ok(Value::Object(serde_json::Map::new()))
}
