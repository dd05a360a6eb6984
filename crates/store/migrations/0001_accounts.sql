-- The server itself, accounts, sign-in, devices, and how people stand to each other.
-- Neutral column types: ID (16 bytes), BYTES, INT8, BOOL, TEXT. See the crate's documentation.

CREATE TABLE realm (
    -- One row.
    singleton INT8 NOT NULL PRIMARY KEY CHECK (singleton = 1),
    realm_id ID NOT NULL,
    created_at INT8 NOT NULL
);

CREATE TABLE accounts (
    account_id ID NOT NULL PRIMARY KEY,
    -- Lower case by its rules, so unique means unique whatever the case.
    handle TEXT NOT NULL UNIQUE CHECK (handle = lower(handle)),
    name TEXT NOT NULL,
    -- What others read on the profile.
    about TEXT NOT NULL,
    -- Search and suggestions show it to people it is not connected with.
    findable BOOL NOT NULL,
    is_operator BOOL NOT NULL,
    -- Argon2id, in PHC form, of the proof that the device derives from the password.
    password_hash TEXT,
    identity_key BYTES,
    sealing_key BYTES,
    -- By the identity key.
    sealing_signature BYTES,
    created_at INT8 NOT NULL
);
-- The first account is the operator, and there is one first account.
CREATE UNIQUE INDEX accounts_operator ON accounts (is_operator) WHERE is_operator;

CREATE TABLE devices (
    device_id ID NOT NULL PRIMARY KEY,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    name TEXT NOT NULL,
    -- The device's credential, signed by the account's identity.
    credential BYTES NOT NULL,
    -- Ed25519 public key of its MLS leaf. The row stays when the device is revoked.
    signature_key BYTES NOT NULL,
    created_at INT8 NOT NULL,
    revoked_at INT8
);
CREATE INDEX devices_by_account ON devices (account_id, created_at);

CREATE TABLE sessions (
    session_id ID NOT NULL PRIMARY KEY,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- SHA-256 of the token; the token itself is kept nowhere.
    token_hash BYTES NOT NULL UNIQUE,
    -- The device it speaks for, once it has said which.
    device_id ID REFERENCES devices (device_id),
    created_at INT8 NOT NULL,
    last_used_at INT8 NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id, last_used_at);
CREATE INDEX sessions_by_use ON sessions (last_used_at);
CREATE INDEX sessions_by_device ON sessions (device_id);

CREATE TABLE passkeys (
    passkey_id ID NOT NULL PRIMARY KEY,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- WebAuthn's credential id.
    credential_id BYTES NOT NULL UNIQUE,
    -- The credential with its public key and counter, as the library keeps it.
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INT8 NOT NULL,
    last_used_at INT8
);
CREATE INDEX passkeys_by_account ON passkeys (account_id, created_at);

-- WebAuthn ceremonies under way.
CREATE TABLE ceremonies (
    ceremony_id ID NOT NULL PRIMARY KEY,
    -- What the server must remember of it.
    state TEXT NOT NULL,
    expires_at INT8 NOT NULL
);
CREATE INDEX ceremonies_by_expiry ON ceremonies (expires_at);

-- The account's secrets, sealed on a device, once for each way to unlock them.
CREATE TABLE vault_entries (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    method TEXT NOT NULL,
    unlock_id BYTES NOT NULL,
    sealed BYTES NOT NULL,
    updated_at INT8 NOT NULL,
    PRIMARY KEY (account_id, method, unlock_id)
);

-- What another device of the account needs to come into a chat, sealed.
CREATE TABLE keyring (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    chat_id ID NOT NULL,
    sealed BYTES NOT NULL,
    updated_at INT8 NOT NULL,
    PRIMARY KEY (account_id, chat_id)
);

CREATE TABLE registration_codes (
    code TEXT NOT NULL PRIMARY KEY,
    created_by ID NOT NULL REFERENCES accounts (account_id),
    created_at INT8 NOT NULL,
    used_by ID REFERENCES accounts (account_id),
    used_at INT8
);
CREATE INDEX registration_codes_by_time ON registration_codes (created_at);

-- Two rows a pair, each as one side sees the other: every question is then about one primary key.
CREATE TABLE connections (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    other_id ID NOT NULL REFERENCES accounts (account_id),
    -- requested (by the account), incoming (from the other), connected
    state TEXT NOT NULL CHECK (state IN ('requested', 'incoming', 'connected')),
    since INT8 NOT NULL,
    PRIMARY KEY (account_id, other_id)
) CLUSTERED;
CREATE INDEX connections_by_time ON connections (account_id, since, other_id);

CREATE TABLE blocks (
    blocker_id ID NOT NULL REFERENCES accounts (account_id),
    blocked_id ID NOT NULL REFERENCES accounts (account_id),
    since INT8 NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
) CLUSTERED;
CREATE INDEX blocks_by_blocked ON blocks (blocked_id, blocker_id);

CREATE TABLE lists (
    list_id ID NOT NULL PRIMARY KEY,
    owner_id ID NOT NULL REFERENCES accounts (account_id),
    name TEXT NOT NULL,
    created_at INT8 NOT NULL,
    UNIQUE (owner_id, name)
);

CREATE TABLE list_members (
    list_id ID NOT NULL REFERENCES lists (list_id) ON DELETE CASCADE,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    added_at INT8 NOT NULL,
    PRIMARY KEY (list_id, account_id)
) CLUSTERED;
CREATE INDEX list_members_by_account ON list_members (account_id, list_id);
