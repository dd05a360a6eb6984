-- Accounts that are deleted, handles that nobody takes again, and pictures of people and pages.

-- Accounts that are gone for everybody, and whose rows are being erased.
CREATE TABLE leavings (
    account_id ID NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    began_at INT8 NOT NULL
);

-- SHA-256 of handles that people had who deleted their accounts.
CREATE TABLE held_handles (
    handle_hash BYTES NOT NULL PRIMARY KEY
);

-- By whom things are: so that erasing them, and the database's own checks, look at no whole table.
CREATE INDEX posts_by_writer ON posts (author_id);
CREATE INDEX posts_by_speaker ON posts (spoken_by) WHERE spoken_by IS NOT NULL;
CREATE INDEX comments_by_author ON comments (author_id);
CREATE INDEX comments_by_answered ON comments (answers_id) WHERE answers_id IS NOT NULL;
CREATE INDEX post_reactions_by_account ON post_reactions (account_id);
CREATE INDEX comment_reactions_by_account ON comment_reactions (account_id);
CREATE INDEX story_views_by_account ON story_views (account_id);
CREATE INDEX story_votes_by_account ON story_votes (account_id);
CREATE INDEX answers_by_account ON answers (account_id);
CREATE INDEX connections_by_other ON connections (other_id);
CREATE INDEX hidden_posts_by_post ON hidden_posts (post_id);
CREATE INDEX hidden_suggestions_by_other ON hidden_suggestions (other_id);
CREATE INDEX group_bans_by_account ON group_bans (account_id);
CREATE INDEX notifications_by_actor ON notifications (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX notifications_by_post ON notifications (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX device_links_by_account ON device_links (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX chat_devices_by_owner ON chat_devices (account_id);
CREATE INDEX pushes_by_source ON pushes (source_id);
CREATE INDEX cases_by_subject ON cases (subject_id);

-- Pictures, of which each person and page has one at most.
CREATE TABLE pictures (
    account_id ID NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    media_id ID NOT NULL UNIQUE REFERENCES media (media_id)
);
