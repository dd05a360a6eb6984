//! Chats of two with a server that lies: keys and devices of others, and chats of many.

use std::{cell::RefCell, rc::Rc};

use doorpost_client::{ChatState, Command, LocalStore, Method, Platform};
use doorpost_mls::member::make_key_package;
use doorpost_model::{
    Binary, ErrorCode,
    chat::{ChatView, Ciphersuite},
    direct::{ClaimedKeyPackage, DirectState, DirectView, DirectWith},
    people::AccountRef,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    direct::{away, direct, lied_to},
    flow::open_terms,
    liar::was_warned,
    rogue::{SystemEntropy, new_device},
};

/// From now on what is read at `path` is `change`d.
fn lie<T: Serialize + DeserializeOwned>(faults: &Faults, path: String, change: impl Fn(&mut T) + 'static) {
    faults.rewrite(move |request, response| {
        if request.path == path && request.method == Method::Get && response.status == 200 {
            let mut answer: T = serde_json::from_slice(&response.body).unwrap();
            change(&mut answer);
            response.body = serde_json::to_vec(&answer).unwrap();
        }
    });
}

/// What a server makes of its own answer.
type Change = Box<dyn Fn(&mut DirectView)>;

#[test]
fn keys_of_others_are_refused() {
    run(async {
        let server = TestServer::start().await;
        let (ann, faults) = lied_to(&server, "ann").await;
        let (bea, eve) = (away(&server, "bea").await, away(&server, "eve").await);
        let (of_bea, of_eve) = (bea.me.account_id, eve.me.account_id);
        let path = format!("/api/direct/{of_bea}");
        let eves: Rc<RefCell<Option<DirectView>>> = Rc::default();
        let seen = Rc::clone(&eves);
        lie(&faults, format!("/api/direct/{of_eve}"), move |view: &mut DirectView| {
            *seen.borrow_mut() = Some(view.clone());
        });
        direct(&ann, &eve).await.unwrap();
        let eves = eves.take().expect("seen");

        let lies: [Change; 4] = [
            Box::new(|view| view.keys.sealing_key.0[0] ^= 1),
            Box::new({
                let eves = eves.clone();
                move |view| view.keys = eves.keys.clone()
            }),
            Box::new({
                let eves = eves.clone();
                move |view| view.keys.sealing_key = eves.keys.sealing_key.clone()
            }),
            Box::new(move |view| *view = eves.clone()),
        ];
        for change in lies {
            lie(&faults, path.clone(), change);
            let refused = ann.client.call(Command::Direct { account_id: of_bea }).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::ServerMisbehaved);
        }
        assert_eq!(ann.chats().await.len(), 1, "with eve alone");
        server.end().await;
    });
}

#[test]
fn devices_of_others_are_not_added() {
    run(async {
        let server = TestServer::start().await;
        let (ann, faults) = lied_to(&server, "ann").await;
        let (bea, eve) = (away(&server, "bea").await, away(&server, "eve").await);
        let mut events = ann.client.subscribe();
        // Eve's own key package, and one of the server's in the name of Bea.
        let eves: Rc<RefCell<Vec<ClaimedKeyPackage>>> = Rc::default();
        let seen = Rc::clone(&eves);
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/direct/key-packages") {
                *seen.borrow_mut() = serde_json::from_slice(&response.body).unwrap();
            }
        });
        direct(&ann, &eve).await.unwrap();
        let entropy = SystemEntropy(server.platform());
        let false_bea = new_device(&entropy, bea.me.account_id);
        let made = make_key_package(&false_bea, None, Ciphersuite::X25519, server.platform().now()).unwrap();
        let lies = [eves.take().remove(0).key_package, Binary(made.key_package)];
        assert!(!was_warned(&mut events), "nothing was wrong so far");
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/direct/key-packages") {
                let claimed: Vec<ClaimedKeyPackage> = serde_json::from_slice(&response.body).unwrap();
                let lie =
                    |key_package: &Binary| ClaimedKeyPackage { key_package: key_package.clone(), ..claimed[0].clone() };
                response.body = serde_json::to_vec(&lies.iter().map(lie).collect::<Vec<_>>()).unwrap();
            }
        });
        let chat_id = direct(&ann, &bea).await.unwrap();
        assert!(was_warned(&mut events));
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 1, "nobody was added");
        faults.heal();
        assert_eq!(direct(&ann, &bea).await.unwrap(), chat_id);
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 2);
        server.end().await;
    });
}

#[test]
fn a_chat_of_many_is_not_shown_as_one_with_somebody() {
    run(async {
        let server = TestServer::start().await;
        let (ann, faults) = lied_to(&server, "ann").await;
        let bea = away(&server, "bea").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        away(&server, "eve").await.join(invite_id).await.unwrap();
        let account = AccountRef { account_id: bea.me.account_id, handle: "bea".to_owned(), name: "Bea".to_owned() };
        let lies = move |views: &mut Vec<ChatView>| {
            for view in views {
                view.direct = Some(DirectWith { account: account.clone(), state: DirectState::Open });
            }
        };
        let mut events = ann.client.subscribe();
        lie(&faults, "/api/chats".to_owned(), lies.clone());
        ann.sync().await;
        assert!(was_warned(&mut events));
        let seen = ann.chat(chat_id).await.unwrap();
        assert_eq!((seen.title.as_str(), seen.direct), ("Supper", None));

        // A device that is not in it yet does not come in.
        let faults = Faults::default();
        lie(&faults, "/api/chats".to_owned(), lies);
        let platform = FaultyPlatform::new(server.platform(), faults.clone());
        let second = Person::sign_in_on(platform, LocalStore::in_memory().unwrap(), "ann").await;
        second.sync().await;
        assert_eq!(second.chat(chat_id).await.unwrap().state, ChatState::Joining);
        faults.heal();
        second.sync().await;
        assert_eq!(second.chat(chat_id).await.unwrap().state, ChatState::Ready);
        server.end().await;
    });
}
