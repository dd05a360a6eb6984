//! Rows and the types they become.

use super::{
    error::StoreError,
    value::{Cell, FromCell},
};

/// A row of either database.
pub struct Row<'a> {
    pub(super) source: Source<'a>,
    /// Name of the statement, for errors.
    pub(super) statement: &'static str,
}

pub(super) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, counted from 0.
    ///
    /// # Errors
    /// [`StoreError::Column`] when there is none, or it holds another kind of thing.
    pub fn get<T: FromCell>(&self, index: usize) -> Result<T, StoreError> {
        self.cell(index).and_then(T::from_cell).ok_or(StoreError::Column { statement: self.statement, column: index })
    }

    fn cell(&self, index: usize) -> Option<Cell<'_>> {
        match self.source {
            Source::Sqlite(row) => super::sqlite::cell(row, index),
            Source::Postgres(row) => {
                row.try_get::<_, Option<Cell<'_>>>(index).ok().map(|cell| cell.unwrap_or(Cell::Null))
            }
        }
    }
}

/// A type that a whole row can become. Columns go by position.
pub trait FromRow: Sized + Send {
    /// # Errors
    /// [`StoreError::Column`] when the row has another shape.
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError>;
}

impl<T: FromCell + Send> FromRow for T {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        row.get(0)
    }
}

macro_rules! tuples {
    ($(($($type:ident $index:tt),*)),* $(,)?) => {$(
        impl<$($type: FromCell + Send),*> FromRow for ($($type,)*) {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                Ok(($(row.get::<$type>($index)?,)*))
            }
        }
    )*};
}
tuples!(
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
);

/// A struct whose fields are the columns of a `SELECT` or `RETURNING`, in that order.
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type),*
        }

        impl $crate::FromRow for $name {
            fn from_row(row: &$crate::Row<'_>) -> Result<Self, $crate::StoreError> {
                let mut next = 0..;
                let mut index = || next.next().unwrap_or(usize::MAX);
                Ok(Self { $($field: row.get::<$type>(index())?),* })
            }
        }
    };
}
