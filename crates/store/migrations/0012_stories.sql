-- Stories: posts that are there for 24 hours, what viewers leave on them, and highlights.

-- post, story
ALTER TABLE posts ADD COLUMN kind TEXT NOT NULL DEFAULT 'post';
-- Of stories: from then on they are there for their author alone, unless they are kept among the highlights.
ALTER TABLE posts ADD COLUMN expires_at INT8;
-- Of stories: what they show, in JSON. Null once deleted.
ALTER TABLE posts ADD COLUMN canvas TEXT;

DROP INDEX posts_by_audience;
CREATE INDEX posts_by_audience ON posts (audience, created_at, post_id) WHERE deleted_at IS NULL AND kind = 'post';
CREATE INDEX stories_by_audience ON posts (audience, expires_at, post_id) WHERE deleted_at IS NULL AND kind = 'story';
CREATE INDEX stories_by_author ON posts (author_id, expires_at, post_id) WHERE deleted_at IS NULL AND kind = 'story';

-- Who was shown a story, the author not among them.
CREATE TABLE story_views (
    post_id ID NOT NULL REFERENCES posts (post_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    seen_at INT8 NOT NULL,
    PRIMARY KEY (post_id, account_id)
) CLUSTERED;
CREATE INDEX story_views_by_time ON story_views (post_id, seen_at, account_id);

CREATE TABLE story_votes (
    post_id ID NOT NULL REFERENCES posts (post_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- Number of the poll's option, from 0.
    choice INT8 NOT NULL,
    PRIMARY KEY (post_id, account_id)
) CLUSTERED;

CREATE TABLE story_answers (
    post_id ID NOT NULL REFERENCES posts (post_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    text TEXT NOT NULL,
    answered_at INT8 NOT NULL,
    PRIMARY KEY (post_id, account_id)
);
CREATE INDEX story_answers_by_time ON story_answers (post_id, answered_at, account_id);

-- Named sets of one's own stories.
CREATE TABLE highlights (
    highlight_id ID NOT NULL PRIMARY KEY,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    name TEXT NOT NULL,
    created_at INT8 NOT NULL
);
CREATE INDEX highlights_by_account ON highlights (account_id, created_at);

CREATE TABLE highlight_stories (
    highlight_id ID NOT NULL REFERENCES highlights (highlight_id),
    post_id ID NOT NULL REFERENCES posts (post_id),
    PRIMARY KEY (highlight_id, post_id)
) CLUSTERED;
CREATE INDEX highlight_stories_by_post ON highlight_stories (post_id);
