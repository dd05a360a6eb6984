//! Key packages that devices leave, and who is given them.

use doorpost_mls::delivery::check_left_key_package;
use doorpost_model::{
    Binary,
    direct::{ClaimedKeyPackage, KeyPackagesLeft, PutKeyPackages},
    limits::{KEY_PACKAGE_BYTES_MAX, KEY_PACKAGE_CLAIMS_MAX, KEY_PACKAGES_MAX},
};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, open_terms},
    direct_harness::on_both,
    harness::TestServer,
    post_harness::public,
};

on_both!(
    each_is_given_once_and_the_last_resort_again,
    those_of_all_devices_that_are_not_in_it_are_given,
    nobody_uses_up_what_others_need,
    only_ones_own_are_kept,
    those_of_a_removed_device_are_not_given,
    one_of_many_chats_takes_no_last_resort,
);

fn one_time(key_packages: Vec<Binary>) -> PutKeyPackages {
    PutKeyPackages { one_time: key_packages, last_resort: None }
}

async fn left(server: &TestServer, who: &ChatHost) -> KeyPackagesLeft {
    server.get("/api/key-packages").by(&who.person).send().await.into()
}

async fn each_is_given_once_and_the_last_resort_again(server: &TestServer) {
    let (mut ada, mut ben) = (server.chat_host("ada").await, server.chat_host("ben").await);
    let chat_id = server.direct(&mut ada, &ben).await.chat_id;
    assert_eq!(server.claim(&ada, chat_id).await.json(), json!([]), "he has left none");
    server.leave_key_packages(&mut ben, 2).await;
    assert_eq!(left(server, &ben).await, KeyPackagesLeft { one_time: 2, has_last_resort: true });
    let mut given = Vec::new();
    for _ in 0..4 {
        let claimed: Vec<ClaimedKeyPackage> = server.claim(&ada, chat_id).await.into();
        let [one] = claimed.as_slice() else { panic!("one device: {claimed:?}") };
        assert_eq!((one.account_id, one.device_id), (ben.account_id(), ben.device.device_id()));
        let now = doorpost_server::app::Clock::now(server.clock.as_ref());
        let is_last = check_left_key_package(&one.key_package.0, now).expect("good").last_resort;
        given.push((one.key_package.clone(), is_last));
    }
    assert_eq!(given.iter().map(|(_, is_last)| *is_last).collect::<Vec<_>>(), [false, false, true, true]);
    assert!(given[0].0 != given[1].0 && given[2].0 == given[3].0);
    assert_eq!(left(server, &ben).await, KeyPackagesLeft { one_time: 0, has_last_resort: true });
}

async fn those_of_all_devices_that_are_not_in_it_are_given(server: &TestServer) {
    let (mut ada, mut ben) = (server.chat_host("ada").await, server.chat_host("ben").await);
    let mut second = server.second_device(&ben).await;
    server.leave_key_packages(&mut second, 1).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.claim(&ada, chat_id).await.json(), json!([]), "both are in");
}

async fn nobody_uses_up_what_others_need(server: &TestServer) {
    let (mut ada, mut ben) = (server.chat_host("ada").await, server.chat_host("ben").await);
    let chat_id = server.direct(&mut ada, &ben).await.chat_id;
    for _ in 0..KEY_PACKAGE_CLAIMS_MAX {
        server.leave_key_packages(&mut ben, 1).await;
        server.claim(&ada, chat_id).await;
    }
    server.leave_key_packages(&mut ben, 1).await;
    let claimed: Vec<ClaimedKeyPackage> = server.claim(&ada, chat_id).await.into();
    assert_eq!(claimed.len(), 1, "the last resort");
    assert_eq!(left(server, &ben).await, KeyPackagesLeft { one_time: 1, has_last_resort: true });
}

async fn only_ones_own_are_kept(server: &TestServer) {
    let (mut ada, mut ben) = (server.chat_host("ada").await, server.chat_host("ben").await);
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let ticket = server.ticket(&ben, &post);
    let (good, last) = (server.left_key_package(&mut ben), server.last_resort(&mut ben));
    let with_ticket = server.key_package(&mut ben, &ticket);
    let of_ada = server.left_key_package(&mut ada);
    let mut second = server.second_device(&ben).await;
    let of_second = server.left_key_package(&mut second);
    let refused = [
        (one_time(vec![of_ada]), "key_package_invalid"),
        (one_time(vec![of_second]), "key_package_invalid"),
        (one_time(vec![with_ticket]), "key_package_invalid"),
        (one_time(vec![last.clone()]), "key_package_invalid"),
        (one_time(vec![Binary(vec![1, 2, 3])]), "key_package_invalid"),
        (PutKeyPackages { one_time: Vec::new(), last_resort: Some(good.clone()) }, "key_package_invalid"),
        (one_time(vec![Binary(vec![0; KEY_PACKAGE_BYTES_MAX + 1])]), "too_large"),
        (one_time(vec![good.clone(); KEY_PACKAGES_MAX + 1]), "limit_reached"),
    ];
    for (new, code) in refused {
        assert_eq!(server.put_key_packages(&ben, &new).await.code(), code);
    }
    assert_eq!(left(server, &ben).await, KeyPackagesLeft { one_time: 0, has_last_resort: false });
    for kept in [KEY_PACKAGES_MAX, KEY_PACKAGES_MAX] {
        let more = (0..KEY_PACKAGES_MAX / 2).map(|_| server.left_key_package(&mut ben)).collect();
        server.put_key_packages(&ben, &one_time(more)).await;
        assert!(left(server, &ben).await.one_time as usize <= kept);
    }
    let one_more = one_time(vec![good]);
    assert_eq!(server.put_key_packages(&ben, &one_more).await.code(), "limit_reached");
}

async fn those_of_a_removed_device_are_not_given(server: &TestServer) {
    let (mut ada, mut ben) = (server.chat_host("ada").await, server.chat_host("ben").await);
    server.leave_key_packages(&mut ben, 2).await;
    let chat_id = server.direct(&mut ada, &ben).await.chat_id;
    server.reset_identity(&ben).await;
    let anew = server.direct(&mut ada, &server.reset_identity(&ben).await).await;
    assert_ne!(anew.chat_id, chat_id);
    assert_eq!(server.claim(&ada, anew.chat_id).await.json(), json!([]));
}

async fn one_of_many_chats_takes_no_last_resort(server: &TestServer) {
    let (mut ada, mut ben) = (server.chat_host("ada").await, server.chat_host("ben").await);
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let request = json!({ "key_package": server.last_resort(&mut ben) });
    let path = format!("/api/invites/{}/join", post.invite_id);
    assert_eq!(server.post(&path).by(&ben.person).json(request).send().await.code(), "key_package_invalid");
}
