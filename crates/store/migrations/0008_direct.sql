-- Chats of two, and the key packages that devices leave for those who write to them while they are away.

CREATE TABLE direct_chats (
    chat_id ID NOT NULL PRIMARY KEY REFERENCES chats (chat_id),
    -- The two accounts, the lower id first.
    low_id ID NOT NULL,
    high_id ID NOT NULL,
    made_by ID NOT NULL,
    -- The other one does not want it.
    declined BOOL NOT NULL,
    -- One of the two has another identity since, and is not in it any more: the pair may make another.
    ended BOOL NOT NULL,
    -- The chat's door secret, sealed to the other one.
    sealed_door BYTES NOT NULL,
    -- Key packages that were given out for it.
    claims INT8 NOT NULL,
    created_at INT8 NOT NULL
);
CREATE UNIQUE INDEX direct_chats_of_pair ON direct_chats (low_id, high_id) WHERE NOT ended;
CREATE INDEX direct_chats_by_low ON direct_chats (low_id, high_id);
CREATE INDEX direct_chats_by_high ON direct_chats (high_id);

CREATE TABLE key_packages (
    device_id ID NOT NULL REFERENCES devices (device_id),
    -- Counts up; 0 is the last resort, which stays when it is given out.
    number INT8 NOT NULL,
    key_package BYTES NOT NULL,
    expires_at INT8 NOT NULL,
    PRIMARY KEY (device_id, number)
);
