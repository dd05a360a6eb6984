-- The local store of one account on one device. Ids are 16 bytes, times milliseconds since 1970.

CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL,
  -- Of name and value: SQLite does not notice a bit that flips inside a row.
  checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- State of the group engine; keys and values are its own.
CREATE TABLE mls (
  key BLOB NOT NULL PRIMARY KEY,
  value BLOB NOT NULL,
  checksum BLOB NOT NULL
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
  -- This device's next number for a message of the chat, and its checksum: a number must not be used twice.
  next_client_seq INTEGER NOT NULL,
  next_client_seq_sum BLOB NOT NULL,
  -- The chat's door, and the account's ticket (postcard).
  door BLOB,
  -- Of the door: whoever comes in by a wrong one is taken for a liar.
  door_sum BLOB,
  ticket BLOB,
  -- The server's keyring does not have them yet.
  keyring_dirty INTEGER NOT NULL,
  -- Somebody's name is not known.
  people_dirty INTEGER NOT NULL,
  -- Why the chat stands still.
  warning TEXT,
  -- The commit that this device could not follow, while it is not clear what becomes of it.
  refused_seq INTEGER,
  -- The entry that began the epoch this device is in.
  epoch_seq INTEGER NOT NULL,
  -- No notice of it before then; a far one is for good.
  muted_until INTEGER,
  -- The place of the last receipt that was sent, and what the account chose about them (none: as the rule says).
  receipt_seq INTEGER NOT NULL,
  receipts INTEGER,
  -- What its hosts settled, and what they call it (postcard).
  settings BLOB NOT NULL,
  profile BLOB,
  -- When this account last wrote a message, by this device's clock.
  wrote_at INTEGER,
  -- Of a chat of two: with whom, and how it stands (JSON); and the other account's id.
  direct TEXT,
  direct_with BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  account_id BLOB NOT NULL PRIMARY KEY,
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The first identity key seen, or the one last shown as changed; and the one the account has compared in person.
  identity_key BLOB,
  verified_key BLOB
) STRICT, WITHOUT ROWID;

-- Who is in a chat, as its tree says.
CREATE TABLE member (
  chat_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  role TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  invite_id BLOB,
  -- The log's time of their last message.
  wrote_at INTEGER,
  PRIMARY KEY (chat_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  chat_id BLOB NOT NULL,
  local_id TEXT NOT NULL,
  -- Its place in the log, then within the entry. None while it waits to be sent.
  seq INTEGER,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sender BLOB,
  -- Account ids, 16 bytes each.
  people BLOB NOT NULL,
  -- What is shown of it, after edits.
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- pending, sent, failed
  state TEXT NOT NULL,
  mine INTEGER NOT NULL,
  -- What other messages call it, and its plaintext as it was sent. None for what the log alone says.
  message_id BLOB,
  content BLOB,
  mentions_me INTEGER NOT NULL,
  -- Place of the edit that is shown; of the end of a poll. 0 for one that waits to be sent.
  edited_seq INTEGER,
  closed_seq INTEGER,
  -- Forgotten from then on.
  expires_at INTEGER,
  -- What a host changed (JSON).
  changes TEXT,
  -- Whose word it is that this was said: of a message from before this device came in.
  vouched_by BLOB,
  UNIQUE (chat_id, local_id)
) STRICT;
CREATE INDEX message_by_seq ON message (chat_id, seq, ordinal);
CREATE UNIQUE INDEX message_by_id ON message (chat_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_by_expiry ON message (expires_at) WHERE expires_at IS NOT NULL;

-- Words of the messages that can be searched for, by message.id.
CREATE VIRTUAL TABLE message_text USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
CREATE TRIGGER message_text_inserted AFTER INSERT ON message WHEN new.message_id IS NOT NULL AND new.text <> '' BEGIN
  INSERT INTO message_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_text_updated AFTER UPDATE OF text, message_id ON message BEGIN
  DELETE FROM message_text WHERE rowid = old.id;
  INSERT INTO message_text (rowid, text) SELECT new.id, new.text WHERE new.message_id IS NOT NULL AND new.text <> '';
END;
CREATE TRIGGER message_text_deleted AFTER DELETE ON message BEGIN
  DELETE FROM message_text WHERE rowid = old.id;
END;

-- Emoji on messages. A row that was taken back stays, so that an older word cannot bring it back.
CREATE TABLE reaction (
  chat_id BLOB NOT NULL,
  message_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  emoji TEXT NOT NULL,
  present INTEGER NOT NULL,
  PRIMARY KEY (chat_id, message_id, account_id, emoji)
) STRICT, WITHOUT ROWID;

-- Choices in polls: a byte each.
CREATE TABLE vote (
  chat_id BLOB NOT NULL,
  message_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  choices BLOB NOT NULL,
  PRIMARY KEY (chat_id, message_id, account_id)
) STRICT, WITHOUT ROWID;

-- Messages on top of a chat.
CREATE TABLE pin (
  chat_id BLOB NOT NULL,
  message_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;

-- How far others have read.
CREATE TABLE receipt (
  chat_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (chat_id, account_id)
) STRICT, WITHOUT ROWID;

-- What was begun and not sent.
CREATE TABLE draft (
  chat_id BLOB NOT NULL PRIMARY KEY,
  text TEXT NOT NULL,
  reply_to BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  chat_id BLOB NOT NULL,
  client_seq INTEGER NOT NULL,
  -- The message it is, or none for a word about another message.
  local_id TEXT,
  content BLOB NOT NULL,
  -- The ciphertext and the epoch it was made in, once made.
  payload BLOB,
  epoch INTEGER NOT NULL,
  -- waiting; held, for a file; sent, until the log shows it; confirmed, should its entry become void; failed, until
  -- somebody asks for it again
  state TEXT NOT NULL,
  -- Of a word that the server has: its place in the log, and the message it is about.
  seq INTEGER,
  target BLOB,
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

-- Files that messages have.
CREATE TABLE message_file (
  chat_id BLOB NOT NULL,
  message_id BLOB NOT NULL,
  file_id BLOB NOT NULL,
  PRIMARY KEY (chat_id, message_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_file_by_file ON message_file (file_id);

-- Files that the server does not have all of yet, and the messages that wait for them.
CREATE TABLE upload (
  file_id BLOB NOT NULL PRIMARY KEY,
  chat_id BLOB NOT NULL,
  local_id TEXT NOT NULL,
  -- Bytes of the ciphertext.
  size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_by_message ON upload (chat_id, local_id);

-- Ciphertext beside this store: of files being sent, and of those that were read.
CREATE TABLE blob (
  file_id BLOB NOT NULL PRIMARY KEY,
  -- SHA-256 of all of it, as the message says it.
  digest BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What messages said, until it is in a segment of the backup.
CREATE TABLE backup_entry (
  id INTEGER PRIMARY KEY,
  chat_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  -- BackupEntry (postcard).
  entry BLOB NOT NULL,
  -- Disappears from then on.
  expires_at INTEGER,
  UNIQUE (chat_id, seq)
) STRICT;

-- Segments of the backup that the server does not have yet.
CREATE TABLE backup_segment (
  number INTEGER NOT NULL PRIMARY KEY,
  sealed BLOB NOT NULL,
  expires_at INTEGER
) STRICT;

-- What this device may read of the time before it came in, and what has come of it. A chat made here has no row.
CREATE TABLE history (
  chat_id BLOB NOT NULL PRIMARY KEY,
  -- From this entry of the log on nothing is missing here.
  covered_seq INTEGER NOT NULL,
  -- Entries from the one to before the other, at most so many messages; before_seq is 0 where it may read nothing.
  from_seq INTEGER NOT NULL,
  before_seq INTEGER NOT NULL,
  count INTEGER,
  -- Not all of it is here.
  pending INTEGER NOT NULL,
  -- Whose offers were refused (16 bytes each), and how often others were asked for another.
  refused BLOB NOT NULL,
  asks INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Offers to this device that were not read yet (JSON).
CREATE TABLE history_offer (
  chat_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  sender BLOB NOT NULL,
  offer BLOB NOT NULL,
  PRIMARY KEY (chat_id, seq)
) STRICT, WITHOUT ROWID;

-- Words about messages that are not here while history is on its way: they take effect once it has come.
CREATE TABLE orphan (
  chat_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sender BLOB NOT NULL,
  -- The sender was a host then.
  by_host INTEGER NOT NULL,
  plaintext BLOB NOT NULL,
  PRIMARY KEY (chat_id, seq)
) STRICT, WITHOUT ROWID;

-- Devices that came in while this one was in, and what they may read.
CREATE TABLE newcomer (
  chat_id BLOB NOT NULL,
  device_id BLOB NOT NULL,
  account_id BLOB NOT NULL,
  from_seq INTEGER NOT NULL,
  before_seq INTEGER NOT NULL,
  count INTEGER,
  -- From this entry on it was offered all there is; none before the first offer.
  offered_seq INTEGER,
  -- It was offered all it may read.
  complete INTEGER NOT NULL,
  -- This device let it in.
  let_in_here INTEGER NOT NULL,
  -- Whose offers it has refused (16 bytes each).
  refused BLOB NOT NULL,
  PRIMARY KEY (chat_id, device_id)
) STRICT, WITHOUT ROWID;

-- The server's marks on others' messages, by which they can be reported.
CREATE TABLE franked (
  chat_id BLOB NOT NULL,
  -- The message, or the one that was edited.
  message_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  sender BLOB NOT NULL,
  at INTEGER NOT NULL,
  mark BLOB NOT NULL,
  -- Of an edit: what it says.
  plaintext BLOB,
  PRIMARY KEY (chat_id, message_id, seq)
) STRICT, WITHOUT ROWID;
