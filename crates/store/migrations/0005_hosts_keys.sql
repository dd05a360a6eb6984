-- Answers that the hosts of a chat alone can read.

-- Keys that applicants seal their answers to, the newest version of a chat being the one in use.
CREATE TABLE hosts_keys (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    version INT8 NOT NULL,
    -- X25519 public key.
    public_key BYTES NOT NULL,
    -- The host who vouches for it, with their identity key.
    host_id ID NOT NULL,
    host_identity_key BYTES NOT NULL,
    signature BYTES NOT NULL,
    door_tag BYTES NOT NULL,
    created_at INT8 NOT NULL,
    PRIMARY KEY (chat_id, version)
);

-- The secret half of each, sealed to the hosts' accounts.
CREATE TABLE hosts_key_copies (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    version INT8 NOT NULL,
    account_id ID NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (chat_id, version, account_id)
);
CREATE INDEX hosts_key_copies_by_account ON hosts_key_copies (account_id, chat_id);

-- Secrets of invites with a chosen audience, sealed to those in it: the server holds no other copy.
CREATE TABLE invite_copies (
    invite_id ID NOT NULL REFERENCES invites (invite_id),
    account_id ID NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (invite_id, account_id)
);
CREATE INDEX invite_copies_by_account ON invite_copies (account_id);
