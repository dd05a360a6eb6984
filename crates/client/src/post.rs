//! Posts, and the chats and invites that come to be with them.

use std::{cell::RefCell, rc::Rc};

use doorpost_mls::{
    door::{DoorSecret, InviteSecret},
    member::{CommitPlan, GroupView, MemberError},
};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, InviteId, PostId, TimeMs,
    account::ServerInfo,
    admission::{ChatPolicy, HostKey, InvitePolicy},
    chat::{Ciphersuite, CommitUpload, NewChat, Role},
    invite::{Admission, InviteChat, InviteTerms, InviteTermsChange, NewInvite},
    limits,
    post::{Audience, ClosePost, NewPost, PostChange, PostView},
};

use crate::{
    Event, Platform, PostChat,
    api::is_transient,
    commit::Committed,
    core::{Account, Core, group_error},
    invite_secret::secret_of,
    store::{
        StoreError, Tx,
        chat::{self, ChatRow, MemberRow},
        message::{self, MessageRow},
        mls, person, setting,
    },
    view::{ChatState, InviteLink, MessageKind},
};

/// What a new invite is made of, and what it leads to.
struct WayIn {
    invite_id: InviteId,
    secret: InviteSecret,
    door: DoorSecret,
    ciphersuite: Ciphersuite,
}

impl<P: Platform> Core<P> {
    /// The id that a caller names, or a new one.
    pub(crate) fn post_id(&self, named: Option<PostId>) -> PostId {
        named.unwrap_or_else(|| PostId(self.new_uuid()))
    }

    /// Writes a post or a story; with `chat` it leads into one, by an invite with `terms`. An id that was written before
    /// gives that post as it is.
    pub(crate) async fn post(
        self: &Rc<Self>,
        post: NewPost,
        chat: Option<PostChat>,
        terms: Option<InviteTerms>,
    ) -> Result<PostView, ApiError> {
        self.account()?;
        let terms = terms.unwrap_or(InviteTerms {
            admission: Admission::Open,
            questions: Vec::new(),
            seats: None,
            expires_at: None,
            ends_with_post: false,
        });
        let is_chosen = !post.audience.is_everybody();
        let view = match chat {
            None => return self.retrying(async || self.api.create_post(&post).await).await,
            Some(PostChat::New { title }) => self.post_with_new_chat(post, title, terms).await,
            Some(PostChat::Existing { chat_id }) => self.post_with_chat(post, chat_id, terms).await,
        }?;
        if is_chosen {
            // The post is out whether or not everybody has a copy by now: the next connection goes on with it.
            self.background(self.share_secrets().await);
        }
        Ok(view)
    }

    async fn post_with_new_chat(
        self: &Rc<Self>,
        post: NewPost,
        title: String,
        terms: InviteTerms,
    ) -> Result<PostView, ApiError> {
        let account = self.account()?;
        let title = title.trim().to_owned();
        if title.is_empty() || title.chars().count() > limits::CHAT_TITLE_CHARS_MAX {
            let message = format!("A chat's title has 1 to {} characters.", limits::CHAT_TITLE_CHARS_MAX);
            return Err(ApiError::invalid("title", message));
        }
        let chat_id = ChatId(self.new_uuid());
        self.making.borrow_mut().insert(chat_id);
        let result = self.make_chat_and_post(&account, chat_id, post, title, terms).await;
        self.making.borrow_mut().remove(&chat_id);
        result
    }

    async fn make_chat_and_post(
        self: &Rc<Self>,
        account: &Account,
        chat_id: ChatId,
        mut post: NewPost,
        title: String,
        terms: InviteTerms,
    ) -> Result<PostView, ApiError> {
        let invite_id = InviteId(self.new_uuid());
        let door = DoorSecret::generate(&self.entropy());
        let secret = InviteSecret::generate(&self.entropy());
        let maker = HostKey::maker(account.id(), *account.device.identity_key());
        let policy =
            ChatPolicy::new(chat_id, maker, vec![invite_policy(invite_id, &secret, &post.audience, &terms, 0)]);
        let ciphersuite = self.known_server().await?.ciphersuite;
        let created = self
            .groups
            .borrow_mut()
            .create(&mls::MlsView(self.store.read()), &account.device, &policy, &door, ciphersuite, self.now())
            .map_err(|error| match error {
                MemberError::Refused(refusal) => ApiError::invalid("terms", format!("That cannot be: {refusal}.")),
                error => group_error(error),
            })?;
        let row = ChatRow {
            door: Some(door.to_bytes().to_vec()),
            ..ChatRow::new(chat_id, title.clone(), Role::Host, self.now())
        };
        self.store.write(|tx| {
            mls::apply(tx, &created.writes)?;
            chat::put(tx, &row)
        })?;
        let new_chat = NewChat {
            chat_id,
            title,
            group_info: Binary(created.group_info),
            ratchet_tree: Binary(created.ratchet_tree),
        };
        let hosts_key = self.first_hosts_key(account, chat_id, &door)?;
        let chat = InviteChat::New { chat: new_chat };
        let way_in = WayIn { invite_id, secret, door, ciphersuite };
        let invite = self.new_invite(&way_in, &post.audience, terms, chat)?;
        post.invite = Some(NewInvite { hosts_key: Some(hosts_key), ..invite });
        match self.retrying(async || self.api.create_post(&post).await).await {
            Ok(view) if !leads_by(&view, invite_id) => {
                self.erase_group(chat_id, |tx| chat::delete(tx, chat_id))?;
                Ok(view)
            }
            Ok(view) => {
                self.store.write(|tx| confirm_chat(tx, chat_id, account.id(), self.now()))?;
                self.emit(&Event::Chats);
                self.tell_soon();
                Ok(view)
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

    async fn post_with_chat(
        self: &Rc<Self>,
        post: NewPost,
        chat_id: ChatId,
        terms: InviteTerms,
    ) -> Result<PostView, ApiError> {
        self.host_chat(chat_id)?;
        self.tend_hosts_key(chat_id).await?;
        // So that what was written before counts as older than the post.
        self.sync_chat(chat_id).await?;
        let ciphersuite = self.group_view(chat_id)?.ciphersuite;
        let invite_id = InviteId(self.new_uuid());
        let secret = InviteSecret::generate(&self.entropy());
        let written_before = RefCell::new(None);
        let committed = self
            .commit(
                chat_id,
                |view| {
                    if view.policy.invites.len() >= limits::INVITES_PER_CHAT_MAX {
                        return Err(ApiError::new(ErrorCode::LimitReached, "This chat has too many invites already."));
                    }
                    let since_seq = self.chat_row(chat_id)?.cursor_seq + 1;
                    let invite = invite_policy(invite_id, &secret, &post.audience, &terms, since_seq);
                    Ok(change_policy(view, |policy| policy.invites.push(invite.clone())))
                },
                async |commit| {
                    let chat = InviteChat::Existing { chat_id, commit };
                    // Somebody may have been taken out since the attempt before.
                    let door = self.chat_row(chat_id)?.door_secret()?;
                    let way_in = WayIn { invite_id, secret: secret.clone(), door, ciphersuite };
                    let invite = self.new_invite(&way_in, &post.audience, terms.clone(), chat)?;
                    let view = self.api.create_post(&NewPost { invite: Some(invite), ..post.clone() }).await?;
                    if leads_by(&view, invite_id) {
                        return Ok(view);
                    }
                    // Nothing was done with this commit.
                    *written_before.borrow_mut() = Some(view);
                    Err(ApiError::new(ErrorCode::Conflict, "This post was written before."))
                },
            )
            .await;
        match (written_before.into_inner(), committed) {
            (Some(view), _) => Ok(view),
            (None, committed) => self.answer_or_view(committed?, post.post_id).await,
        }
    }

    fn new_invite(
        &self,
        way_in: &WayIn,
        audience: &Audience,
        terms: InviteTerms,
        chat: InviteChat,
    ) -> Result<NewInvite, ApiError> {
        let WayIn { invite_id, secret, door, ciphersuite } = way_in;
        let chat_id = match &chat {
            InviteChat::New { chat } => chat.chat_id,
            InviteChat::Existing { chat_id, .. } => *chat_id,
        };
        let (secret_for_all, copies) = match audience {
            Audience::Public | Audience::Page { .. } => (Some(Binary(secret.as_bytes().to_vec())), Vec::new()),
            _ => (None, vec![self.own_copy(&*self.account()?, *invite_id, secret)?]),
        };
        Ok(NewInvite {
            invite_id: *invite_id,
            terms,
            join_key: Binary(secret.join_key().to_vec()),
            sealed_door: secret.seal_door(chat_id, *invite_id, door, *ciphersuite, &self.entropy()),
            secret: secret_for_all,
            copies,
            hosts_key: None,
            chat,
        })
    }

    /// Changes a post; terms that stand in the chat's policy are changed there by a commit, together.
    pub(crate) async fn post_edit(
        self: &Rc<Self>,
        post_id: PostId,
        text: Option<String>,
        audience: Option<Audience>,
        terms: Option<InviteTermsChange>,
    ) -> Result<PostView, ApiError> {
        let mut change = PostChange { text, audience, terms, commit: None, secret: None };
        let mut is_published = false;
        if change.audience == Some(Audience::Public)
            && let Some(invite) = self.api.post_view(post_id).await?.invite
        {
            change.secret = self.secret_to_publish(invite.invite_id).await?;
            // Hosts say in the policy that its secret is out; the server's word would not do.
            is_published = invite.chat_id.is_some_and(|chat_id| self.is_to_be_published(chat_id, invite.invite_id));
            if is_published {
                change.terms.get_or_insert_default();
            }
        }
        let in_policy = is_published
            || change.terms.as_ref().is_some_and(|terms| {
                terms.admission.is_some()
                    || terms.seats.is_some()
                    || terms.clear_seats
                    || terms.expires_at.is_some()
                    || terms.clear_expiry
            });
        let asks =
            change.terms.as_ref().is_some_and(|terms| terms.questions.as_ref().is_some_and(|asked| !asked.is_empty()));
        if asks && let Some((_, chat_id)) = self.invite_of(post_id).await? {
            self.tend_hosts_key(chat_id).await?;
        }
        let invite = if in_policy { self.invite_of(post_id).await? } else { None };
        let (Some((invite_id, chat_id)), Some(terms)) = (invite, change.terms.clone()) else {
            return self.retrying(async || self.api.change_post(post_id, &change).await).await;
        };
        self.host_chat(chat_id)?;
        let committed = self
            .commit(
                chat_id,
                |view| {
                    Ok(change_policy(view, |policy| {
                        for invite in policy.invites.iter_mut().filter(|invite| invite.invite_id == invite_id) {
                            apply_terms(invite, &terms);
                            invite.published |= is_published;
                        }
                    }))
                },
                async |commit| {
                    self.api.change_post(post_id, &PostChange { commit: Some(commit), ..change.clone() }).await
                },
            )
            .await?;
        self.answer_or_view(committed, post_id).await
    }

    /// Whether this host has to say in the policy that an open invite's secret is everybody's.
    fn is_to_be_published(&self, chat_id: ChatId, invite_id: InviteId) -> bool {
        let is_host = self.host_chat(chat_id).is_ok();
        let view = self.group_view(chat_id).ok().filter(|_| is_host);
        view.is_some_and(|view| {
            let mut invites = view.policy.invites.iter();
            invites.any(|invite| invite.invite_id == invite_id && !invite.closed && !invite.published)
        })
    }

    /// Closes a post's invite: nobody comes in by it any more.
    pub(crate) async fn post_close(self: &Rc<Self>, post_id: PostId) -> Result<PostView, ApiError> {
        let (invite_id, chat_id) = self
            .invite_of(post_id)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "This post does not lead into a chat of yours."))?;
        let still_host = self.host_chat(chat_id).is_ok();
        let closed = still_host
            && self
                .group_view(chat_id)?
                .policy
                .invites
                .iter()
                .any(|invite| invite.invite_id == invite_id && invite.closed);
        if !still_host || closed {
            return self.retrying(async || self.api.close_post(post_id, &ClosePost::default()).await).await;
        }
        let committed = self
            .commit(
                chat_id,
                |view| {
                    Ok(change_policy(view, |policy| {
                        for invite in policy.invites.iter_mut().filter(|invite| invite.invite_id == invite_id) {
                            invite.closed = true;
                        }
                    }))
                },
                async |commit: CommitUpload| self.api.close_post(post_id, &ClosePost { commit: Some(commit) }).await,
            )
            .await?;
        self.answer_or_view(committed, post_id).await
    }

    /// Deletes a post. An invite that ends with it is closed in the chat's policy first.
    pub(crate) async fn post_delete(self: &Rc<Self>, post_id: PostId) -> Result<(), ApiError> {
        let view = self.api.post_view(post_id).await?;
        if view.terms.is_some_and(|terms| terms.ends_with_post)
            && let Err(error) = self.post_close(post_id).await
        {
            // The server closes it all the same; only the members' own check lags behind.
            tracing::info!(code = error.error.code.as_str(), "the invite was not closed in the policy");
        }
        self.retrying(async || self.api.delete_post(post_id).await).await
    }

    /// The link to a post's invite; its secret stands in the fragment, which browsers do not send.
    pub(crate) async fn link(&self, post_id: PostId) -> Result<InviteLink, ApiError> {
        let none = || ApiError::new(ErrorCode::NotFound, "This post does not lead into a chat.");
        let invite = self.api.post_view(post_id).await?.invite.ok_or_else(none)?;
        let door = self.api.door(invite.invite_id).await?;
        let secret = secret_of(&door, &*self.account()?).ok_or_else(none)?;
        let secret = Binary(secret.as_bytes().to_vec());
        let server = self.known_server().await?;
        let public_url = server.public_url.trim_end_matches('/');
        Ok(InviteLink { url: format!("{public_url}/j/{}#{}", invite.invite_id, secret.to_base64url()) })
    }

    /// What the server last said of itself.
    pub(crate) async fn known_server(&self) -> Result<ServerInfo, ApiError> {
        match setting::server(self.store.read())? {
            Some(server) => Ok(server),
            None => self.server_info().await,
        }
    }

    async fn invite_of(&self, post_id: PostId) -> Result<Option<(InviteId, ChatId)>, ApiError> {
        let view = self.api.post_view(post_id).await?;
        Ok(view.invite.and_then(|card| card.chat_id.map(|chat_id| (card.invite_id, chat_id))))
    }

    /// The chat, when this account hosts it and this device is in.
    pub(crate) fn host_chat(&self, chat_id: ChatId) -> Result<ChatRow, ApiError> {
        let row = self.chat_row(chat_id)?;
        if row.role != Role::Host {
            return Err(ApiError::new(ErrorCode::NotHost, "Only a host of the chat can do that."));
        }
        if !row.is_ready() {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "This device is not in the chat yet. Try again in a moment.",
            ));
        }
        Ok(row)
    }

    async fn answer_or_view(&self, committed: Committed<PostView>, post_id: PostId) -> Result<PostView, ApiError> {
        match committed {
            Committed::Answered(view) => Ok(view),
            Committed::ByLog => self.api.post_view(post_id).await,
        }
    }
}

/// The server has the chat that was made here: it begins.
pub(crate) fn confirm_chat(tx: &Tx<'_>, chat_id: ChatId, me: AccountId, at: TimeMs) -> Result<(), StoreError> {
    let Some(mut row) = chat::get(tx, chat_id)? else { return Ok(()) };
    row.state = ChatState::Ready;
    row.keyring_dirty = true;
    row.member_count = 1;
    row.people_dirty = false;
    chat::put(tx, &row)?;
    chat::put_member(
        tx,
        chat_id,
        &MemberRow { account_id: me, role: Role::Host, joined_at: at, invite_id: None, speaks_for: None },
    )?;
    if let Some(account) = setting::me(tx)? {
        person::put(
            tx,
            &doorpost_model::people::AccountRef { account_id: me, handle: account.handle, name: account.name },
        )?;
    }
    // Before the log's first entry.
    let created = MessageRow { sender: Some(me), mine: true, ..MessageRow::of_entry(0, 0, MessageKind::Created, at) };
    message::insert(tx, chat_id, &created)?;
    Ok(())
}

/// Whether the post leads into its chat by this very invite: one that was written before has another.
fn leads_by(view: &PostView, invite_id: InviteId) -> bool {
    view.invite.as_ref().is_some_and(|invite| invite.invite_id == invite_id)
}

/// An invite as it stands in the policy; `since_seq` is its post's place in the chat's log.
fn invite_policy(
    invite_id: InviteId,
    secret: &InviteSecret,
    audience: &Audience,
    terms: &InviteTerms,
    since_seq: u64,
) -> InvitePolicy {
    InvitePolicy {
        invite_id,
        join_key: secret.join_key(),
        former_join_keys: Vec::new(),
        published: audience.is_everybody(),
        admission: terms.admission,
        seats: terms.seats,
        expires_at: terms.expires_at,
        closed: false,
        since_seq,
    }
}

fn change_policy(view: &GroupView, change: impl FnOnce(&mut ChatPolicy)) -> CommitPlan {
    let mut policy = view.policy.clone();
    change(&mut policy);
    CommitPlan { policy: Some(policy), ..CommitPlan::default() }
}

fn apply_terms(invite: &mut InvitePolicy, terms: &InviteTermsChange) {
    if let Some(admission) = terms.admission {
        invite.admission = admission;
    }
    if terms.clear_seats {
        invite.seats = None;
    } else if terms.seats.is_some() {
        invite.seats = terms.seats;
    }
    if terms.clear_expiry {
        invite.expires_at = None;
    } else if terms.expires_at.is_some() {
        invite.expires_at = terms.expires_at;
    }
}
