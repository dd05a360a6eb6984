//! Statements: named, registered, written once for both databases.

use std::sync::OnceLock;

/// Rows of one batched statement: as many at a time as the largest of these that still fits, so that
/// each statement has four texts and the databases' statement caches stay small.
pub const CHUNKS: [usize; 4] = [64, 16, 4, 1];

/// Which database a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// One statement with its name. Made by [`statements!`](crate::statements) alone, so that every
/// statement there is stands in the registry and is prepared on both databases by a test.
pub struct Statement {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    /// Texts ready to be prepared, for each dialect and size of chunk.
    ready: [[OnceLock<Box<str>>; CHUNKS.len()]; 2],
}

impl Statement {
    #[doc(hidden)]
    #[must_use]
    pub const fn portable(name: &'static str, sql: &'static str) -> Self {
        Self::exception(name, sql, sql)
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn exception(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { name, sqlite, postgres, ready: [const { [const { OnceLock::new() }; CHUNKS.len()] }; 2] }
    }

    /// `noun::NAME`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the two databases get different texts.
    #[must_use]
    pub fn is_dialect_exception(&self) -> bool {
        self.sqlite != self.postgres
    }

    /// Whether it takes a list or rows, and thus has a text for each of [`CHUNKS`].
    #[must_use]
    pub fn is_batched(&self) -> bool {
        self.sqlite.contains("{list}") || self.sqlite.contains("{rows:")
    }

    /// The text to prepare for `CHUNKS[chunk]` rows.
    pub(super) fn text(&self, dialect: Dialect, chunk: usize) -> &str {
        let (template, ready) = match dialect {
            Dialect::Sqlite => (self.sqlite, &self.ready[0]),
            Dialect::Postgres => (self.postgres, &self.ready[1]),
        };
        ready[chunk].get_or_init(|| expand(template, dialect, CHUNKS[chunk]).into())
    }
}

/// Where `rows` rows are cut: each piece with the index of its size in [`CHUNKS`].
pub(super) fn chunks(mut rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let chunk = CHUNKS.iter().position(|&size| size <= rows)?;
        let from = start;
        start += CHUNKS[chunk];
        rows -= CHUNKS[chunk];
        Some((from, chunk))
    })
}

fn expand(template: &str, dialect: Dialect, rows: usize) -> String {
    let fixed = highest_parameter(template);
    let mut text = String::with_capacity(template.len() + rows * 8);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        let close = rest[open..].find('}').map_or(rest.len(), |length| open + length);
        match rest[open + 1..close].split_once(':') {
            None if &rest[open + 1..close] == "list" => push_parameters(&mut text, fixed, rows),
            None if &rest[open + 1..close] == "for update" => {
                // SQLite has one writer at a time, and it holds the whole database. On PostgreSQL rows
                // that refer to the locked one can still be written beside it.
                if dialect == Dialect::Postgres {
                    text.push_str("FOR NO KEY UPDATE");
                }
            }
            Some(("rows", columns)) => push_rows(&mut text, fixed, rows, columns),
            _ => text.push_str(&rest[open..(close + 1).min(rest.len())]),
        }
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    text.push_str(rest);
    match dialect {
        // `$1` is a *named* parameter to SQLite, numbered by first appearance; `?1` is the first.
        Dialect::Sqlite => text.replace('$', "?"),
        Dialect::Postgres => text,
    }
}

fn push_parameters(text: &mut String, after: usize, count: usize) {
    for index in 1..=count {
        if index > 1 {
            text.push_str(", ");
        }
        text.push('$');
        text.push_str(&(after + index).to_string());
    }
}

fn push_rows(text: &mut String, fixed: usize, rows: usize, columns: &str) {
    let columns: usize = columns.parse().unwrap_or(0);
    for row in 0..rows {
        text.push_str(if row > 0 { ", (" } else { "(" });
        push_parameters(text, fixed + row * columns, columns);
        text.push(')');
    }
}

/// The highest `$n` in the template: so many parameters come before those of the rows.
fn highest_parameter(template: &str) -> usize {
    template
        .split('$')
        .skip(1)
        .filter_map(|after| {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            after[..digits].parse().ok()
        })
        .max()
        .unwrap_or(0)
}

/// Declares a module's statements and their list `STATEMENTS`, which stands in [`crate::registry`].
///
/// ```ignore
/// statements! {
///     INSERT = "INSERT INTO accounts (account_id, handle) VALUES ($1, $2) ON CONFLICT DO NOTHING";
///     // Chunks of rows with three columns each.
///     ADD_MANY = "INSERT INTO list_members (list_id, account_id, added_at) VALUES {rows:3}";
///     // `$1` comes once, the list in chunks.
///     NAMES = "SELECT account_id, name FROM accounts WHERE realm = $1 AND account_id IN ({list})";
///     // Locks the rows on PostgreSQL; nothing on SQLite, where the writer is alone.
///     LOCKED = "SELECT epoch FROM chats WHERE chat_id = $1 {for update}";
///     // A dialect exception: counted by a test, so say why.
///     SIZE = sqlite "…" postgres "…";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $($kind:ident)? $sql:literal $($kind2:ident $sql2:literal)?;)*) => {
        $($(#[$meta])* static $name: $crate::Statement =
            $crate::statements!(@one $name $($kind)? $sql $($kind2 $sql2)?);)*

        /// Every statement of this noun.
        pub(crate) static STATEMENTS: &[&$crate::Statement] = &[$(&$name),*];
    };
    (@one $name:ident $sql:literal) => {
        $crate::Statement::portable(concat!(module_path!(), "::", stringify!($name)), $sql)
    };
    (@one $name:ident sqlite $sqlite:literal postgres $postgres:literal) => {
        $crate::Statement::exception(
            concat!(module_path!(), "::", stringify!($name)),
            $sqlite,
            $postgres,
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_follows_the_fixed_parameters() {
        let template = "SELECT 1 FROM t WHERE (a = $1 AND b IN ({list})) OR (b = $1 AND a IN ({list}))";
        assert_eq!(
            expand(template, Dialect::Postgres, 4),
            "SELECT 1 FROM t WHERE (a = $1 AND b IN ($2, $3, $4, $5)) OR (b = $1 AND a IN ($2, $3, $4, $5))"
        );
    }

    #[test]
    fn rows_are_numbered_through() {
        assert_eq!(
            expand("INSERT INTO t VALUES {rows:2} RETURNING a", Dialect::Sqlite, 2),
            "INSERT INTO t VALUES (?1, ?2), (?3, ?4) RETURNING a"
        );
    }

    #[test]
    fn row_locks_are_for_postgres_alone() {
        assert_eq!(expand("SELECT 1 {for update}", Dialect::Sqlite, 1), "SELECT 1 ");
        assert_eq!(expand("SELECT 1 {for update}", Dialect::Postgres, 1), "SELECT 1 FOR NO KEY UPDATE");
    }

    #[test]
    fn chunks_cover_everything_once() {
        for rows in 0..300 {
            let mut next = 0;
            for (from, chunk) in chunks(rows) {
                assert_eq!(from, next);
                next += CHUNKS[chunk];
            }
            assert_eq!(next, rows);
        }
    }
}
