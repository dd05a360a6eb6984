-- Comments under posts, reactions to both, the people whom they name, and the words that hide comments.

-- The author takes no more comments.
ALTER TABLE posts ADD COLUMN comments_closed BOOL NOT NULL DEFAULT FALSE;

CREATE TABLE comments (
    comment_id ID NOT NULL PRIMARY KEY,
    post_id ID NOT NULL REFERENCES posts (post_id),
    author_id ID NOT NULL REFERENCES accounts (account_id),
    -- Of a reply: the comment it stands under, which is no reply.
    parent_id ID REFERENCES comments (comment_id),
    -- Of a reply to a reply: who wrote that one.
    answers_id ID REFERENCES accounts (account_id),
    -- Empty once the comment is deleted.
    text TEXT NOT NULL,
    created_at INT8 NOT NULL,
    edited_at INT8,
    -- The row stays: its replies stand under it.
    deleted_at INT8,
    -- Has a word that the post's author hides.
    hidden BOOL NOT NULL
);
CREATE INDEX comments_by_post ON comments (post_id, created_at, comment_id);
CREATE INDEX comments_by_parent ON comments (parent_id, created_at, comment_id) WHERE parent_id IS NOT NULL;

CREATE TABLE post_reactions (
    post_id ID NOT NULL REFERENCES posts (post_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    emoji TEXT NOT NULL,
    reacted_at INT8 NOT NULL,
    PRIMARY KEY (post_id, account_id)
) CLUSTERED;
CREATE INDEX post_reactions_by_time ON post_reactions (post_id, reacted_at, account_id);

CREATE TABLE comment_reactions (
    comment_id ID NOT NULL REFERENCES comments (comment_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    emoji TEXT NOT NULL,
    reacted_at INT8 NOT NULL,
    PRIMARY KEY (comment_id, account_id)
) CLUSTERED;
CREATE INDEX comment_reactions_by_time ON comment_reactions (comment_id, reacted_at, account_id);

-- Those whom a text names and who could see it when it was written.
CREATE TABLE post_mentions (
    post_id ID NOT NULL REFERENCES posts (post_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    PRIMARY KEY (post_id, account_id)
) CLUSTERED;
CREATE INDEX post_mentions_by_account ON post_mentions (account_id, post_id);

CREATE TABLE comment_mentions (
    comment_id ID NOT NULL REFERENCES comments (comment_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    PRIMARY KEY (comment_id, account_id)
) CLUSTERED;
CREATE INDEX comment_mentions_by_account ON comment_mentions (account_id, comment_id);

-- Words and phrases that hide others' comments under an account's posts.
CREATE TABLE hidden_words (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- As it was typed, and its place in the list.
    word TEXT NOT NULL,
    position INT8 NOT NULL,
    PRIMARY KEY (account_id, position)
);
