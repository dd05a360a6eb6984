-- Finding people by parts of their names.

-- Folded words of names and handles, each of at most 32 characters: a prefix of one is a range.
CREATE TABLE search_words (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    word TEXT NOT NULL,
    PRIMARY KEY (account_id, word)
) CLUSTERED;
CREATE INDEX search_words_by_word ON search_words (word, account_id);
