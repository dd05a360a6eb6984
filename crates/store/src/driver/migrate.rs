//! The schema's versions: which there are, which a database has, and their text for each database.

use sha2::{Digest, Sha256};

use super::{error::StoreError, statement::Dialect};

/// One step of the schema, never changed once released.
pub(super) struct Migration {
    pub(super) version: i64,
    pub(super) name: &'static str,
    text: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            text: include_str!(concat!("../../migrations/", $name, ".sql")),
        }),*]
    };
}

static MIGRATIONS: &[Migration] = migrations![
    1 "0001_accounts",
    2 "0002_posts",
    3 "0003_chats",
    4 "0004_files",
    5 "0005_hosts_keys",
    6 "0006_devices",
    7 "0007_reports",
    8 "0008_direct",
    9 "0009_restore",
    10 "0010_media",
    11 "0011_search",
    12 "0012_stories",
    13 "0013_groups",
    14 "0014_questions",
    15 "0015_comments",
    16 "0016_pages",
    17 "0017_safety",
    18 "0018_notifications",
    19 "0019_push",
    20 "0020_leaving",
    21 "0021_email",
    22 "0022_video",
    23 "0023_watches",
];

/// Keeps track of what was applied; the same words in both dialects.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL
)";
pub(super) const APPLIED: &str = "SELECT version, checksum FROM schema_migrations ORDER BY version";

impl Migration {
    pub(super) fn text(&self, dialect: Dialect) -> String {
        translate(self.text, dialect)
    }

    /// SHA-256 of the neutral text, in hex.
    pub(super) fn checksum(&self) -> String {
        Sha256::digest(self.text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The statement that records it; safe to put together, all of it being this program's own.
    pub(super) fn record(&self) -> String {
        let Self { version, name, .. } = self;
        let checksum = self.checksum();
        format!("INSERT INTO schema_migrations (version, name, checksum) VALUES ({version}, '{name}', '{checksum}')")
    }
}

/// The migrations still to be applied to a database that has `applied` (version, checksum).
pub(super) fn pending(applied: &[(i64, String)]) -> Result<Vec<&'static Migration>, StoreError> {
    let known = MIGRATIONS.last().map_or(0, |last| last.version);
    if let Some((found, _)) = applied.iter().find(|(version, _)| *version > known) {
        return Err(StoreError::NewerSchema { found: *found, known });
    }
    let mut pending = Vec::new();
    for migration in MIGRATIONS {
        match applied.iter().find(|(version, _)| *version == migration.version) {
            None => pending.push(migration),
            Some((_, checksum)) if *checksum == migration.checksum() => {}
            Some(_) => return Err(StoreError::ChangedSchema { version: migration.version }),
        }
    }
    Ok(pending)
}

/// Turns the neutral column types into a database's own. Comments and quoted text stay as they are.
fn translate(text: &str, dialect: Dialect) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let (code, comment) = line.split_once("--").map_or((line, None), |(code, comment)| (code, Some(comment)));
        translate_line(code, dialect, &mut out);
        if let Some(comment) = comment {
            out.push_str("--");
            out.push_str(comment);
        }
        out.push('\n');
    }
    out
}

fn translate_line(code: &str, dialect: Dialect, out: &mut String) {
    match (code.trim_end(), dialect) {
        (");", Dialect::Sqlite) => out.push_str(") STRICT;"),
        (") CLUSTERED;", Dialect::Sqlite) => out.push_str(") STRICT, WITHOUT ROWID;"),
        (") CLUSTERED;", Dialect::Postgres) => out.push_str(");"),
        _ => {
            for (index, piece) in code.split('\'').enumerate() {
                if index % 2 == 1 {
                    out.push('\'');
                    out.push_str(piece);
                    out.push('\'');
                } else {
                    translate_words(piece, dialect, out);
                }
            }
        }
    }
}

fn translate_words(code: &str, dialect: Dialect, out: &mut String) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = code;
    while !rest.is_empty() {
        let word_length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_length);
        out.push_str(match (word, dialect) {
            ("ID", Dialect::Sqlite) => "BLOB",
            ("ID", Dialect::Postgres) => "UUID",
            ("BYTES", Dialect::Sqlite) => "BLOB",
            ("BYTES", Dialect::Postgres) => "BYTEA",
            ("INT8" | "BOOL", Dialect::Sqlite) => "INTEGER",
            ("INT8", Dialect::Postgres) => "BIGINT",
            // Text sorts by code point in both, whatever the server's locale.
            ("TEXT", Dialect::Postgres) => "TEXT COLLATE \"C\"",
            (word, _) => word,
        });
        let gap_length = after.find(is_word).unwrap_or(after.len());
        let (gap, next) = after.split_at(gap_length);
        out.push_str(gap);
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEUTRAL: &str = "CREATE TABLE t ( -- an ID stays here\n    a_ID ID PRIMARY KEY,\n    b BYTES NOT NULL,\n    c INT8,\n    d BOOL NOT NULL DEFAULT FALSE,\n    e TEXT CHECK (e IN ('ID', 'x'))\n) CLUSTERED;\n";

    #[test]
    fn types_are_translated_for_sqlite() {
        assert_eq!(
            translate(NEUTRAL, Dialect::Sqlite),
            "CREATE TABLE t ( -- an ID stays here\n    a_ID BLOB PRIMARY KEY,\n    b BLOB NOT NULL,\n    c INTEGER,\n    d INTEGER NOT NULL DEFAULT FALSE,\n    e TEXT CHECK (e IN ('ID', 'x'))\n) STRICT, WITHOUT ROWID;\n"
        );
    }

    #[test]
    fn types_are_translated_for_postgres() {
        assert_eq!(
            translate(NEUTRAL, Dialect::Postgres),
            "CREATE TABLE t ( -- an ID stays here\n    a_ID UUID PRIMARY KEY,\n    b BYTEA NOT NULL,\n    c BIGINT,\n    d BOOL NOT NULL DEFAULT FALSE,\n    e TEXT COLLATE \"C\" CHECK (e IN ('ID', 'x'))\n);\n"
        );
    }

    #[test]
    fn versions_are_consecutive() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, i64::try_from(index).unwrap() + 1, "{}", migration.name);
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let known = i64::try_from(MIGRATIONS.len()).unwrap();
        let applied = vec![(known + 1, String::new())];
        assert_eq!(pending(&applied).err(), Some(StoreError::NewerSchema { found: known + 1, known }));
    }

    #[test]
    fn a_migration_that_was_changed_is_noticed() {
        assert_eq!(pending(&[(1, "00".to_owned())]).err(), Some(StoreError::ChangedSchema { version: 1 }));
    }
}
