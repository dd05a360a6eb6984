//! Many at once.

use std::collections::HashSet;

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, StoreError, account, account::NewAccount, session};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(one_of_many_gets_the_handle, every_write_arrives, a_limit_holds_under_a_lock);

fn numbered(number: u16, handle: String) -> NewAccount {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    NewAccount {
        account_id: AccountId::from_bytes(id),
        handle,
        name: "Somebody".to_owned(),
        is_operator: false,
        password_hash: None,
        created_at: TimeMs(1),
    }
}

async fn one_of_many_gets_the_handle(store: Store) {
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = store.clone();
            let account = numbered(number, "wanted".to_owned());
            tokio::spawn(async move { write(&store, tx!(tx => account::insert(tx, &account).await)).await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.expect("no panic"));
    }
    assert_eq!(made, 1);
}

async fn every_write_arrives(store: Store) {
    let tasks: Vec<_> = (0..20)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in writer * 20..(writer + 1) * 20 {
                    let account = numbered(number, format!("person_{number}"));
                    assert!(write(&store, tx!(tx => account::insert(tx, &account).await)).await);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let ids: Vec<_> = (0..400).map(|number| numbered(number, String::new()).account_id).collect();
    let expected: HashSet<_> = ids.iter().copied().collect();
    let found = read(&store, tx!(tx => account::refs(tx, &ids).await)).await;
    assert_eq!(found.into_keys().collect::<HashSet<_>>(), expected);
}

/// Ten sessions at most, counted and made in one transaction under the account's lock.
async fn a_limit_holds_under_a_lock(store: Store) {
    let [me] = accounts(&store, [1]).await;
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write::<bool, StoreError, _>(tx!(tx => {
                        account::lock(tx, me).await?;
                        if session::of_account(tx, me).await?.len() >= 10 {
                            return Ok(false);
                        }
                        let id = doorpost_model::SessionId::from_bytes([number; 16]);
                        session::insert(tx, id, me, &[number; 32], TimeMs(1)).await?;
                        Ok(true)
                    }))
                    .await
            })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.expect("no panic").expect("no error"));
    }
    assert_eq!(made, 10);
    assert_eq!(read(&store, tx!(tx => session::of_account(tx, me).await)).await.len(), 10);
}
