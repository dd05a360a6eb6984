-- Notifications: what happened that concerns an account.

CREATE TABLE notifications (
    notification_id ID NOT NULL PRIMARY KEY,
    -- Who is told.
    account_id ID NOT NULL REFERENCES accounts (account_id),
    kind TEXT NOT NULL,
    -- The first of those that are shown as one.
    bundle_id ID NOT NULL,
    -- What it happened to: rows of the same kind and object are shown as one for a while.
    object_id ID NOT NULL,
    -- Who did it; null where it is the group's or the hosts' doing.
    actor_id ID REFERENCES accounts (account_id),
    post_id ID REFERENCES posts (post_id),
    -- These may be gone before the row is.
    comment_id ID,
    group_id ID,
    invite_id ID,
    chat_id ID,
    at INT8 NOT NULL,
    -- Null: unread.
    read_at INT8
);
CREATE INDEX notifications_by_account ON notifications (account_id, at, notification_id);
CREATE INDEX notifications_unread ON notifications (account_id, at, notification_id) WHERE read_at IS NULL;
CREATE INDEX notifications_by_object ON notifications (account_id, kind, object_id, at);
CREATE INDEX notifications_by_bundle ON notifications (account_id, bundle_id);
CREATE INDEX notifications_by_age ON notifications (at);
