//! Commits of this device: a host's changes, and batches for which the server gave a lease.
//!
//! A commit is stored as pending before it leaves. Only the log decides what became of it: its own entry there
//! puts it in force, another entry of the same epoch discards it.

use std::rc::Rc;

use doorpost_mls::{
    Refusal,
    delivery::check_key_package,
    member::{Add, CommitPlan, GroupView, MemberError, PreparedCommit},
};
use doorpost_model::{
    ApiError, ChatId, ErrorCode,
    chat::CommitUpload,
    frame::{ClientFrame, LeaseOffer},
};

use crate::{
    Platform,
    api::is_transient,
    core::{Core, group_error},
    store::{chat, mls},
};

/// Commits tried in a row; each meets a newer epoch.
const COMMIT_ATTEMPTS_MAX: u32 = 8;

/// What became of a commit whose upload was answered, or not.
#[derive(Debug)]
pub(crate) enum Committed<T> {
    /// The server's answer.
    Answered(T),
    /// In force by the log; the answer was lost.
    ByLog,
}

impl<P: Platform> Core<P> {
    /// Commits what `plan` makes of the group as it stands, by `upload`; again from the newer epoch when another
    /// commit was first.
    pub(crate) async fn commit<T>(
        self: &Rc<Self>,
        chat_id: ChatId,
        plan: impl Fn(&GroupView) -> Result<CommitPlan, ApiError>,
        upload: impl AsyncFn(CommitUpload) -> Result<T, ApiError>,
    ) -> Result<Committed<T>, ApiError> {
        self.commit_made(chat_id, plan, |prepared| Ok(prepared.upload.clone()), upload).await
    }

    /// As [`Core::commit`], with an upload that `complete` makes of the commit.
    pub(crate) async fn commit_made<T>(
        self: &Rc<Self>,
        chat_id: ChatId,
        plan: impl Fn(&GroupView) -> Result<CommitPlan, ApiError>,
        complete: impl Fn(&PreparedCommit) -> Result<CommitUpload, ApiError>,
        upload: impl AsyncFn(CommitUpload) -> Result<T, ApiError>,
    ) -> Result<Committed<T>, ApiError> {
        let slot = self.slot(chat_id);
        let _guard = slot.lock().await;
        let mut last = ApiError::new(ErrorCode::StaleEpoch, "The chat is changing fast. Try again.");
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            self.settle_pending(chat_id).await?;
            let view = self.group_view(chat_id)?;
            let prepared = self.prepare(chat_id, plan(&view)?)?;
            let completed = complete(&prepared)?;
            let answer = self.retrying(async || upload(completed.clone()).await).await;
            match answer {
                Ok(answer) => {
                    self.after_commit(chat_id).await;
                    return Ok(Committed::Answered(answer));
                }
                Err(error) if error.code() == ErrorCode::StaleEpoch => {
                    if self.in_force(chat_id, &prepared).await? {
                        return Ok(Committed::ByLog);
                    }
                    last = error;
                }
                // Not known whether it is in the log: it stays pending until the log is read.
                Err(error) if is_transient(&error) => return Err(error),
                Err(error) => {
                    self.discard_pending(chat_id)?;
                    return Err(error);
                }
            }
        }
        Err(last)
    }

    /// The group of a chat as it stands.
    pub(crate) fn group_view(&self, chat_id: ChatId) -> Result<GroupView, ApiError> {
        let account = self.account()?;
        self.groups.borrow_mut().view(&mls::MlsView(self.store.read()), &account.device, chat_id).map_err(group_error)
    }

    fn prepare(&self, chat_id: ChatId, plan: CommitPlan) -> Result<PreparedCommit, ApiError> {
        self.try_prepare(chat_id, plan)?.map_err(|error| match error {
            // What was asked for breaks the chat's rules.
            MemberError::Refused(refusal) => {
                ApiError::new(ErrorCode::CommitRefused, format!("The chat's rules do not allow that: {refusal}."))
            }
            error => group_error(error),
        })
    }

    /// Makes a commit and stores it as pending. The inner error is the group's.
    fn try_prepare(&self, chat_id: ChatId, plan: CommitPlan) -> Result<Result<PreparedCommit, MemberError>, ApiError> {
        let account = self.account()?;
        let prepared = self.groups.borrow_mut().prepare_commit(
            &mls::MlsView(self.store.read()),
            &account.device,
            chat_id,
            plan,
            self.now(),
        );
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = self.store.write(|tx| mls::apply(tx, &prepared.writes)) {
            self.groups.borrow_mut().forget(chat_id);
            return Err(error.into());
        }
        Ok(Ok(prepared))
    }

    /// A commit left over from before is decided by the log, or was never uploaded.
    async fn settle_pending(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        if !self.group_view(chat_id)?.commit_pending {
            return Ok(());
        }
        self.catch_up(chat_id).await?;
        if self.group_view(chat_id)?.commit_pending {
            self.discard_pending(chat_id)?;
        }
        Ok(())
    }

    fn discard_pending(&self, chat_id: ChatId) -> Result<(), ApiError> {
        let account = self.account()?;
        let discarded =
            self.groups.borrow_mut().discard_commit(&mls::MlsView(self.store.read()), &account.device, chat_id);
        match discarded {
            Ok(writes) => {
                if let Err(error) = self.store.write(|tx| mls::apply(tx, &writes)) {
                    self.groups.borrow_mut().forget(chat_id);
                    return Err(error.into());
                }
                Ok(())
            }
            Err(MemberError::NoGroup) => Ok(()),
            Err(error) => Err(group_error(error)),
        }
    }

    /// The server said that the epoch is over: reads the log, and says whether it was this very commit that ended it.
    async fn in_force(self: &Rc<Self>, chat_id: ChatId, prepared: &PreparedCommit) -> Result<bool, ApiError> {
        self.catch_up(chat_id).await?;
        if self.group_view(chat_id)?.commit_pending {
            self.discard_pending(chat_id)?;
            return Ok(false);
        }
        Ok(self.slot(chat_id).own_commit_epoch.get() == Some(prepared.upload.epoch))
    }

    /// The commit is in the log; reading it puts it in force here. If that fails now, the next sync does it.
    async fn after_commit(self: &Rc<Self>, chat_id: ChatId) {
        let result = self.catch_up(chat_id).await;
        self.background(result);
    }

    /// Does what a lease asks for, in time; what must not be let in is left out, and said.
    pub(crate) async fn serve_lease(self: &Rc<Self>, offer: LeaseOffer) {
        let LeaseOffer { chat_id, lease_id, .. } = offer;
        self.live.leases.set(self.live.leases.get() + 1);
        let result = self.try_lease(offer).await;
        self.live.leases.set(self.live.leases.get() - 1);
        match result {
            Ok(true) => {}
            Ok(false) => {
                tracing::debug!("a lease is declined");
                self.live.send(ClientFrame::DeclineLease { chat_id, lease_id });
            }
            Err(error) => {
                tracing::info!(code = error.error.code.as_str(), "a lease was not used");
                if !matches!(error.code(), ErrorCode::StaleEpoch | ErrorCode::LeaseLost) {
                    self.live.send(ClientFrame::DeclineLease { chat_id, lease_id });
                }
            }
        }
        self.live.idle.fire();
    }

    /// Whether the commit was made; false: this device cannot.
    async fn try_lease(self: &Rc<Self>, offer: LeaseOffer) -> Result<bool, ApiError> {
        let chat_id = offer.chat_id;
        let slot = self.slot(chat_id);
        let _guard = slot.lock().await;
        if !chat::get(self.store.read(), chat_id)?.is_some_and(|row| row.is_ready()) {
            return Ok(false);
        }
        self.settle_pending(chat_id).await?;
        if self.group_view(chat_id)?.epoch < offer.epoch {
            self.catch_up(chat_id).await?;
        }
        let adds = self.honest_adds(&offer)?;
        let plan = CommitPlan {
            adds,
            leave_notes: offer.removes.clone(),
            revocations: offer.revocations.clone(),
            ..CommitPlan::default()
        };
        let prepared = match self.try_prepare(chat_id, plan)? {
            Ok(prepared) => prepared,
            Err(MemberError::NothingToCommit) => {
                tracing::debug!("nothing of the lease holds");
                return Ok(false);
            }
            Err(MemberError::NoGroup | MemberError::NotAMember) => return Ok(false),
            Err(error) => return Err(group_error(error)),
        };
        self.say_skipped(chat_id, &prepared);
        let upload = CommitUpload { lease_id: Some(offer.lease_id), ..prepared.upload.clone() };
        match self.api.commit(chat_id, None, &upload).await {
            Ok(_) => {
                self.after_commit(chat_id).await;
                Ok(true)
            }
            Err(error) if error.code() == ErrorCode::StaleEpoch => {
                self.in_force(chat_id, &prepared).await?;
                Ok(true)
            }
            Err(error) if is_transient(&error) => Err(error),
            Err(error) => {
                self.discard_pending(chat_id)?;
                Err(error)
            }
        }
    }

    /// Those of a lease's adds whose key packages hold and are of whom the server says they are.
    fn honest_adds(&self, offer: &LeaseOffer) -> Result<Vec<Add>, ApiError> {
        let policy = self.group_view(offer.chat_id)?.policy;
        let mut adds = Vec::with_capacity(offer.adds.len());
        for add in &offer.adds {
            let fits = check_key_package(&add.key_package.0, &policy, self.now()).and_then(|checked| {
                if checked.leaf.account_id == add.account_id && checked.leaf.device_id == add.device_id {
                    Ok(())
                } else {
                    Err(Refusal::KeyPackageInvalid)
                }
            });
            match fits {
                Ok(()) => {
                    adds.push(Add { key_package: add.key_package.0.clone(), approval: add.approval.clone() });
                }
                Err(refusal) => self.say_refused(offer.chat_id, &refusal),
            }
        }
        Ok(adds)
    }

    /// Somebody was to be let in whom the chat's rules do not let in.
    fn say_skipped(&self, chat_id: ChatId, prepared: &PreparedCommit) {
        for (_, refusal) in &prepared.skipped_leave_notes {
            tracing::debug!(%refusal, "a leave note is left out");
        }
        for (_, refusal) in &prepared.skipped_adds {
            self.say_refused(chat_id, refusal);
        }
    }

    fn say_refused(&self, chat_id: ChatId, refusal: &Refusal) {
        // Seats and times may have moved since the lease was given; the rest is somebody's lie.
        let harmless = matches!(
            refusal,
            Refusal::SeatsOverfilled(_)
                | Refusal::InviteClosed(_)
                | Refusal::InviteExpired(_)
                | Refusal::TicketExpired(_)
                | Refusal::TicketStale(_)
                | Refusal::DuplicateDevice(_)
                | Refusal::TooManyMembers
        );
        if !harmless {
            self.warn(
                Some(chat_id),
                ErrorCode::ServerMisbehaved,
                format!("The server asked this device to let somebody in; refused: {refusal}."),
            );
        }
    }
}
