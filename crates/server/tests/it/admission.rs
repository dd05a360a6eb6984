//! The tables move requests as the policy's state machine says, in every state and by every event.

use doorpost_model::{
    RequestId,
    invite::{JoinStatus, RequestState},
};
use doorpost_policy::admission::{Event, Facts, SeatChange, next, seat_change};
use doorpost_server::{Settings, app::Clock, request};
use doorpost_store::{self as store, StoreError, Tx};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::TestServer,
    post_harness::public,
};

/// The nonce of a request that [`TestServer::put_request`] made, and another.
const NONCE: [u8; 16] = [1; 16];
const OTHER_NONCE: [u8; 16] = [2; 16];

/// A request to begin with.
#[derive(Clone, Copy, Debug)]
struct Start {
    state: RequestState,
    approved: bool,
}

const STARTS: [Start; 7] = [
    Start { state: RequestState::Requested, approved: false },
    Start { state: RequestState::Admitted, approved: false },
    Start { state: RequestState::Admitted, approved: true },
    Start { state: RequestState::Joined, approved: false },
    Start { state: RequestState::Declined, approved: false },
    Start { state: RequestState::Withdrawn, approved: false },
    Start { state: RequestState::Expired, approved: false },
];

/// A chat post, its host, and somebody whose request it is about.
struct Stage {
    server: TestServer,
    ada: ChatHost,
    ben: ChatHost,
    post: ChatPost,
}

impl Stage {
    async fn new(server: TestServer) -> Self {
        let mut ada = server.chat_host("ada").await;
        let post = server.chat_post(&mut ada, public(), open_terms()).await;
        let ben = server.chat_host("ben").await;
        Self { server, ada, ben, post }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Tx) -> futures_util::future::BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> T {
        self.server.app.store.write::<_, StoreError, _>(work).await.expect("written")
    }

    async fn put(&self, start: Start) -> RequestId {
        self.server.clock.advance(1);
        if !start.approved {
            return self.server.put_request(&self.ben.person, &self.post, start.state).await;
        }
        let request_id = self.server.put_request(&self.ben.person, &self.post, RequestState::Requested).await;
        self.approve(request_id, NONCE).await;
        request_id
    }

    /// As the use case: a seat first, which is given back when the request does not take it.
    async fn approve(&self, request_id: RequestId, nonce: [u8; 16]) {
        let (invite_id, now) = (self.post.invite_id, self.server.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                store::request::reserve_seat(tx, invite_id, now).await?;
                let until = now.plus(60_000);
                let moved = store::request::admit(tx, request_id, &nonce, &[7; 20], now, until).await?;
                if moved.is_none() {
                    store::request::release_seats(tx, invite_id, 1).await?;
                }
                Ok(())
            })
        })
        .await;
    }

    async fn come_in(&self, request_id: RequestId, nonce: [u8; 16]) {
        let (chat_id, now) = (self.post.chat_id, self.server.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let row = store::request::get(tx, request_id).await?.expect("the request");
                store::request::join(tx, chat_id, row.device_id, &nonce, now).await
            })
        })
        .await;
    }

    async fn time_up(&self, request_id: RequestId) {
        let now = self.server.clock.now();
        self.write(move |tx| {
            Box::pin(async move {
                let row = store::request::get(tx, request_id).await?.expect("the request");
                let device = row.device_id;
                store::request::renew(
                    tx,
                    request_id,
                    device,
                    &row.key_package,
                    &row.nonce,
                    row.answers.as_ref(),
                    Some(now),
                )
                .await
            })
        })
        .await;
        request::sweep(&self.server.app, now).await.expect("sweep");
    }

    async fn invite_over(&self) {
        let (invite_id, now) = (self.post.invite_id, self.server.clock.now());
        self.write(move |tx| Box::pin(request::void_pending(tx, invite_id, now))).await;
    }

    async fn lose_sight(&self) {
        let (invite_id, now) = (self.post.invite_id, self.server.clock.now());
        let accounts = [self.ben.account_id()];
        self.write(move |tx| Box::pin(async move { request::void(tx, invite_id, &accounts, now).await })).await;
    }

    async fn decline(&self, request_id: RequestId) -> String {
        let path = format!("/api/chats/{}/requests/decline", self.post.chat_id);
        let body = json!({ "request_ids": [request_id] });
        let answer = self.server.post(&path).by(&self.ada.person).json(body).send().await;
        answer.json()[0]["refused"].as_str().unwrap_or("200").to_owned()
    }

    async fn withdraw(&self, request_id: RequestId) -> String {
        self.server.post(&format!("/api/requests/{request_id}/withdraw")).by(&self.ben.person).send().await.code()
    }

    async fn seats_taken(&self) -> u32 {
        let invite_id = self.post.invite_id;
        let found =
            self.server.app.store.read::<_, StoreError, _>(move |tx| Box::pin(store::invite::get(tx, invite_id))).await;
        found.expect("read").expect("the invite").seats_taken
    }

    /// Ends what the case left under way, so that the next can begin.
    async fn clear(&self) {
        self.invite_over().await;
    }
}

/// Makes an event happen to a request; what its use case said, where it is one that answers.
async fn happen(stage: &Stage, request_id: RequestId, event: Event, facts: &Facts) -> Option<String> {
    let nonce = if facts.same_ticket { NONCE } else { OTHER_NONCE };
    match event {
        Event::Approve => stage.approve(request_id, nonce).await,
        Event::ComeIn => stage.come_in(request_id, nonce).await,
        Event::TimeUp => stage.time_up(request_id).await,
        Event::InviteOver => stage.invite_over().await,
        Event::LoseSight => stage.lose_sight().await,
        Event::Decline => return Some(stage.decline(request_id).await),
        Event::Withdraw => return Some(stage.withdraw(request_id).await),
        Event::Ask | Event::ComeInOtherwise | Event::Remove => unreachable!("not made to happen here"),
    }
    None
}

fn seats_after(seats: u32, change: SeatChange) -> u32 {
    match change {
        SeatChange::None => seats,
        SeatChange::Take => seats + 1,
        SeatChange::GiveBack => seats - 1,
    }
}

async fn tables_and_machine_agree_on(server: TestServer) {
    let stage = Stage::new(server).await;
    let events = [
        Event::Approve,
        Event::Decline,
        Event::Withdraw,
        Event::ComeIn,
        Event::TimeUp,
        Event::InviteOver,
        Event::LoseSight,
    ];
    for event in events {
        for start in STARTS {
            for same_ticket in [true, false] {
                let facts = Facts { approved: start.approved, same_ticket, ..Facts::default() };
                let said = next(Some(start.state), event, &facts);
                let request_id = stage.put(start).await;
                let seats = stage.seats_taken().await;
                let code = happen(&stage, request_id, event, &facts).await;
                let state = stage.server.request_state(request_id).await;
                assert_eq!(state, said.unwrap_or(start.state), "{event:?} of {start:?} with {facts:?}");
                if let Some(code) = code {
                    assert_eq!(code == "200", said.is_ok(), "{event:?} of {start:?} was answered with {code}");
                }
                let expected = seats_after(seats, seat_change(Some(start.state), state));
                assert_eq!(stage.seats_taken().await, expected, "{event:?} of {start:?} with {facts:?}");
                stage.clear().await;
            }
        }
    }
}

#[tokio::test]
async fn tables_and_machine_agree_in_every_state() {
    tables_and_machine_agree_on(TestServer::start().await).await;
}

#[tokio::test]
async fn tables_and_machine_agree_in_every_state_on_postgres() {
    tables_and_machine_agree_on(TestServer::on_postgres(Settings::default()).await).await;
}

#[tokio::test]
async fn asking_again_does_in_every_state_what_the_machine_says() {
    let mut stage = Stage::new(TestServer::start().await).await;
    for start in STARTS {
        // Each asks with a ticket of its own.
        let facts = Facts { approved: start.approved, same_ticket: false, ..Facts::default() };
        let said = next(Some(start.state), Event::Ask, &facts);
        let request_id = stage.put(start).await;
        let seats = stage.seats_taken().await;
        stage.server.clock.advance(1);
        let (answer, _) = stage.server.ask(&mut stage.ben, &stage.post, &[]).await;
        match said {
            Err(_) => assert_eq!(answer.code(), "request_declined", "{start:?}"),
            Ok(to) => {
                let status: JoinStatus = answer.into();
                assert_eq!(status.state, to, "{start:?}");
                let goes_on = doorpost_policy::admission::is_under_way(start.state);
                assert_eq!(status.request_id == request_id, goes_on, "{start:?}");
                let expected = seats_after(seats, seat_change(Some(start.state), to));
                assert_eq!(stage.seats_taken().await, expected, "{start:?}");
            }
        }
        stage.clear().await;
    }
}
