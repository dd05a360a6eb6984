-- Videos of posts: what is asked of each, what has become of it, and the film that is shown.

-- photo or video
ALTER TABLE media ADD COLUMN kind TEXT NOT NULL DEFAULT 'photo';
-- Since when a video is to be made anew; null before that was asked, and after it is done.
ALTER TABLE media ADD COLUMN making_since INT8;
-- How often the server has begun with it.
ALTER TABLE media ADD COLUMN attempts INT8 NOT NULL DEFAULT 0;
-- Why a video is not taken: unknown, damaged, too_costly, too_long or unavailable. Nothing of it is kept, and the
-- row goes as soon as its uploader was told.
ALTER TABLE media ADD COLUMN refused TEXT;
CREATE INDEX media_making ON media (making_since) WHERE making_since IS NOT NULL;

CREATE TABLE films (
    media_id ID NOT NULL PRIMARY KEY REFERENCES media (media_id),
    width_px INT8 NOT NULL,
    height_px INT8 NOT NULL,
    duration_ms INT8 NOT NULL,
    size_bytes INT8 NOT NULL
);
