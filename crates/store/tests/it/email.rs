//! Mail.

use doorpost_model::{
    AccountId, TimeMs,
    email::{DigestFrequency, MailLanguage},
};
use doorpost_store::{
    Store,
    email::{self, CodesAsked, EmailRow, MailKind, MailRow},
};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(an_address_is_kept_with_its_token, what_waits_goes_with_the_address, codes_are_counted_for_a_while,);

fn a_row(account_id: AccountId, number: u8) -> EmailRow {
    EmailRow {
        account_id,
        address: None,
        pending: Some(format!("{number}@home.example")),
        code_hash: Some(vec![number; 32]),
        code_until: Some(TimeMs(9)),
        tries: 2,
        frequency: DigestFrequency::Weekly,
        hour: 23,
        time_zone: "Europe/Berlin".to_owned(),
        language: MailLanguage::De,
        token: vec![number; 16],
        told_until: TimeMs(4),
    }
}

async fn put(store: &Store, row: &EmailRow) {
    let row = row.clone();
    write(store, tx!(tx => email::put(tx, &row).await)).await;
}

async fn an_address_is_kept_with_its_token(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    let get = async |account| read(&store, tx!(tx => email::get(tx, account).await)).await;
    assert_eq!(get(ann).await, None);
    put(&store, &a_row(ann, 1)).await;
    put(&store, &a_row(bob, 2)).await;
    assert_eq!(get(ann).await, Some(a_row(ann, 1)));
    let changed = EmailRow {
        address: Some("ann@home.example".to_owned()),
        pending: None,
        code_hash: None,
        code_until: None,
        frequency: DigestFrequency::Off,
        token: vec![7; 16],
        ..a_row(ann, 1)
    };
    put(&store, &changed).await;
    assert_eq!(get(ann).await, Some(changed));
    let of_token = async |token: [u8; 16]| read(&store, tx!(tx => email::of_token(tx, &token).await)).await;
    assert_eq!(of_token([7; 16]).await, Some(ann));
    assert_eq!(of_token([1; 16]).await, None, "the one before");
    assert_eq!(of_token([2; 16]).await, Some(bob));
}

async fn what_waits_goes_with_the_address(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    put(&store, &a_row(ann, 1)).await;
    put(&store, &a_row(bob, 2)).await;
    let mail =
        |account_id, kind, due_at| MailRow { account_id, kind, due_at: TimeMs(due_at), attempts: 1, since: TimeMs(3) };
    let rows = [mail(ann, MailKind::Code, 8), mail(ann, MailKind::Digest, 6), mail(bob, MailKind::Digest, 9)];
    for row in [mail(ann, MailKind::Code, 1), rows[0], rows[1], rows[2]] {
        write(&store, tx!(tx => email::put_mail(tx, &row).await)).await;
    }
    let due = async |now, limit| read(&store, tx!(tx => email::due(tx, TimeMs(now), limit).await)).await;
    assert_eq!(due(8, 9).await, [rows[1], rows[0]]);
    assert_eq!(due(9, 1).await, [rows[1]]);
    assert_eq!(read(&store, tx!(tx => email::get_mail(tx, ann, MailKind::Code).await)).await, Some(rows[0]));
    write(&store, tx!(tx => email::drop_mail(tx, ann, MailKind::Code).await)).await;
    assert_eq!(read(&store, tx!(tx => email::get_mail(tx, ann, MailKind::Code).await)).await, None);
    write(&store, tx!(tx => email::forget(tx, ann).await)).await;
    assert_eq!(due(9, 9).await, [rows[2]]);
    assert_eq!(read(&store, tx!(tx => email::of_token(tx, &[1; 16]).await)).await, None);
}

async fn codes_are_counted_for_a_while(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    for (address, account, at) in [([1; 32], ann, 1), ([1; 32], bob, 2), ([2; 32], bob, 3)] {
        write(&store, tx!(tx => email::note_code(tx, &address, account, TimeMs(at)).await)).await;
    }
    let asked = async |account, since| {
        read(&store, tx!(tx => email::codes_asked(tx, &[1; 32], account, TimeMs(since)).await)).await
    };
    assert_eq!(asked(ann, 0).await, CodesAsked { for_address: 2, by_account: 1 });
    assert_eq!(asked(bob, 1).await, CodesAsked { for_address: 1, by_account: 2 });
    assert_eq!(write(&store, tx!(tx => email::prune_codes(tx, TimeMs(2)).await)).await, 2);
    assert_eq!(asked(bob, 0).await, CodesAsked { for_address: 0, by_account: 1 });
}
