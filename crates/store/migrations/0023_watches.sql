-- Whose new posts somebody wants to be told of: people and pages.

CREATE TABLE watches (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    watched_id ID NOT NULL REFERENCES accounts (account_id),
    since INT8 NOT NULL,
    PRIMARY KEY (account_id, watched_id)
);
CREATE INDEX watches_by_watched ON watches (watched_id, account_id);
