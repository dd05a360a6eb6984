-- Questions: posts that ask, and answers, of stories too.

-- Of posts that ask: audience, asker
ALTER TABLE posts ADD COLUMN answers_for TEXT;

ALTER TABLE story_answers RENAME TO answers;
-- Its writer agrees that it is shown to all who may see the question.
ALTER TABLE answers ADD COLUMN may_publish BOOL NOT NULL DEFAULT FALSE;
-- Since when whoever asks shows it.
ALTER TABLE answers ADD COLUMN published_at INT8;
