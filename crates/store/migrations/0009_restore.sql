-- Commits that nobody else can follow are taken back.

-- The kept state is that before the first commit that nobody but its maker has confirmed. All null: there is none.
ALTER TABLE chat_groups ADD COLUMN previous_epoch INT8;
ALTER TABLE chat_groups ADD COLUMN unconfirmed_seq INT8;
ALTER TABLE chat_groups ADD COLUMN unconfirmed_by ID;
-- What these commits changed in other tables (postcard).
ALTER TABLE chat_groups ADD COLUMN undo BYTES;

-- Entries that were taken back stay in the log; their numbers may be used again.
ALTER TABLE log_entries ADD COLUMN is_void BOOL NOT NULL DEFAULT FALSE;
DROP INDEX log_entries_once;
CREATE UNIQUE INDEX log_entries_once ON log_entries (chat_id, sender_device, kind, client_seq) WHERE is_void = FALSE;

-- Devices that could not follow the first unconfirmed commit of a chat.
CREATE TABLE commit_reports (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    seq INT8 NOT NULL,
    device_id ID NOT NULL,
    account_id ID NOT NULL,
    reported_at INT8 NOT NULL,
    -- That of the epoch before the commit, as the device has it.
    group_info BYTES,
    PRIMARY KEY (chat_id, seq, device_id)
);

-- Accounts whose commit in a chat was taken back.
CREATE TABLE chat_suspensions (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    account_id ID NOT NULL,
    -- The log entry that says so.
    seq INT8 NOT NULL,
    suspended_at INT8 NOT NULL,
    PRIMARY KEY (chat_id, account_id)
);
