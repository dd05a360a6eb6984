//! A host's queue: who asks to come in, and the host's word on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use doorpost_mls::{
    answers::{Applicant, HostsSecret},
    delivery::{check_key_package, read_leaf},
    ticket::make_approval,
};
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode, RequestId, TimeMs,
    chat::Role,
    hosts_key::Answers,
    invite::{Admit, AdmitRequests, Decided, DeclineReason, DeclineRequests, QueuedRequest},
    limits,
    people::Page,
};

use doorpost_policy::{admission, terms::check_answers};

use crate::{
    Platform, QueueRule, Verdict,
    core::Core,
    store::{
        chat,
        queue::{self, QueuedRow},
    },
    view::RequestView,
};

impl<P: Platform> Core<P> {
    /// A page of those who wait, oldest request last. What approvals are made from is kept here.
    pub(crate) async fn requests(
        self: &Rc<Self>,
        chat_id: ChatId,
        cursor: Option<String>,
        limit: Option<u32>,
    ) -> Result<Page<RequestView>, ApiError> {
        self.account()?;
        let page = self.api.queue(chat_id, cursor, limit).await?;
        let secrets = self.open_queue(chat_id, &page.items).await?;
        self.store.write(|tx| {
            for request in &page.items {
                let row = QueuedRow { chat_id, key_package: request.key_package.0.clone() };
                queue::put(tx, request.request_id, &row)?;
            }
            Ok::<_, ApiError>(())
        })?;
        let now = self.now();
        let items = page.items.into_iter().map(|request| shown(chat_id, request, &secrets, now)).collect();
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// Lets people in: each gets an approval signed here.
    pub(crate) async fn admit(
        self: &Rc<Self>,
        chat_id: Option<ChatId>,
        request_ids: &[RequestId],
    ) -> Result<Vec<Decided>, ApiError> {
        let account = self.account()?;
        let mut decided = Vec::new();
        for (chat_id, rows) in self.by_chat(chat_id, request_ids, &mut decided).await? {
            let policy = match self.group_view(chat_id) {
                Ok(view) => view.policy,
                Err(_) => {
                    self.sync().await?;
                    self.group_view(chat_id)?.policy
                }
            };
            let expires_at = self.now().plus(limits::APPROVAL_TTL_MS);
            let mut admit = Vec::new();
            for (request_id, row) in rows {
                // The server's word alone is not enough: identity and ticket stand in the key package's leaf.
                let approval = check_key_package(&row.key_package, &policy, self.now()).ok().and_then(|checked| {
                    make_approval(&account.secrets, account.id(), chat_id, &checked.leaf, expires_at)
                });
                match approval {
                    Some(approval) => admit.push(Admit { request_id, approval }),
                    None => decided.push(refused(request_id, ErrorCode::TicketInvalid)),
                }
            }
            for batch in admit.chunks(limits::DECIDE_BATCH_MAX) {
                let body = AdmitRequests { admit: batch.to_vec() };
                decided.extend(self.retrying(async || self.api.admit(chat_id, &body).await).await?);
            }
        }
        self.forget_decided(&decided)?;
        Ok(in_order(request_ids, decided))
    }

    pub(crate) async fn decline(
        self: &Rc<Self>,
        chat_id: Option<ChatId>,
        request_ids: &[RequestId],
        reason: Option<DeclineReason>,
    ) -> Result<Vec<Decided>, ApiError> {
        self.account()?;
        let mut decided = Vec::new();
        for (chat_id, rows) in self.by_chat(chat_id, request_ids, &mut decided).await? {
            let ids: Vec<RequestId> = rows.into_iter().map(|(request_id, _)| request_id).collect();
            for batch in ids.chunks(limits::DECIDE_BATCH_MAX) {
                let body = DeclineRequests { request_ids: batch.to_vec(), reason };
                decided.extend(self.retrying(async || self.api.decline(chat_id, &body).await).await?);
            }
        }
        self.forget_decided(&decided)?;
        Ok(in_order(request_ids, decided))
    }

    /// Decides on all who wait and whom the rule fits.
    pub(crate) async fn decide_all(
        self: &Rc<Self>,
        chat_id: ChatId,
        rule: QueueRule,
        verdict: Verdict,
        reason: Option<DeclineReason>,
    ) -> Result<Vec<Decided>, ApiError> {
        let listed: BTreeSet<AccountId> = match rule {
            QueueRule::List { list_id } => {
                self.api.list(list_id).await?.members.into_iter().map(|member| member.account_id).collect()
            }
            QueueRule::Connections | QueueRule::Answered => BTreeSet::new(),
        };
        let event = match verdict {
            Verdict::Admit => admission::Event::Approve,
            Verdict::Decline => admission::Event::Decline,
        };
        let mut chosen = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.requests(chat_id, cursor, Some(limits::PAGE_MAX as u32)).await?;
            let decidable = |row: &&RequestView| {
                admission::next(Some(row.state), event, &admission::Facts::default()).is_ok_and(|to| to != row.state)
            };
            let fitting = page.items.iter().filter(decidable).filter(|row| fits(row, rule, &listed));
            chosen.extend(fitting.map(|row| row.request_id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        match verdict {
            Verdict::Admit => self.admit(Some(chat_id), &chosen).await,
            Verdict::Decline => self.decline(Some(chat_id), &chosen, reason).await,
        }
    }

    /// What was kept of these requests, by chat. Those not looked at yet are looked for in the queues of the
    /// chats this account hosts; those in none are decided as `not_found`.
    async fn by_chat(
        self: &Rc<Self>,
        chat_id: Option<ChatId>,
        request_ids: &[RequestId],
        decided: &mut Vec<Decided>,
    ) -> Result<BTreeMap<ChatId, Vec<(RequestId, QueuedRow)>>, ApiError> {
        if self.missing(request_ids)? {
            let hosted: Vec<ChatId> = match chat_id {
                Some(chat_id) => vec![chat_id],
                None => chat::all(self.store.read())?
                    .into_iter()
                    .filter(|row| row.role == Role::Host && row.is_mine())
                    .map(|row| row.chat_id)
                    .collect(),
            };
            for chat_id in hosted {
                let mut cursor = None;
                loop {
                    let page = self.requests(chat_id, cursor, Some(limits::PAGE_MAX as u32)).await?;
                    cursor = page.next_cursor;
                    if cursor.is_none() || !self.missing(request_ids)? {
                        break;
                    }
                }
            }
        }
        let mut by_chat: BTreeMap<ChatId, Vec<(RequestId, QueuedRow)>> = BTreeMap::new();
        for &request_id in request_ids {
            match queue::get(self.store.read(), request_id)? {
                Some(row) => by_chat.entry(row.chat_id).or_default().push((request_id, row)),
                None => decided.push(refused(request_id, ErrorCode::NotFound)),
            }
        }
        Ok(by_chat)
    }

    fn missing(&self, request_ids: &[RequestId]) -> Result<bool, ApiError> {
        for &request_id in request_ids {
            if queue::get(self.store.read(), request_id)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn forget_decided(&self, decided: &[Decided]) -> Result<(), ApiError> {
        self.store.write(|tx| {
            // An approval that did not fit was made from a key package that has been replaced since.
            let over = |refused: Option<ErrorCode>| matches!(refused, None | Some(ErrorCode::TicketInvalid));
            for decided in decided.iter().filter(|decided| over(decided.refused)) {
                queue::delete(tx, decided.request_id)?;
            }
            Ok::<_, ApiError>(())
        })
    }
}

fn fits(row: &RequestView, rule: QueueRule, listed: &BTreeSet<AccountId>) -> bool {
    match rule {
        QueueRule::Connections => row.is_connection,
        QueueRule::List { .. } => listed.contains(&row.account.account_id),
        // The server cannot see whether there is anything in the answers.
        QueueRule::Answered => !row.answers_locked && check_answers(&row.questions, &row.answers).is_ok(),
    }
}

/// A request as a host sees it. Answers that cannot be opened, or are not the applicant's, are not shown.
fn shown(chat_id: ChatId, request: QueuedRequest, secrets: &BTreeMap<u32, HostsSecret>, now: TimeMs) -> RequestView {
    let opened = open_answers(chat_id, &request, secrets, now);
    let answers_locked = request.answers.is_some() && opened.is_none();
    let (questions, answers) =
        opened.map_or((request.questions, Vec::new()), |opened| (opened.questions, opened.answers));
    RequestView {
        request_id: request.request_id,
        invite_id: request.invite_id,
        account: request.account,
        is_connection: request.is_connection,
        questions,
        answers,
        answers_locked,
        state: request.state,
        asked_at: request.asked_at,
    }
}

fn open_answers(
    chat_id: ChatId,
    request: &QueuedRequest,
    secrets: &BTreeMap<u32, HostsSecret>,
    now: TimeMs,
) -> Option<Answers> {
    let sealed = request.answers.as_ref()?;
    let secret = secrets.get(&sealed.key_version)?;
    let applicant = Applicant { chat_id, invite_id: request.invite_id, account_id: request.account.account_id };
    let leaf = read_leaf(&request.key_package.0, now).ok().filter(|leaf| leaf.account_id == applicant.account_id)?;
    secret.open_answers(&applicant, &leaf.identity_key, sealed).ok()
}

fn refused(request_id: RequestId, code: ErrorCode) -> Decided {
    Decided { request_id, state: doorpost_model::invite::RequestState::Requested, refused: Some(code) }
}

/// In the order they were named; one named twice once.
fn in_order(request_ids: &[RequestId], decided: Vec<Decided>) -> Vec<Decided> {
    let mut by_id: BTreeMap<RequestId, Decided> =
        decided.into_iter().map(|decided| (decided.request_id, decided)).collect();
    request_ids.iter().filter_map(|request_id| by_id.remove(request_id)).collect()
}
