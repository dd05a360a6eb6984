//! Two people compare their safety numbers.

use doorpost_client::{Command, MessageKind, view::SafetyView};
use doorpost_model::{AccountId, ErrorCode, account::Me};
use doorpost_testkit::{Person, TestServer, run};

use crate::flow::open_terms;

#[test]
fn numbers_agree_are_remembered_and_do_not_survive_a_new_identity() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let of = |person: &Person<_>| Command::Safety { account_id: person.me.account_id };
        assert_eq!(ann.ask::<SafetyView>(of(&bea)).await.unwrap_err().code(), ErrorCode::NotFound);

        let (_, chat_id, invite_id) = ann.chat_post("Trust", open_terms()).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        let anns: SafetyView = ann.ask(of(&bea)).await.unwrap();
        let beas: SafetyView = bea.ask(of(&ann)).await.unwrap();
        assert_eq!(anns, beas);
        assert!(!anns.verified);

        let compare =
            |scanned: &str| Command::CompareSafety { account_id: bea.me.account_id, scanned: scanned.to_owned() };
        assert!(ann.ask::<SafetyView>(compare(&beas.qr)).await.unwrap().verified);
        assert!(ann.ask::<SafetyView>(of(&bea)).await.unwrap().verified);
        assert_eq!(ann.ask::<SafetyView>(compare("hello")).await.unwrap_err().code(), ErrorCode::InvalidField);
        assert!(ann.ask::<SafetyView>(of(&bea)).await.unwrap().verified, "a wrong picture says nothing");
        let verified = async || ann.ask::<Vec<AccountId>>(Command::Verified).await.unwrap();
        assert_eq!(verified().await, [bea.me.account_id]);
        assert!(ann.chat(chat_id).await.unwrap().verified);
        assert!(!bea.chat(chat_id).await.unwrap().verified, "each says so for themself");

        let reset = Command::ResetIdentity { password: None, prf: None, prf_id: None };
        bea.ask::<Me>(reset).await.unwrap();
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        assert!(ann.rows(chat_id).iter().any(|row| row.kind == MessageKind::IdentityChanged));
        let after: SafetyView = ann.ask(of(&bea)).await.unwrap();
        assert!(!after.verified);
        assert!(verified().await.is_empty());
        assert!(!ann.chat(chat_id).await.unwrap().verified);
        assert_ne!(after.number, anns.number);
        let old = ann.ask::<SafetyView>(compare(&anns.qr)).await.unwrap_err();
        assert_eq!(old.code(), ErrorCode::Conflict);
        server.end().await;
    });
}
