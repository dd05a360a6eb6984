//! Lists and rows in chunks.

use doorpost_model::{ListId, TimeMs};
use doorpost_store::{Store, account, list};

use crate::harness::{account_id, accounts, new_account, on_both, read, tx, write};

on_both!(any_number_of_rows_goes_in_once);

async fn any_number_of_rows_goes_in_once(store: Store) {
    let [me] = accounts(&store, [1]).await;
    write(
        &store,
        tx!(tx => {
            for number in 2..=200 {
                account::insert(tx, &new_account(number)).await?;
            }
            Ok(())
        }),
    )
    .await;
    // 0, 1, just below, at and above each size of chunk.
    for (round, count) in [0_u8, 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 85, 149, 199].into_iter().enumerate() {
        let list_id = ListId::from_bytes([u8::try_from(round).expect("few rounds"); 16]);
        let members: Vec<_> = (2..).map(account_id).take(usize::from(count)).collect();
        let asked = members.clone();
        let name = format!("List {round}");
        let added = write(
            &store,
            tx!(tx => {
                list::insert(tx, list_id, me, &name, TimeMs(1)).await?;
                list::add(tx, list_id, &members, TimeMs(1)).await
            }),
        )
        .await;
        assert_eq!(added, u64::from(count));
        let mut held = read(&store, tx!(tx => list::held_among(tx, list_id, &asked).await)).await;
        held.sort();
        assert_eq!(held, (2..).map(account_id).take(usize::from(count)).collect::<Vec<_>>());
    }
}
