//! What is kept: records and queries, one SQL text for SQLite and PostgreSQL.
//!
//! A method here is one query and decides nothing: use cases compose them in one transaction
//! ([`Store::write`]), `policy` decides.
//!
//! ```no_run
//! # use doorpost_store::{Store, StoreConfig, StoreError, account};
//! # async fn example(store: Store, account_id: doorpost_model::AccountId) -> Result<(), StoreError> {
//! let found = store
//!     .read::<_, StoreError, _>(move |tx| Box::pin(async move { account::find(tx, account_id).await }))
//!     .await?;
//! # Ok(()) }
//! ```
//!
//! # Adding a noun
//! 1. **Tables** in `migrations/NNNN_name.sql`, listed in `driver/migrate.rs`; never changed once released.
//!    Column types are neutral, in capitals, and nothing else is used:
//!
//!    | type | SQLite | PostgreSQL | in Rust |
//!    |---|---|---|---|
//!    | `ID` | BLOB | UUID | the typed ids of `model`; nothing else |
//!    | `BYTES` | BLOB | BYTEA | `Vec<u8>`, `[u8; N]`, `Binary` |
//!    | `INT8` | INTEGER | BIGINT | `i64`, `u32`, …, `TimeMs` |
//!    | `BOOL` | INTEGER | BOOLEAN | `bool` |
//!    | `TEXT` | TEXT | TEXT COLLATE "C" | `String`, enums by [`stored_as_text!`] |
//!
//!    A table ends with `);` alone on its line (STRICT on SQLite), or with `) CLUSTERED;` for rows that
//!    live in their primary key's order (WITHOUT ROWID; for narrow rows that are only sought by that key).
//! 2. **Statements** in the noun's module by [`statements!`], and the module's line in
//!    [`registry::STATEMENTS`]. A test prepares each on both databases, in all sizes.
//! 3. **Rows** by [`row!`], in the order of the columns; **functions** that take `&mut Tx`, run one
//!    statement and say what comes back. Look at [`account`].
//! 4. **Conformance cases** in `tests/it/<noun>.rs`, run on both databases by `on_both!`. A test fails
//!    when a public function of a noun occurs in none.
//!
//! # SQL that means the same twice
//! - Parameters are `$1`, `$2`, …; a list of values `IN ({list})`; rows `VALUES {rows:COLUMNS}`; both go
//!   in chunks of 64, 16, 4 and 1 and may stand beside fixed parameters, which come first.
//! - Types of parameters are what PostgreSQL infers: a column's, a literal's. Where it cannot, as in
//!   `SELECT $1` or a bare `VALUES`, write `CAST($1 AS BIGINT)`; there is no spelling for ids that both
//!   take, so arrange the statement otherwise (`INSERT … SELECT … FROM table WHERE id = $1`).
//! - PostgreSQL's `SUM` of integers is NUMERIC: `CAST(SUM(x) AS BIGINT)`. `COUNT(*)` and `EXISTS` are fine.
//! - A failed statement ends the transaction, so an expected conflict is an `ON CONFLICT`, and the
//!   number of changed rows tells which way it went.
//! - `SELECT … {for update}` locks on PostgreSQL and is nothing on SQLite, where the writer is alone. An
//!   `UPDATE` locks by itself. Lock several rows in the order of their keys.
//! - Data-modifying CTEs, arrays, JSON operators, `NOW()`, `RANDOM()` are not used. Text never contains U+0000,
//!   which PostgreSQL cannot keep; requests are checked for it before.
//! - What cannot be said once is a dialect exception: `NAME = sqlite "…" postgres "…";`, counted in
//!   [`registry::DIALECT_EXCEPTIONS`].

mod driver;

pub mod account;
pub mod backup;
pub mod block;
pub mod ceremony;
pub mod chat;
pub mod chat_group;
pub mod comment;
pub mod commit_report;
pub mod connection;
pub mod device;
pub mod device_link;
pub mod device_removal;
pub mod direct;
pub mod email;
pub mod file;
pub mod franking;
pub mod group;
pub mod hanging;
pub mod hidden;
pub mod hidden_word;
pub mod hosts_key;
pub mod invite;
pub mod key_package;
pub mod keyring;
pub mod leaving;
pub mod list;
pub mod log;
pub mod media;
pub mod member;
pub mod mention;
pub mod moderation;
pub mod mute;
pub mod notification;
pub mod page;
pub mod passkey;
pub mod picture;
pub mod post;
pub mod push;
pub mod question;
pub mod reaction;
pub mod realm;
pub mod registration_code;
pub mod registry;
pub mod report;
pub mod request;
pub mod search;
pub mod session;
pub mod story;
pub mod suspension;
#[cfg(feature = "testing")]
pub mod testing;
pub mod vault;
pub mod video;
pub mod watch;
pub mod welcome;

pub use driver::{
    CHUNKS, Cell, Constraint, Dialect, FromCell, FromRow, Row, Statement, Store, StoreConfig, StoreError, Tx, Value,
};
