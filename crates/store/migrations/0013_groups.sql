-- Groups: communities of accounts, with posts of their own. The MLS groups of chats are in chat_groups.

CREATE TABLE community_groups (
    group_id ID NOT NULL PRIMARY KEY,
    -- open, closed, secret
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    rules TEXT NOT NULL,
    -- A JSON array of strings: what those are asked who want in.
    questions TEXT NOT NULL,
    -- Members' posts wait for a moderator.
    posts_wait BOOL NOT NULL,
    member_count INT8 NOT NULL,
    created_at INT8 NOT NULL
);
CREATE INDEX community_groups_by_age ON community_groups (created_at, group_id) WHERE kind <> 'secret';

CREATE TABLE group_members (
    group_id ID NOT NULL REFERENCES community_groups (group_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- member, moderator, owner
    role TEXT NOT NULL,
    joined_at INT8 NOT NULL,
    PRIMARY KEY (group_id, account_id)
) CLUSTERED;
CREATE INDEX group_members_by_age ON group_members (group_id, joined_at, account_id);
CREATE INDEX group_members_by_account ON group_members (account_id, joined_at, group_id);

-- Those who asked to come in and wait.
CREATE TABLE group_requests (
    group_id ID NOT NULL REFERENCES community_groups (group_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    -- A JSON array of pairs: each question as it was asked, and the answer.
    answers TEXT NOT NULL,
    asked_at INT8 NOT NULL,
    PRIMARY KEY (group_id, account_id)
);
CREATE INDEX group_requests_by_age ON group_requests (group_id, asked_at, account_id);
CREATE INDEX group_requests_by_account ON group_requests (account_id);

-- Those who were invited and have not come in.
CREATE TABLE group_invitations (
    group_id ID NOT NULL REFERENCES community_groups (group_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    inviter_id ID NOT NULL REFERENCES accounts (account_id),
    invited_at INT8 NOT NULL,
    PRIMARY KEY (group_id, account_id)
) CLUSTERED;
CREATE INDEX group_invitations_by_account ON group_invitations (account_id, invited_at, group_id);
CREATE INDEX group_invitations_by_inviter ON group_invitations (inviter_id, account_id);

-- Those who are kept out.
CREATE TABLE group_bans (
    group_id ID NOT NULL REFERENCES community_groups (group_id),
    account_id ID NOT NULL REFERENCES accounts (account_id),
    banned_at INT8 NOT NULL,
    PRIMARY KEY (group_id, account_id)
) CLUSTERED;
CREATE INDEX group_bans_by_age ON group_bans (group_id, banned_at, account_id);

-- Which group a post is in: its audience. Gone with the group, and then the post is nobody's.
CREATE TABLE group_posts (
    post_id ID NOT NULL PRIMARY KEY REFERENCES posts (post_id),
    group_id ID NOT NULL REFERENCES community_groups (group_id),
    -- The post's, so that a page of them is one range of the index.
    created_at INT8 NOT NULL,
    -- Waits for a moderator.
    pending BOOL NOT NULL,
    pinned_at INT8
);
CREATE INDEX group_posts_by_age ON group_posts (group_id, pending, created_at, post_id);
CREATE INDEX group_posts_pinned ON group_posts (group_id, pinned_at) WHERE pinned_at IS NOT NULL;
