-- Pages: accounts that nobody signs in to. People of their staff write as the page; others follow it.

-- person, page, gone: what is gone keeps its row and its handle, and is found by nobody.
ALTER TABLE accounts ADD COLUMN kind TEXT NOT NULL DEFAULT 'person';

CREATE TABLE pages (
    page_id ID NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    -- Posts say the role of whoever wrote them.
    shows_roles BOOL NOT NULL,
    follower_count INT8 NOT NULL,
    created_at INT8 NOT NULL
);

CREATE TABLE page_links (
    page_id ID NOT NULL REFERENCES pages (page_id),
    position INT8 NOT NULL,
    url TEXT NOT NULL,
    -- Since when what is there is known to link back (rel=me).
    verified_at INT8,
    PRIMARY KEY (page_id, position)
) CLUSTERED;

CREATE TABLE page_staff (
    page_id ID NOT NULL REFERENCES pages (page_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- analyst, community, editor, admin
    role TEXT NOT NULL,
    since INT8 NOT NULL,
    PRIMARY KEY (page_id, account_id)
) CLUSTERED;
CREATE INDEX page_staff_by_account ON page_staff (account_id, since, page_id);

CREATE TABLE page_followers (
    page_id ID NOT NULL REFERENCES pages (page_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    followed_at INT8 NOT NULL,
    PRIMARY KEY (page_id, account_id)
) CLUSTERED;
CREATE INDEX page_followers_by_account ON page_followers (account_id, followed_at, page_id);

-- Of a page's post: who of its staff wrote it.
ALTER TABLE posts ADD COLUMN spoken_by ID;
-- The page as which a chat was opened.
ALTER TABLE chats ADD COLUMN page_id ID;
-- The page that a group belongs to.
ALTER TABLE community_groups ADD COLUMN page_id ID;
