//! What hosts settle: settings, profile, who hosts, who is kept out. Each is a commit with another policy.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use doorpost_mls::{
    member::{CommitPlan, GroupView},
    ticket::make_host,
};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode,
    admission::{ChatPolicy, HostKey},
    chat::Role,
    limits::{BANNED_PER_CHAT_MAX, FORMER_HOSTS_PER_CHAT_MAX, HOSTS_PER_CHAT_MAX},
    people::AccountRef,
    settings::{ChatProfile, ChatSettings, SettingsFault},
};

use crate::{
    ChatSummary, Platform, SettingsChange,
    core::Core,
    store::{chat::ChatRow, person},
};

impl<P: Platform> Core<P> {
    /// Changes how a chat is used.
    pub(crate) async fn set_policy(
        self: &Rc<Self>,
        chat_id: ChatId,
        change: SettingsChange,
    ) -> Result<ChatSummary, ApiError> {
        self.commit_policy(chat_id, |_, policy| {
            change.apply(&mut policy.settings);
            policy.settings.check().map_err(fault)
        })
        .await
    }

    /// Gives a chat another name, description and picture, for its members.
    pub(crate) async fn set_profile(
        self: &Rc<Self>,
        chat_id: ChatId,
        title: &str,
        description: &str,
        picture: Option<Binary>,
    ) -> Result<ChatSummary, ApiError> {
        let row = self.host_chat(chat_id)?;
        let profile = ChatProfile::new(title, description, picture);
        profile.check().map_err(fault)?;
        if row.profile.as_ref() == Some(&profile) {
            return self.chat(chat_id);
        }
        let sealed = RefCell::new(None);
        self.commit_policy(chat_id, |_, policy| {
            // Once for each door: the policy is made several times, and is to be the same.
            let door = self.chat_row(chat_id)?.door_secret()?;
            let mut sealed = sealed.borrow_mut();
            let (_, profile) = sealed
                .take_if(|(version, _)| *version == door.version())
                .unwrap_or_else(|| (door.version(), door.seal_profile(chat_id, &profile, &self.entropy())));
            policy.profile = Some(profile.clone());
            *sealed = Some((door.version(), profile));
            Ok(())
        })
        .await
    }

    /// Makes a member a host too.
    pub(crate) async fn make_host(
        self: &Rc<Self>,
        chat_id: ChatId,
        account_id: AccountId,
    ) -> Result<ChatSummary, ApiError> {
        self.commit_policy(chat_id, |view, policy| self.appoint(view, policy, account_id)).await
    }

    /// Makes a host a member again; the last one stays a host.
    pub(crate) async fn remove_host(
        self: &Rc<Self>,
        chat_id: ChatId,
        account_id: AccountId,
    ) -> Result<ChatSummary, ApiError> {
        self.commit_policy(chat_id, |view, policy| {
            if !has_other_host(view, account_id) {
                return Err(last_host());
            }
            if dismiss(view, policy, account_id) { Ok(()) } else { Err(not_a_host()) }
        })
        .await
    }

    /// Lets somebody come in again whom a host had taken out.
    pub(crate) async fn unban(
        self: &Rc<Self>,
        chat_id: ChatId,
        account_id: AccountId,
    ) -> Result<ChatSummary, ApiError> {
        self.commit_policy(chat_id, |_, policy| {
            policy.unban(account_id);
            Ok(())
        })
        .await
    }

    /// Whom the chat's hosts keep out.
    pub(crate) fn banned(&self, chat_id: ChatId) -> Result<Vec<AccountRef>, ApiError> {
        self.host_chat(chat_id)?;
        let banned = self.group_view(chat_id)?.policy.banned;
        banned.into_iter().map(|account_id| Ok(person::get(self.store.read(), account_id)?)).collect()
    }

    /// Takes somebody out of a chat: all their devices in one commit. With `ban` they stay out until a host lifts it.
    pub(crate) async fn remove(
        self: &Rc<Self>,
        chat_id: ChatId,
        account_id: AccountId,
        ban: bool,
    ) -> Result<(), ApiError> {
        self.chat_row(chat_id)?;
        self.commit_with_next_door(chat_id, account_id, |view| {
            let devices = view.leaves.iter().filter(|leaf| leaf.account_id == account_id);
            let devices: Vec<_> = devices.map(|leaf| leaf.device_id).collect();
            if devices.is_empty() {
                return Err(not_in());
            }
            let mut policy = view.policy.clone();
            dismiss(view, &mut policy, account_id);
            if !ban {
                return Ok(CommitPlan { remove_devices: devices, policy: Some(policy), ..CommitPlan::default() });
            }
            if policy.banned.len() >= BANNED_PER_CHAT_MAX {
                let message = "This chat keeps as many people out as it can. Let somebody in again first.";
                return Err(ApiError::new(ErrorCode::LimitReached, message));
            }
            Ok(CommitPlan { remove_accounts: vec![account_id], policy: Some(policy), ..CommitPlan::default() })
        })
        .await
    }

    /// A host who is about to leave becomes a member first, with `successor` as a host where one is named. Who is the
    /// only host, and names nobody, stays one: the server lets them go when nobody else is in the chat.
    pub(crate) async fn lay_down(
        self: &Rc<Self>,
        chat_id: ChatId,
        successor: Option<AccountId>,
    ) -> Result<(), ApiError> {
        let me = self.account()?.id();
        let row = self.chat_row(chat_id)?;
        if row.role != Role::Host || !row.is_ready() {
            return Ok(());
        }
        if successor.is_none() && !has_other_host(&self.group_view(chat_id)?, me) {
            return Ok(());
        }
        self.commit_policy(chat_id, |view, policy| {
            if let Some(successor) = successor {
                self.appoint(view, policy, successor)?;
            } else if !has_other_host(view, me) {
                return Err(last_host());
            }
            dismiss(view, policy, me);
            Ok(())
        })
        .await?;
        Ok(())
    }

    fn appoint(&self, view: &GroupView, policy: &mut ChatPolicy, account_id: AccountId) -> Result<(), ApiError> {
        let member = view.leaves.iter().rfind(|leaf| leaf.account_id == account_id).ok_or_else(not_in)?;
        if member.is_host(policy) {
            return Ok(());
        }
        if policy.hosts.len() >= HOSTS_PER_CHAT_MAX {
            return Err(ApiError::new(ErrorCode::LimitReached, "This chat has as many hosts as it can have."));
        }
        policy.add_host(make_host(&self.account()?.secrets, policy.chat_id, member));
        Ok(())
    }

    /// Commits what `change` makes of the policy; nothing when that is the same.
    async fn commit_policy(
        self: &Rc<Self>,
        chat_id: ChatId,
        change: impl Fn(&GroupView, &mut ChatPolicy) -> Result<(), ApiError>,
    ) -> Result<ChatSummary, ApiError> {
        self.host_chat(chat_id)?;
        let changed = |view: &GroupView| {
            let mut policy = view.policy.clone();
            change(view, &mut policy)?;
            Ok::<_, ApiError>(policy)
        };
        let view = self.group_view(chat_id)?;
        if changed(&view)? != view.policy {
            let plan = |view: &GroupView| Ok(CommitPlan { policy: Some(changed(view)?), ..CommitPlan::default() });
            self.commit(chat_id, plan, async |upload| self.api.commit(chat_id, None, &upload).await).await?;
        }
        self.chat(chat_id)
    }

    /// Milliseconds until this account may write its next message; none: at once.
    pub(crate) fn slow_wait_ms(&self, row: &ChatRow) -> Option<u64> {
        let slow_ms = row.settings.slow_mode_ms.filter(|_| row.role != Role::Host)?;
        // A clock that was put back makes nobody wait longer than once.
        let since_ms = u64::try_from(self.now().0 - row.wrote_at?.0).unwrap_or(0);
        slow_ms.checked_sub(since_ms).filter(|wait_ms| *wait_ms > 0)
    }
}

impl SettingsChange {
    /// Changes what is given; a time of 0 takes it away.
    fn apply(&self, settings: &mut ChatSettings) {
        let time = |ms: u64| (ms > 0).then_some(ms);
        settings.history = self.history.unwrap_or(settings.history);
        settings.message_ttl_ms = self.message_ttl_ms.map_or(settings.message_ttl_ms, time);
        settings.slow_mode_ms = self.slow_mode_ms.map_or(settings.slow_mode_ms, time);
        settings.only_hosts_write = self.only_hosts_write.unwrap_or(settings.only_hosts_write);
    }
}

/// Whether somebody else hosts the chat and is in it.
fn has_other_host(view: &GroupView, account_id: AccountId) -> bool {
    view.leaves.iter().any(|leaf| leaf.account_id != account_id && leaf.is_host(&view.policy))
}

/// Makes a host one that was; whether they were. Those who left long ago make room.
fn dismiss(view: &GroupView, policy: &mut ChatPolicy, account_id: AccountId) -> bool {
    if policy.former_hosts.len() >= FORMER_HOSTS_PER_CHAT_MAX {
        let there: BTreeSet<AccountId> = view.leaves.iter().map(|leaf| leaf.account_id).collect();
        policy.former_hosts.retain(|former: &HostKey| there.contains(&former.account_id));
    }
    policy.remove_host(account_id)
}

fn fault(SettingsFault { field, message }: SettingsFault) -> ApiError {
    ApiError::invalid(field, message)
}

fn not_in() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "They are not in this chat.")
}

fn not_a_host() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "They are not a host of this chat.")
}

fn last_host() -> ApiError {
    ApiError::new(ErrorCode::LastHost, "A chat keeps a host. Make somebody else a host first.")
}
