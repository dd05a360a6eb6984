-- Safety of the public side: what people keep out of their own sight, what they report, and what the server's people do.

-- Whose posts somebody does not want in their feeds. Nobody else learns of it.
CREATE TABLE mutes (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    muted_id ID NOT NULL REFERENCES accounts (account_id),
    since INT8 NOT NULL,
    PRIMARY KEY (account_id, muted_id)
) CLUSTERED;
CREATE INDEX mutes_by_age ON mutes (account_id, since, muted_id);
CREATE INDEX mutes_by_muted ON mutes (muted_id, account_id);

-- Posts that somebody does not want in their feeds.
CREATE TABLE hidden_posts (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    post_id ID NOT NULL REFERENCES posts (post_id),
    hidden_at INT8 NOT NULL,
    PRIMARY KEY (account_id, post_id)
) CLUSTERED;
CREATE INDEX hidden_posts_by_age ON hidden_posts (account_id, hidden_at, post_id);

-- People whom somebody does not want to be suggested.
CREATE TABLE hidden_suggestions (
    account_id ID NOT NULL REFERENCES accounts (account_id),
    other_id ID NOT NULL REFERENCES accounts (account_id),
    hidden_at INT8 NOT NULL,
    PRIMARY KEY (account_id, other_id)
) CLUSTERED;
CREATE INDEX hidden_suggestions_by_age ON hidden_suggestions (account_id, hidden_at, other_id);

-- The operator names moderators.
ALTER TABLE accounts ADD COLUMN is_moderator BOOL NOT NULL DEFAULT FALSE;
CREATE INDEX accounts_moderators ON accounts (handle) WHERE is_moderator;
-- Until then the account reads, exports and leaves, and writes nothing.
ALTER TABLE accounts ADD COLUMN suspended_until INT8;

-- One row for all that was reported of one thing until it was closed.
CREATE TABLE cases (
    case_id ID NOT NULL PRIMARY KEY,
    -- server, group
    desk TEXT NOT NULL,
    -- Of a group's desk.
    group_id ID,
    -- post, story, account, group, comment, messages, appeal
    target TEXT NOT NULL,
    target_id ID NOT NULL,
    -- Who answers for it.
    subject_id ID NOT NULL,
    report_count INT8 NOT NULL,
    opened_at INT8 NOT NULL,
    closed_at INT8,
    closed_by ID,
    -- dismissed, removed, warned, suspended, lifted, upheld
    outcome TEXT
);
CREATE UNIQUE INDEX cases_open_target ON cases (desk, target, target_id) WHERE closed_at IS NULL;
CREATE INDEX cases_open ON cases (desk, opened_at, case_id) WHERE closed_at IS NULL;
CREATE INDEX cases_closed ON cases (desk, closed_at, case_id) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_of_group ON cases (group_id, opened_at, case_id) WHERE closed_at IS NULL;

-- What people report of the public side, with a copy of what they saw.
CREATE TABLE case_reports (
    report_id ID NOT NULL PRIMARY KEY,
    case_id ID NOT NULL REFERENCES cases (case_id),
    reporter_id ID NOT NULL REFERENCES accounts (account_id),
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    -- A ReportedCopy in JSON.
    copy TEXT NOT NULL,
    reported_at INT8 NOT NULL
);
CREATE UNIQUE INDEX case_reports_once ON case_reports (case_id, reporter_id);
CREATE INDEX case_reports_by_age ON case_reports (case_id, reported_at, report_id);
CREATE INDEX case_reports_by_reporter ON case_reports (reporter_id);

-- Reports of chats stand in the same queue: each is a case of its own, with the report's id.
INSERT INTO cases (case_id, desk, target, target_id, subject_id, report_count, opened_at, closed_at, closed_by, outcome)
SELECT r.report_id, 'server', 'messages', r.report_id,
    COALESCE((SELECT m.sender_id FROM report_messages m WHERE m.report_id = r.report_id ORDER BY m.seq LIMIT 1), r.reporter_id),
    1, r.reported_at, r.closed_at, r.closed_by, r.outcome
FROM reports r;

-- What somebody is told of what was decided about them.
CREATE TABLE notices (
    notice_id ID NOT NULL PRIMARY KEY,
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- warning, removal, suspension
    kind TEXT NOT NULL,
    -- The rule that it is about, as a reason of reports.
    rule TEXT NOT NULL,
    note TEXT NOT NULL,
    target TEXT NOT NULL,
    -- How what it is about began.
    excerpt TEXT NOT NULL,
    at INT8 NOT NULL,
    -- Of a suspension.
    until INT8,
    seen_at INT8,
    appealed_at INT8
);
CREATE INDEX notices_by_account ON notices (account_id, at, notice_id);

-- Who did what, when and why. Rows are added, never changed or taken out.
CREATE TABLE moderation_log (
    entry_id ID NOT NULL PRIMARY KEY,
    at INT8 NOT NULL,
    -- None: the operator's command line.
    actor_id ID,
    action TEXT NOT NULL,
    target TEXT,
    target_id ID,
    subject_id ID,
    rule TEXT,
    note TEXT NOT NULL,
    until INT8
);
CREATE INDEX moderation_log_by_age ON moderation_log (at, entry_id);

-- Links to these domains, and to what is below them, are not taken.
CREATE TABLE blocked_domains (
    -- In lower case and punycode, without a trailing dot.
    domain TEXT NOT NULL PRIMARY KEY,
    note TEXT NOT NULL,
    added_at INT8 NOT NULL
);
