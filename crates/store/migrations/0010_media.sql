-- Photos of posts: what is known of each. The pictures are kept beside the database.

CREATE TABLE media (
    media_id ID NOT NULL PRIMARY KEY,
    -- Who uploads it.
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- Bytes of what is uploaded, and how many of them are there.
    size_bytes INT8 NOT NULL,
    received_bytes INT8 NOT NULL,
    -- Bytes it takes of its owner's room: of the upload, then of all its sizes.
    kept_bytes INT8 NOT NULL,
    created_at INT8 NOT NULL,
    -- When its sizes were there; null before.
    finished_at INT8,
    -- Parts of the upload may still be there.
    staged BOOL NOT NULL,
    -- Empty until it is finished.
    blurhash TEXT NOT NULL,
    -- The post it is in, and its place there from 0; both null until then.
    post_id ID REFERENCES posts (post_id),
    position INT8,
    alt TEXT NOT NULL,
    -- Nobody gets it any more, and it is about to be deleted.
    removed BOOL NOT NULL
);
CREATE INDEX media_by_account ON media (account_id);
CREATE UNIQUE INDEX media_by_post ON media (post_id, position) WHERE post_id IS NOT NULL;
CREATE INDEX media_unused ON media (created_at) WHERE post_id IS NULL;
CREATE INDEX media_removed ON media (media_id) WHERE removed = TRUE;
CREATE INDEX media_staged ON media (finished_at) WHERE staged = TRUE AND finished_at IS NOT NULL;

CREATE TABLE media_sizes (
    media_id ID NOT NULL REFERENCES media (media_id),
    -- small, medium, large
    size TEXT NOT NULL,
    width_px INT8 NOT NULL,
    height_px INT8 NOT NULL,
    size_bytes INT8 NOT NULL,
    PRIMARY KEY (media_id, size)
) CLUSTERED;
