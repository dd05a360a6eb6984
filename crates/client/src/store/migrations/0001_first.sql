-- The local store of one account on one device. Ids are 16 bytes, times milliseconds since 1970.

CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- State of the group engine; keys and values are its own.
CREATE TABLE mls (
  key BLOB NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chat (
  chat_id BLOB NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  -- host, member
  role TEXT NOT NULL,
  -- joining, ready, recovering, left, removed
  state TEXT NOT NULL,
  member_count INTEGER NOT NULL,
  waiting_count INTEGER NOT NULL,
  -- Entries up to here have been taken from the log.
  cursor_seq INTEGER NOT NULL,
  -- Messages up to here have been read by the account; the server has not been told yet if read_dirty.
  read_seq INTEGER NOT NULL,
  read_dirty INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  -- This device's next number for a message of the chat.
  next_client_seq INTEGER NOT NULL,
  -- The chat's door secret, its number in the policy, and the account's ticket (postcard).
  door BLOB,
  door_version INTEGER NOT NULL,
  ticket BLOB,
  -- The server's keyring does not have them yet.
  keyring_dirty INTEGER NOT NULL,
  -- Somebody's name is not known.
  people_dirty INTEGER NOT NULL,
  -- Why the chat stands still.
  warning TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  account_id BLOB NOT NULL PRIMARY KEY,
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The first identity key seen, or the one last shown as changed.
  identity_key BLOB
) STRICT, WITHOUT ROWID;

-- Who is in a chat, as its tree says.
CREATE TABLE member (
  chat_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  role TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  invite_id BLOB,
  PRIMARY KEY (chat_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  chat_id BLOB NOT NULL,
  local_id TEXT NOT NULL,
  -- Its place in the log, then within the entry. None while it waits to be sent.
  seq INTEGER,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sender BLOB,
  -- Account ids, 16 bytes each.
  people BLOB NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- pending, sent, failed
  state TEXT NOT NULL,
  mine INTEGER NOT NULL,
  PRIMARY KEY (chat_id, local_id)
) STRICT;
CREATE INDEX message_by_seq ON message (chat_id, seq, ordinal);

CREATE TABLE outbox (
  chat_id BLOB NOT NULL,
  client_seq INTEGER NOT NULL,
  local_id TEXT NOT NULL,
  -- The ciphertext and the epoch it was made in, once made.
  payload BLOB,
  epoch INTEGER NOT NULL,
  -- Given up until somebody asks for it again.
  failed INTEGER NOT NULL,
  PRIMARY KEY (chat_id, client_seq)
) STRICT, WITHOUT ROWID;

-- Ways into chats that are under way.
CREATE TABLE pending_join (
  invite_id BLOB NOT NULL PRIMARY KEY,
  chat_id BLOB NOT NULL,
  request_id BLOB,
  door BLOB NOT NULL,
  ticket BLOB NOT NULL,
  key_package BLOB NOT NULL,
  key_package_reference BLOB NOT NULL,
  key_package_expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests a host has looked at: what an approval is bound to.
CREATE TABLE queued_request (
  request_id BLOB NOT NULL PRIMARY KEY,
  chat_id BLOB NOT NULL,
  key_package BLOB NOT NULL
) STRICT, WITHOUT ROWID;
