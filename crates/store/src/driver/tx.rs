//! A transaction: what statements run in.

use super::{
    error::StoreError,
    postgres,
    row::FromRow,
    sqlite,
    statement::{CHUNKS, Statement, chunks},
    value::Value,
};

/// Index in [`CHUNKS`] of the size that a statement without rows counts as.
const SINGLE: usize = CHUNKS.len() - 1;

/// An open transaction. Once a statement has failed every further one gives the same error, and the
/// transaction is rolled back whatever its closure returns: PostgreSQL allows nothing else, and the
/// two databases are to behave alike. Expected conflicts belong into `ON CONFLICT`.
pub struct Tx {
    connection: Connection,
    failed: Option<StoreError>,
}

pub(super) enum Connection {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

impl Tx {
    pub(super) const fn new(connection: Connection) -> Self {
        Self { connection, failed: None }
    }

    /// Runs a statement; gives the number of rows it changed.
    ///
    /// # Errors
    /// Whatever the database says; see [`StoreError`].
    pub async fn execute(&mut self, statement: &'static Statement, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run(statement, SINGLE, params).await
    }

    /// All rows of a statement.
    ///
    /// # Errors
    /// As [`Tx::execute`]; [`StoreError::Column`] when a row is not a `T`.
    pub async fn query<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        params: &[Value<'_>],
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        self.fetch(statement, SINGLE, params, &mut rows).await?;
        Ok(rows)
    }

    /// The first row, if there is any.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn query_opt<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        params: &[Value<'_>],
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(statement, params).await?.into_iter().next())
    }

    /// The first row of a statement that always has one.
    ///
    /// # Errors
    /// As [`Tx::query`]; [`StoreError::NoRow`].
    pub async fn query_one<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        params: &[Value<'_>],
    ) -> Result<T, StoreError> {
        self.query_opt(statement, params).await?.ok_or(StoreError::NoRow)
    }

    /// Runs a statement with `{rows:C}` over any number of rows, in chunks; gives the number of rows
    /// changed in all. `fixed` are the parameters `$1`… that the template names itself.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn execute_rows<const C: usize>(
        &mut self,
        statement: &'static Statement,
        fixed: &[Value<'_>],
        rows: &[[Value<'_>; C]],
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        for (from, chunk) in chunks(rows.len()) {
            let params = [fixed, rows[from..from + CHUNKS[chunk]].as_flattened()].concat();
            changed += self.run(statement, chunk, &params).await?;
        }
        Ok(changed)
    }

    /// As [`Tx::execute_rows`], for statements with `RETURNING` (in no particular order).
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn query_rows<T: FromRow, const C: usize>(
        &mut self,
        statement: &'static Statement,
        fixed: &[Value<'_>],
        rows: &[[Value<'_>; C]],
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        for (from, chunk) in chunks(rows.len()) {
            let params = [fixed, rows[from..from + CHUNKS[chunk]].as_flattened()].concat();
            self.fetch(statement, chunk, &params, &mut found).await?;
        }
        Ok(found)
    }

    /// Runs a statement with `{list}` over any number of values, in chunks; gives the number of rows
    /// changed in all. `fixed` are the parameters `$1`… that the template names itself.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn execute_list<'v, K: Copy + Into<Value<'v>>>(
        &mut self,
        statement: &'static Statement,
        fixed: &[Value<'_>],
        list: &[K],
    ) -> Result<u64, StoreError> {
        self.execute_rows(statement, fixed, &singles(list)).await
    }

    /// All rows of a statement with `{list}`; each chunk is ordered for itself, so do not rely on an
    /// order over the whole, and give each value once.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn query_list<'v, T: FromRow, K: Copy + Into<Value<'v>>>(
        &mut self,
        statement: &'static Statement,
        fixed: &[Value<'_>],
        list: &[K],
    ) -> Result<Vec<T>, StoreError> {
        self.query_rows(statement, fixed, &singles(list)).await
    }

    async fn run(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
        params: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.refuse_failed()?;
        let result = match &mut self.connection {
            Connection::Sqlite(session) => session.execute(statement, chunk, params),
            Connection::Postgres(session) => session.execute(statement, chunk, params).await,
        };
        self.note(result)
    }

    async fn fetch<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
        params: &[Value<'_>],
        rows: &mut Vec<T>,
    ) -> Result<(), StoreError> {
        self.refuse_failed()?;
        let result = match &mut self.connection {
            Connection::Sqlite(session) => session.fetch(statement, chunk, params, rows),
            Connection::Postgres(session) => session.fetch(statement, chunk, params, rows).await,
        };
        self.note(result)
    }

    /// Only prepares the statement, in its text for `CHUNKS[chunk]` rows.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn prepare(&mut self, statement: &'static Statement, chunk: usize) -> Result<(), StoreError> {
        match &mut self.connection {
            Connection::Sqlite(session) => session.prepare(statement, chunk),
            Connection::Postgres(session) => session.prepare(statement, chunk).await.map(|_| ()),
        }
    }

    fn refuse_failed(&self) -> Result<(), StoreError> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }

    /// What the closure's outcome comes to: a success on top of a failed statement is a failure.
    pub(super) fn settle<T, E: From<StoreError>>(&mut self, outcome: Result<T, E>) -> Result<T, E> {
        match self.failed.take() {
            Some(error) if outcome.is_ok() => Err(error.into()),
            _ => outcome,
        }
    }

    pub(super) fn sqlite(&mut self) -> Option<&mut sqlite::Session> {
        match &mut self.connection {
            Connection::Sqlite(session) => Some(session),
            Connection::Postgres(_) => None,
        }
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }
}

fn singles<'v, K: Copy + Into<Value<'v>>>(list: &[K]) -> Vec<[Value<'v>; 1]> {
    list.iter().map(|&value| [value.into()]).collect()
}
