//! Who is in a chat.

use doorpost_model::{AccountId, ChatId, InviteId, TimeMs, chat::Role};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::store::{StoreError, id_column, text_column, to_text};

/// A row of who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberRow {
    pub(crate) account_id: AccountId,
    pub(crate) role: Role,
    pub(crate) joined_at: TimeMs,
    pub(crate) invite_id: Option<InviteId>,
    /// The name of the page that they speak for here, as the server says.
    pub(crate) speaks_for: Option<String>,
}

/// Who is in, hosts first, then by time.
pub(crate) fn members(connection: &Connection, chat_id: ChatId) -> Result<Vec<MemberRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT account_id, role, joined_at, invite_id, speaks_for FROM member WHERE chat_id = ?1 \
         ORDER BY role, joined_at, account_id",
    )?;
    let rows = statement.query_map([chat_id.as_bytes()], |row| {
        let invite_id: Option<[u8; 16]> = row.get(3)?;
        Ok(MemberRow {
            account_id: id_column!(AccountId, row, 0),
            role: text_column(row, 1)?,
            joined_at: TimeMs(row.get(2)?),
            invite_id: invite_id.map(InviteId::from_bytes),
            speaks_for: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn put_member(connection: &Connection, chat_id: ChatId, member: &MemberRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO member (chat_id, account_id, role, joined_at, invite_id) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (chat_id, account_id) DO UPDATE SET role = excluded.role",
        )?
        .execute(params![
            chat_id.as_bytes(),
            member.account_id.as_bytes(),
            to_text(&member.role),
            member.joined_at.0,
            member.invite_id.as_ref().map(InviteId::as_bytes),
        ])?;
    Ok(())
}

/// When somebody came in and which page they speak for, as the server says: known members alone.
pub(crate) fn set_member_said(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
    joined_at: TimeMs,
    speaks_for: Option<&str>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE member SET joined_at = ?3, speaks_for = ?4 WHERE chat_id = ?1 AND account_id = ?2")?
        .execute(params![chat_id.as_bytes(), account_id.as_bytes(), joined_at.0, speaks_for])?;
    Ok(())
}

/// The name of the page that a host speaks for.
pub(crate) fn speaks_for(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
) -> Result<Option<String>, StoreError> {
    let found = connection
        .prepare_cached("SELECT speaks_for FROM member WHERE chat_id = ?1 AND account_id = ?2 AND role = ?3")?
        .query_row(params![chat_id.as_bytes(), account_id.as_bytes(), to_text(&Role::Host)], |row| row.get(0))
        .optional()?;
    Ok(found.flatten())
}

pub(crate) fn delete_member(connection: &Connection, chat_id: ChatId, account_id: AccountId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM member WHERE chat_id = ?1 AND account_id = ?2")?
        .execute(params![chat_id.as_bytes(), account_id.as_bytes()])?;
    Ok(())
}

pub(crate) fn clear_members(connection: &Connection, chat_id: ChatId) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM member WHERE chat_id = ?1")?.execute([chat_id.as_bytes()])?;
    Ok(())
}

/// Counts the rows of members into the chat's own.
pub(crate) fn count_members(connection: &Connection, chat_id: ChatId) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE chat SET member_count = (SELECT COUNT(*) FROM member m WHERE m.chat_id = chat.chat_id) WHERE chat_id = ?1",
        )?
        .execute([chat_id.as_bytes()])?;
    Ok(())
}
