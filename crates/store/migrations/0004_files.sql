-- Files in chats: what is known of each. Their ciphertext is kept beside the database.

CREATE TABLE files (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    file_id ID NOT NULL,
    -- Who uploads it.
    account_id ID NOT NULL,
    -- Bytes of the ciphertext, and how many of them are there.
    size_bytes INT8 NOT NULL,
    received_bytes INT8 NOT NULL,
    created_at INT8 NOT NULL,
    -- When the last byte came; null before.
    completed_at INT8,
    -- Nobody gets it any more, and its ciphertext is about to be deleted.
    removed BOOL NOT NULL,
    -- When its time is over, where its uploader said so.
    expires_at INT8,
    PRIMARY KEY (chat_id, file_id)
);
CREATE INDEX files_by_account ON files (account_id);
CREATE INDEX files_under_way ON files (created_at) WHERE completed_at IS NULL;
CREATE INDEX files_by_age ON files (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL;
