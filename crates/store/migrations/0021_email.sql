-- Mail: accounts' addresses, what waits to be mailed, and what was asked for lately.

CREATE TABLE emails (
    account_id ID NOT NULL PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
    -- Where digests go. Null: none is confirmed.
    address TEXT,
    -- The address that is to be confirmed.
    pending TEXT,
    -- SHA-256 of the code that was mailed there, until when it is good, and how often a wrong one was given.
    code_hash BYTES,
    code_until INT8,
    tries INT8 NOT NULL,
    -- off, daily or weekly; at this hour of the day in this time zone.
    frequency TEXT NOT NULL,
    hour INT8 NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    -- Ends the digests without a session; made anew with each address.
    token BYTES NOT NULL,
    -- What happened until then was in a digest.
    told_until INT8 NOT NULL
);
CREATE UNIQUE INDEX emails_by_token ON emails (token);

-- What waits to be mailed, one row for each account and kind; what it says is made when it is sent.
CREATE TABLE mails (
    account_id ID NOT NULL REFERENCES emails (account_id) ON DELETE CASCADE,
    -- code or digest
    kind TEXT NOT NULL,
    due_at INT8 NOT NULL,
    -- How often sending it was tried, and since when.
    attempts INT8 NOT NULL,
    since INT8 NOT NULL,
    PRIMARY KEY (account_id, kind)
);
CREATE INDEX mails_due ON mails (due_at);

-- Codes that were asked for within a day. They outlast the account, so that a new one has no new count.
CREATE TABLE mail_codes (
    -- Of the address, with this server's identity.
    address_hash BYTES NOT NULL,
    account_id ID NOT NULL,
    asked_at INT8 NOT NULL
);
CREATE INDEX mail_codes_by_address ON mail_codes (address_hash, asked_at);
CREATE INDEX mail_codes_by_account ON mail_codes (account_id, asked_at);
CREATE INDEX mail_codes_by_age ON mail_codes (asked_at);
