-- Devices that are being linked, devices that were revoked, and what devices deposit for after they are gone.

-- Devices that wait to be linked to an account.
CREATE TABLE device_links (
    link_id ID NOT NULL PRIMARY KEY,
    -- SHA-256 of what the waiting device alone has.
    claim_hash BYTES NOT NULL,
    -- Once one of the account's devices has handed over: whose, and what, sealed to the waiting device.
    account_id ID REFERENCES accounts (account_id),
    sealed BYTES,
    expires_at INT8 NOT NULL
);
CREATE INDEX device_links_by_expiry ON device_links (expires_at);

-- Revoked devices whose leaves are still in a group.
CREATE TABLE device_removals (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    device_id ID NOT NULL,
    account_id ID NOT NULL,
    -- A DeviceRevocation in postcard.
    revocation BYTES NOT NULL,
    revoked_at INT8 NOT NULL,
    PRIMARY KEY (chat_id, device_id)
);

-- Accounts with a backup.
CREATE TABLE backups (
    account_id ID NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    began_at INT8 NOT NULL,
    -- Ciphertext in its segments.
    size_bytes INT8 NOT NULL
);

-- How far each device's chain of segments goes.
CREATE TABLE backup_chains (
    account_id ID NOT NULL REFERENCES backups (account_id) ON DELETE CASCADE,
    device_id ID NOT NULL,
    next_number INT8 NOT NULL,
    PRIMARY KEY (account_id, device_id)
);

-- Segments, as ciphertext.
CREATE TABLE backup_segments (
    account_id ID NOT NULL REFERENCES backups (account_id) ON DELETE CASCADE,
    device_id ID NOT NULL,
    number INT8 NOT NULL,
    sealed BYTES NOT NULL,
    -- Deleted from then on.
    expires_at INT8,
    PRIMARY KEY (account_id, device_id, number)
);
CREATE INDEX backup_segments_expiring ON backup_segments (expires_at) WHERE expires_at IS NOT NULL;
