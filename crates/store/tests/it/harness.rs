//! Cases that run on both databases, and the people in them.

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, StoreError, Tx, account, account::NewAccount, testing::TestDatabase};
use futures_util::future::BoxFuture;

/// Makes two tests of each case, an `async fn(Store)`: one on SQLite, one on PostgreSQL.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::harness::on_sqlite(super::$case).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::harness::on_postgres(super::$case).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// Runs a case on a SQLite database of its own.
pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(case: fn(Store) -> F) {
    run(TestDatabase::sqlite(), case).await;
}

/// Runs a case on a PostgreSQL database of its own.
pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(case: fn(Store) -> F) {
    run(TestDatabase::postgres().await, case).await;
}

async fn run<F: Future<Output = ()> + Send + 'static>(database: TestDatabase, case: fn(Store) -> F) {
    let config = database.config().clone();
    // In a task, so that a case that panics still has its database removed.
    let outcome = tokio::spawn(async move {
        let store = Store::open(&config).await.expect("the case's store opens");
        case(store).await;
    })
    .await;
    database.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// A write that must succeed.
pub async fn write<T, F>(store: &Store, work: F) -> T
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    T: Send + 'static,
{
    store.write(work).await.expect("the write succeeds")
}

/// A read that must succeed.
pub async fn read<T, F>(store: &Store, work: F) -> T
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    T: Send + 'static,
{
    store.read(work).await.expect("the read succeeds")
}

/// A closure for [`Store::write`] or [`Store::read`]: `tx!(tx => account::find(tx, id).await)`.
/// What it names is moved in.
macro_rules! tx {
    ($tx:ident => $body:expr) => {
        move |$tx: &mut doorpost_store::Tx| Box::pin(async move { $body })
    };
}
pub(crate) use tx;

/// An id from a small number.
pub fn account_id(number: u8) -> AccountId {
    AccountId::from_bytes([number; 16])
}

/// A plain account: its number as id, `person_N` as handle, `Person N` as name, made at N.
pub fn new_account(number: u8) -> NewAccount {
    NewAccount {
        account_id: account_id(number),
        handle: format!("person_{number}"),
        name: format!("Person {number}"),
        is_operator: false,
        password_hash: None,
        created_at: TimeMs(i64::from(number)),
    }
}

/// Makes plain accounts.
pub async fn accounts<const N: usize>(store: &Store, numbers: [u8; N]) -> [AccountId; N] {
    for number in numbers {
        let made = write(store, tx!(tx => account::insert(tx, &new_account(number)).await)).await;
        assert!(made, "account {number} is new");
    }
    numbers.map(account_id)
}
