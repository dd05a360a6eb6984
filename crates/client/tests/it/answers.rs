//! Answers to an invite's questions: for the chat's hosts, past a server that would like to read them.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use doorpost_client::{Command, LocalStore, Platform, QueueRule, Verdict, view::RequestView};
use doorpost_mls::{answers::HostsSecret, door::DoorSecret, identity::AccountSecrets};
use doorpost_model::{
    ApiError, ChatId, ErrorCode, InviteId,
    hosts_key::HostsKeyView,
    invite::{Decided, DeclineReason, InviteDoor, InviteTerms, JoinStatus, QueuedRequest, RequestState},
    list::ListMembersRequest,
    people::Page,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run};

use crate::{flow::approval_terms, rogue::SystemEntropy};

fn asking() -> InviteTerms {
    InviteTerms { questions: vec!["Why?".to_owned(), "Since when?".to_owned()], ..approval_terms() }
}

async fn answer<P: Platform>(who: &Person<P>, invite_id: InviteId, answers: &[&str]) -> Result<JoinStatus, ApiError> {
    let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
    who.ask(Command::Join { invite_id, secret: None, answers }).await
}

async fn queue<P: Platform>(host: &Person<P>, chat_id: ChatId) -> Vec<RequestView> {
    let page: Page<RequestView> =
        host.ask(Command::Requests { chat_id, cursor: None, limit: None }).await.expect("the queue");
    page.items
}

#[test]
fn hosts_read_answers_beside_the_questions_that_were_asked() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (post, chat_id, invite_id) = ann.chat_post("Ask", asking()).await;
        let bea = server.person("bea").await;
        for wrong in [&["Because"][..], &["Because", " "]] {
            assert_eq!(answer(&bea, invite_id, wrong).await.unwrap_err().code(), ErrorCode::AnswersRequired);
        }
        assert_eq!(bea.join(invite_id).await.unwrap_err().code(), ErrorCode::AnswersRequired);
        let status = answer(&bea, invite_id, &["Because", "Always"]).await.unwrap();
        assert_eq!(status.state, RequestState::Requested);

        let terms = serde_json::json!({ "questions": ["What else?"] });
        let change = Command::PostEdit {
            post_id: post.post_id,
            text: None,
            audience: None,
            terms: Some(serde_json::from_value(terms).unwrap()),
        };
        let _: doorpost_model::post::PostView = ann.ask(change).await.unwrap();
        let rows = queue(&ann, chat_id).await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].questions, ["Why?", "Since when?"]);
        assert_eq!(rows[0].answers, ["Because", "Always"]);
        assert!(!rows[0].answers_locked);
        // Another device of the host reads them too.
        let second = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "ann").await;
        second.sync().await;
        assert_eq!(queue(&second, chat_id).await[0].answers, ["Because", "Always"]);
        server.end().await;
    });
}

#[test]
fn a_swapped_hosts_key_gets_no_answers() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Swap", asking()).await;
        let faults = Faults::default();
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        let entropy = SystemEntropy(server.platform());
        faults.rewrite(move |request, response| {
            if !request.path.ends_with("/door") || response.status != 200 {
                return;
            }
            let mut door: InviteDoor = serde_json::from_slice(&response.body).unwrap();
            let (liar, guessed) = (AccountSecrets::generate(&entropy), DoorSecret::generate(&entropy));
            let own = HostsSecret::generate(&entropy);
            let host = door.hosts_key.as_ref().unwrap().host_account_id;
            door.hosts_key = Some(own.vouch(1, door.chat_id, &liar, host, &guessed));
            response.body = serde_json::to_vec(&door).unwrap();
        });
        let refused = answer(&bea, invite_id, &["Because", "Always"]).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ServerMisbehaved);
        assert!(queue(&ann, chat_id).await.is_empty(), "nothing was sent");
        faults.heal();
        assert_eq!(answer(&bea, invite_id, &["Because", "Always"]).await.unwrap().state, RequestState::Requested);
        server.end().await;
    });
}

#[test]
fn answers_of_somebody_else_are_not_shown() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Mix", asking()).await;
        for (handle, why) in [("bea", "Because"), ("cleo", "Therefore")] {
            let person = server.person(handle).await;
            answer(&person, invite_id, &[why, "Always"]).await.unwrap();
        }
        faults.rewrite(|request, response| {
            if !request.path.contains("/requests?") || response.status != 200 {
                return;
            }
            let mut page: Page<QueuedRequest> = serde_json::from_slice(&response.body).unwrap();
            page.items[0].answers = page.items[1].answers.clone();
            response.body = serde_json::to_vec(&page).unwrap();
        });
        let rows = queue(&ann, chat_id).await;
        assert_eq!((rows[0].answers_locked, rows[0].answers.len()), (true, 0));
        assert_eq!(rows[1].answers, ["Therefore", "Always"]);
        server.end().await;
    });
}

#[test]
fn a_key_that_somebody_else_holds_is_replaced() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let (post, chat_id, invite_id) = ann.chat_post("Former", asking()).await;
        let bea = server.person("bea").await;
        answer(&bea, invite_id, &["Because", "Always"]).await.unwrap();
        let stranger = bea.me.account_id;
        faults.rewrite(move |request, response| {
            if !request.path.ends_with("/hosts-key") || response.status != 200 {
                return;
            }
            let mut kept: HostsKeyView = serde_json::from_slice(&response.body).unwrap();
            kept.holders.push(stranger);
            response.body = serde_json::to_vec(&kept).unwrap();
        });
        // A change of the questions makes the host's device look after the key.
        let terms = serde_json::json!({ "questions": ["Why not?"] });
        let change = Command::PostEdit {
            post_id: post.post_id,
            text: None,
            audience: None,
            terms: Some(serde_json::from_value(terms).unwrap()),
        };
        let _: doorpost_model::post::PostView = ann.ask(change).await.unwrap();
        faults.heal();
        let cleo = server.person("cleo").await;
        answer(&cleo, invite_id, &["Therefore"]).await.unwrap();
        let versions = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&versions);
        faults.rewrite(move |request, response| {
            if request.path.contains("/requests?") {
                let page: Page<QueuedRequest> = serde_json::from_slice(&response.body).unwrap();
                seen.borrow_mut().extend(page.items.into_iter().filter_map(|row| Some(row.answers?.key_version)));
            }
        });
        let rows = queue(&ann, chat_id).await;
        assert_eq!(*versions.borrow(), [1, 2], "cleo's answers are for a newer key than bea's");
        assert_eq!(rows.iter().map(|row| row.answers[0].as_str()).collect::<Vec<_>>(), ["Because", "Therefore"]);
        server.end().await;
    });
}

#[test]
fn a_rule_decides_on_a_whole_queue() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Rules", asking()).await;
        let mut asked = BTreeMap::new();
        for handle in ["bea", "cleo", "dora"] {
            let person = server.person(handle).await;
            let status = answer(&person, invite_id, &["Because", "Always"]).await.unwrap();
            asked.insert(handle, (person, status.request_id));
        }
        for friend in ["bea", "cleo"] {
            ann.client.request_connection(friend).await.unwrap();
            asked[friend].0.client.accept_connection("ann").await.unwrap();
        }
        let list = ann.client.create_list("Team").await.unwrap();
        let change = ListMembersRequest { add: vec!["cleo".to_owned()], remove: Vec::new() };
        ann.client.change_list(list.list_id, &change).await.unwrap();
        let decide = async |rule, verdict, reason| -> Vec<Decided> {
            ann.ask(Command::DecideAll { chat_id, rule, verdict, reason }).await.unwrap()
        };
        let ids = |decided: &[Decided]| decided.iter().map(|one| one.request_id).collect::<Vec<_>>();

        let rule = QueueRule::List { list_id: list.list_id };
        let decided = decide(rule, Verdict::Decline, Some(DeclineReason::Full)).await;
        assert_eq!(ids(&decided), [asked["cleo"].1]);
        asked["cleo"].0.sync().await;
        let told: JoinStatus = asked["cleo"].0.ask(Command::Withdraw { request_id: asked["cleo"].1 }).await.unwrap();
        assert_eq!((told.state, told.decline_reason), (RequestState::Declined, Some(DeclineReason::Full)));

        let decided = decide(QueueRule::Connections, Verdict::Admit, None).await;
        assert_eq!((ids(&decided), decided[0].state), (vec![asked["bea"].1], RequestState::Admitted));
        let decided = decide(QueueRule::Answered, Verdict::Admit, None).await;
        assert_eq!(ids(&decided), [asked["dora"].1]);
        assert!(queue(&ann, chat_id).await.is_empty());
        assert!(decide(QueueRule::Answered, Verdict::Admit, None).await.is_empty());
        server.end().await;
    });
}
