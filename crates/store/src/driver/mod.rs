//! The thin driver: statements, values, rows and transactions on either database.

mod error;
mod migrate;
mod postgres;
mod row;
mod sqlite;
mod statement;
mod store;
mod tx;
mod value;

pub use error::{Constraint, StoreError};
pub use row::{FromRow, Row};
pub use statement::{CHUNKS, Dialect, Statement};
pub use store::{Store, StoreConfig};
pub use tx::Tx;
pub use value::{Cell, FromCell, Value};
