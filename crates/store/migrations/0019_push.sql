-- Pushes to browsers, and what accounts want to be told of.

-- As JSON; of an account without a row, what is usual.
CREATE TABLE notification_settings (
    account_id ID NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    settings TEXT NOT NULL
);

-- The key by which push services know this server (RFC 8292).
CREATE TABLE push_keys (
    -- One row.
    singleton INT8 NOT NULL PRIMARY KEY CHECK (singleton = 1),
    secret BYTES NOT NULL,
    created_at INT8 NOT NULL
);

-- Where browsers get pushes; gone with the session.
CREATE TABLE push_subscriptions (
    endpoint TEXT NOT NULL PRIMARY KEY,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    session_id ID NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    -- The browser's public key and its secret (RFC 8291).
    p256dh BYTES NOT NULL,
    auth BYTES NOT NULL,
    created_at INT8 NOT NULL
);
CREATE INDEX push_subscriptions_by_account ON push_subscriptions (account_id, created_at);
CREATE INDEX push_subscriptions_by_session ON push_subscriptions (session_id);

-- What waits to be pushed, one row for each account and source: what comes meanwhile is one push.
CREATE TABLE pushes (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- A person's, a post's, a group's or a chat's.
    source_id ID NOT NULL,
    -- A notification's kind; null: messages in the chat that is the source.
    kind TEXT,
    -- The newest that waits.
    notification_id ID,
    -- How many wait as one, and how often sending them was tried.
    waiting INT8 NOT NULL,
    attempts INT8 NOT NULL,
    -- Null: nothing waits.
    due_at INT8,
    -- Pushes that were sent since a time that is at most an hour ago.
    window_at INT8 NOT NULL,
    sent INT8 NOT NULL,
    PRIMARY KEY (account_id, source_id)
);
CREATE INDEX pushes_due ON pushes (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX pushes_idle ON pushes (window_at) WHERE due_at IS NULL;
