-- Posts with their audiences, and invites: the way from a post into a chat.

CREATE TABLE posts (
    post_id ID NOT NULL PRIMARY KEY,
    author_id ID NOT NULL REFERENCES accounts (account_id),
    -- Empty once the post is deleted.
    text TEXT NOT NULL,
    -- public, connections, lists, people, group
    audience TEXT NOT NULL,
    created_at INT8 NOT NULL,
    edited_at INT8,
    -- The row stays: an invite that outlives its post keeps the post's audience.
    deleted_at INT8
);
CREATE INDEX posts_by_audience ON posts (audience, created_at, post_id) WHERE deleted_at IS NULL;
CREATE INDEX posts_by_author ON posts (author_id, created_at, post_id) WHERE deleted_at IS NULL;

-- Lists an audience names. Who is in them is looked up when the post is read.
CREATE TABLE post_lists (
    post_id ID NOT NULL REFERENCES posts (post_id),
    list_id ID NOT NULL,
    -- The post's, so that a page of them is one range of the index; null once the post is deleted, and of stories.
    created_at INT8,
    PRIMARY KEY (post_id, list_id)
) CLUSTERED;
CREATE INDEX post_lists_by_list ON post_lists (list_id, created_at, post_id);

-- People an audience names.
CREATE TABLE post_people (
    post_id ID NOT NULL REFERENCES posts (post_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- The post's, so that a page of them is one range of the index.
    created_at INT8 NOT NULL,
    PRIMARY KEY (post_id, account_id)
) CLUSTERED;
CREATE INDEX post_people_by_account ON post_people (account_id, created_at, post_id);

CREATE TABLE invites (
    invite_id ID NOT NULL PRIMARY KEY,
    post_id ID NOT NULL REFERENCES posts (post_id),
    chat_id ID NOT NULL,
    -- open, approval
    admission TEXT NOT NULL,
    -- A JSON array of strings.
    questions TEXT NOT NULL,
    -- Null for no bound but the chat's.
    seats INT8,
    -- People who came in through it and are in, or have a seat reserved.
    seats_taken INT8 NOT NULL,
    expires_at INT8,
    ends_with_post BOOL NOT NULL,
    closed_at INT8,
    created_at INT8 NOT NULL,
    -- Ed25519 public key; stands in the chat's policy too.
    join_key BYTES NOT NULL,
    -- Both empty once the invite has ended with its post. The secret is here for public posts alone.
    sealed_door BYTES NOT NULL,
    secret BYTES NOT NULL
);
CREATE UNIQUE INDEX invites_by_post ON invites (post_id);
CREATE INDEX invites_by_chat ON invites (chat_id);
