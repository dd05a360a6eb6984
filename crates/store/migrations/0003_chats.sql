-- Chats: members and their devices, one log per chat, the public group, requests to come in, welcomes.

CREATE TABLE chats (
    chat_id ID NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    created_by ID NOT NULL,
    created_at INT8 NOT NULL,
    -- The group's epoch: compared and set by every commit.
    epoch INT8 NOT NULL,
    -- Sequence of the newest entry of the log. Whoever counts it up holds the chat until the end of the transaction.
    last_seq INT8 NOT NULL,
    -- People, hosts included.
    member_count INT8 NOT NULL,
    -- Of the policy's settings: nobody but hosts writes; others send at a slow pace.
    only_hosts_write BOOL NOT NULL DEFAULT FALSE,
    is_slow BOOL NOT NULL DEFAULT FALSE,
    -- Of a chat of two: who asked the other to write with them, until that is accepted.
    request_by ID,
    -- Of a chat of two: one blocks the other, or it has ended. Nobody writes.
    is_closed BOOL NOT NULL DEFAULT FALSE
);

-- The delivery service's view of the group, of the chat's present epoch and of the one before.
CREATE TABLE chat_groups (
    chat_id ID NOT NULL PRIMARY KEY REFERENCES chats (chat_id),
    epoch INT8 NOT NULL,
    snapshot BYTES NOT NULL,
    group_info BYTES NOT NULL,
    previous_snapshot BYTES,
    previous_group_info BYTES
);

CREATE TABLE chat_members (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    account_id ID NOT NULL,
    -- host or member
    role TEXT NOT NULL,
    -- Null for those who came in without an invite.
    invite_id ID,
    joined_seq INT8 NOT NULL,
    joined_at INT8 NOT NULL,
    read_seq INT8 NOT NULL,
    PRIMARY KEY (chat_id, account_id)
);
CREATE INDEX chat_members_by_account ON chat_members (account_id, chat_id);

-- Devices that are leaves of the group and whose account is a member.
CREATE TABLE chat_devices (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    device_id ID NOT NULL,
    account_id ID NOT NULL,
    joined_seq INT8 NOT NULL,
    PRIMARY KEY (chat_id, device_id)
);
CREATE INDEX chat_devices_by_device ON chat_devices (device_id, chat_id);
CREATE INDEX chat_devices_by_account ON chat_devices (chat_id, account_id);

-- Accounts that the chat's policy keeps out.
CREATE TABLE chat_removals (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    account_id ID NOT NULL,
    removed_by ID NOT NULL,
    removed_at INT8 NOT NULL,
    PRIMARY KEY (chat_id, account_id)
);

-- Accounts that left and whose leaves are still in the group.
CREATE TABLE leave_notes (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    account_id ID NOT NULL,
    -- The seat that comes free once the leaves are out.
    invite_id ID,
    -- A LeaveNote in postcard.
    note BYTES NOT NULL,
    left_at INT8 NOT NULL,
    PRIMARY KEY (chat_id, account_id)
);

CREATE TABLE log_entries (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    seq INT8 NOT NULL,
    -- message or commit
    kind TEXT NOT NULL,
    -- The epoch the entry was made in.
    epoch INT8 NOT NULL,
    sender_account ID NOT NULL,
    sender_device ID NOT NULL,
    -- The sender's own number; of a commit its epoch.
    client_seq INT8 NOT NULL,
    at INT8 NOT NULL,
    payload BYTES NOT NULL,
    PRIMARY KEY (chat_id, seq)
);
CREATE UNIQUE INDEX log_entries_once ON log_entries (chat_id, sender_device, kind, client_seq);

CREATE TABLE join_requests (
    request_id ID NOT NULL PRIMARY KEY,
    invite_id ID NOT NULL,
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    account_id ID NOT NULL,
    device_id ID NOT NULL,
    -- requested, admitted, joined, declined, withdrawn or expired
    state TEXT NOT NULL,
    key_package BYTES NOT NULL,
    -- The nonce of the key package's ticket.
    nonce BYTES NOT NULL,
    -- SealedAnswers in postcard, where the invite asked something: the server cannot read them.
    answers BYTES,
    asked_at INT8 NOT NULL,
    -- When it came into its present state.
    state_at INT8 NOT NULL,
    -- Requested: when the ticket runs out. Admitted: when the seat is given back. Null otherwise.
    expires_at INT8,
    -- An Approval in postcard, once a host has admitted it.
    approval BYTES,
    -- full, not_now, does_not_fit or other; of a declined request whose host said why.
    decline_reason TEXT
);
CREATE UNIQUE INDEX join_requests_under_way ON join_requests (invite_id, account_id) WHERE state IN ('requested', 'admitted');
CREATE INDEX join_requests_by_account ON join_requests (account_id, invite_id, asked_at);
CREATE INDEX join_requests_by_chat ON join_requests (chat_id, state, asked_at, request_id);
CREATE INDEX join_requests_by_invite ON join_requests (invite_id, state);
CREATE INDEX join_requests_expiring ON join_requests (expires_at) WHERE state IN ('requested', 'admitted');

-- The welcome and the tree of one commit, shared by all whom it added.
CREATE TABLE welcome_commits (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    -- The epoch that the commit began.
    epoch INT8 NOT NULL,
    seq INT8 NOT NULL,
    at INT8 NOT NULL,
    welcome BYTES NOT NULL,
    ratchet_tree BYTES NOT NULL,
    PRIMARY KEY (chat_id, epoch)
);
CREATE INDEX welcome_commits_by_age ON welcome_commits (at);

CREATE TABLE welcomes (
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    device_id ID NOT NULL,
    epoch INT8 NOT NULL,
    -- When the device was first given it; null before.
    taken_at INT8,
    PRIMARY KEY (chat_id, device_id)
);
CREATE INDEX welcomes_by_epoch ON welcomes (chat_id, epoch);
