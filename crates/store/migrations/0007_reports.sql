-- Reports: what people disclosed of a chat to the operator, and what they sealed for its hosts.

-- The key of the server's marks on messages (model::franking). Without it no report can be proved.
CREATE TABLE franking_keys (
    -- One row.
    singleton INT8 NOT NULL PRIMARY KEY CHECK (singleton = 1),
    secret BYTES NOT NULL,
    created_at INT8 NOT NULL
);

-- Reports to the operator.
CREATE TABLE reports (
    report_id ID NOT NULL PRIMARY KEY,
    chat_id ID NOT NULL,
    reporter_id ID NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    reported_at INT8 NOT NULL,
    -- upheld or dismissed, once it is closed.
    outcome TEXT,
    closed_at INT8,
    closed_by ID
);
CREATE INDEX reports_open ON reports (reported_at, report_id) WHERE outcome IS NULL;
CREATE INDEX reports_closed ON reports (closed_at, report_id) WHERE outcome IS NOT NULL;
CREATE INDEX reports_by_reporter ON reports (reporter_id) WHERE outcome IS NULL;

-- The messages that a report disclosed, as their senders wrote them; each proved by the server's mark.
CREATE TABLE report_messages (
    report_id ID NOT NULL REFERENCES reports (report_id),
    seq INT8 NOT NULL,
    sender_id ID NOT NULL,
    at INT8 NOT NULL,
    plaintext BYTES NOT NULL,
    PRIMARY KEY (report_id, seq)
);

-- Reports to a chat's hosts, which the server cannot read.
CREATE TABLE chat_reports (
    report_id ID NOT NULL PRIMARY KEY,
    chat_id ID NOT NULL REFERENCES chats (chat_id),
    reporter_id ID NOT NULL,
    -- Version of the hosts' key, and a ReportToHosts in postcard, sealed to it.
    key_version INT8 NOT NULL,
    sealed BYTES NOT NULL,
    reported_at INT8 NOT NULL
);
CREATE INDEX chat_reports_by_chat ON chat_reports (chat_id, reported_at, report_id);
CREATE INDEX chat_reports_by_reporter ON chat_reports (reporter_id);
