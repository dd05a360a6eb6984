//! What an account wrote, and what others left under it, a portion at a time.

use crate::{Statement, statements};

statements! {
    UNDER_COMMENT_REACTIONS = "DELETE FROM comment_reactions WHERE (comment_id, account_id) IN (SELECT \
        r.comment_id, r.account_id FROM posts p JOIN comments c ON c.post_id = p.post_id JOIN comment_reactions r \
        ON r.comment_id = c.comment_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_COMMENT_MENTIONS = "DELETE FROM comment_mentions WHERE (comment_id, account_id) IN (SELECT m.comment_id, \
        m.account_id FROM posts p JOIN comments c ON c.post_id = p.post_id JOIN comment_mentions m ON m.comment_id \
        = c.comment_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_REPLIES = "DELETE FROM comments WHERE comment_id IN (SELECT c.comment_id FROM posts p JOIN comments c ON \
        c.post_id = p.post_id WHERE p.author_id = $1 AND c.parent_id IS NOT NULL LIMIT $2)";
    UNDER_COMMENTS = "DELETE FROM comments WHERE comment_id IN (SELECT x.comment_id FROM comments x JOIN posts p ON \
        p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_REACTIONS = "DELETE FROM post_reactions WHERE (post_id, account_id) IN (SELECT x.post_id, x.account_id \
        FROM post_reactions x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_MENTIONS = "DELETE FROM post_mentions WHERE (post_id, account_id) IN (SELECT x.post_id, x.account_id FROM \
        post_mentions x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_HIDDEN = "DELETE FROM hidden_posts WHERE (account_id, post_id) IN (SELECT x.account_id, x.post_id FROM \
        hidden_posts x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_NOTIFICATIONS = "DELETE FROM notifications WHERE notification_id IN (SELECT x.notification_id FROM \
        notifications x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_VIEWS = "DELETE FROM story_views WHERE (post_id, account_id) IN (SELECT x.post_id, x.account_id FROM \
        story_views x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_VOTES = "DELETE FROM story_votes WHERE (post_id, account_id) IN (SELECT x.post_id, x.account_id FROM \
        story_votes x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_ANSWERS = "DELETE FROM answers WHERE (post_id, account_id) IN (SELECT x.post_id, x.account_id FROM \
        answers x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_HIGHLIGHTS = "DELETE FROM highlight_stories WHERE (highlight_id, post_id) IN (SELECT x.highlight_id, \
        x.post_id FROM highlight_stories x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_GROUPS = "DELETE FROM group_posts WHERE post_id IN (SELECT x.post_id FROM group_posts x JOIN posts p ON \
        p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_LISTS = "DELETE FROM post_lists WHERE (post_id, list_id) IN (SELECT x.post_id, x.list_id FROM post_lists \
        x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_PEOPLE = "DELETE FROM post_people WHERE (post_id, account_id) IN (SELECT x.post_id, x.account_id FROM \
        post_people x JOIN posts p ON p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    UNDER_COPIES = "DELETE FROM invite_copies WHERE (invite_id, account_id) IN (SELECT y.invite_id, y.account_id \
        FROM posts p JOIN invites i ON i.post_id = p.post_id JOIN invite_copies y ON y.invite_id = i.invite_id \
        WHERE p.author_id = $1 LIMIT $2)";
    UNDER_REQUESTS = "DELETE FROM join_requests WHERE request_id IN (SELECT r.request_id FROM posts p JOIN invites \
        i ON i.post_id = p.post_id JOIN join_requests r ON r.invite_id = i.invite_id WHERE p.author_id = $1 LIMIT \
        $2)";
    UNDER_INVITES = "DELETE FROM invites WHERE invite_id IN (SELECT x.invite_id FROM invites x JOIN posts p ON \
        p.post_id = x.post_id WHERE p.author_id = $1 LIMIT $2)";
    POSTS = "DELETE FROM posts WHERE post_id IN (SELECT post_id FROM posts WHERE author_id = $1 LIMIT $2)";
    SPOKEN = "UPDATE posts SET spoken_by = NULL WHERE post_id IN (SELECT post_id FROM posts WHERE spoken_by = $1 \
        LIMIT $2)";
    COMMENT_REACTIONS_ON = "DELETE FROM comment_reactions WHERE (comment_id, account_id) IN (SELECT r.comment_id, \
        r.account_id FROM comments c JOIN comment_reactions r ON r.comment_id = c.comment_id WHERE c.author_id = $1 \
        LIMIT $2)";
    COMMENT_MENTIONS_IN = "DELETE FROM comment_mentions WHERE (comment_id, account_id) IN (SELECT m.comment_id, \
        m.account_id FROM comments c JOIN comment_mentions m ON m.comment_id = c.comment_id WHERE c.author_id = $1 \
        LIMIT $2)";
    COMMENTS_ANSWERING = "UPDATE comments SET answers_id = NULL WHERE comment_id IN (SELECT comment_id FROM \
        comments WHERE answers_id = $1 LIMIT $2)";
    COMMENTS = "DELETE FROM comments WHERE comment_id IN (SELECT c.comment_id FROM comments c WHERE c.author_id = \
        $1 AND NOT EXISTS (SELECT 1 FROM comments r WHERE r.parent_id = c.comment_id) LIMIT $2)";
    COMMENTS_ANSWERED = "UPDATE comments SET text = '', deleted_at = COALESCE(deleted_at, created_at), author_id = \
        (SELECT account_id FROM accounts WHERE handle = '') WHERE comment_id IN (SELECT comment_id FROM comments \
        WHERE author_id = $1 LIMIT $2)";
    POST_REACTIONS = "DELETE FROM post_reactions WHERE (post_id, account_id) IN (SELECT post_id, account_id FROM \
        post_reactions WHERE account_id = $1 LIMIT $2)";
    COMMENT_REACTIONS = "DELETE FROM comment_reactions WHERE (comment_id, account_id) IN (SELECT comment_id, \
        account_id FROM comment_reactions WHERE account_id = $1 LIMIT $2)";
    POST_MENTIONS = "DELETE FROM post_mentions WHERE (post_id, account_id) IN (SELECT post_id, account_id FROM \
        post_mentions WHERE account_id = $1 LIMIT $2)";
    COMMENT_MENTIONS = "DELETE FROM comment_mentions WHERE (comment_id, account_id) IN (SELECT comment_id, \
        account_id FROM comment_mentions WHERE account_id = $1 LIMIT $2)";
    HIDDEN_POSTS = "DELETE FROM hidden_posts WHERE (account_id, post_id) IN (SELECT account_id, post_id FROM \
        hidden_posts WHERE account_id = $1 LIMIT $2)";
    HIDDEN_WORDS = "DELETE FROM hidden_words WHERE (account_id, position) IN (SELECT account_id, position FROM \
        hidden_words WHERE account_id = $1 LIMIT $2)";
    HIDDEN_SUGGESTIONS = "DELETE FROM hidden_suggestions WHERE (account_id, other_id) IN (SELECT account_id, \
        other_id FROM hidden_suggestions WHERE account_id = $1 LIMIT $2)";
    HIDDEN_AS_SUGGESTION = "DELETE FROM hidden_suggestions WHERE (account_id, other_id) IN (SELECT account_id, \
        other_id FROM hidden_suggestions WHERE other_id = $1 LIMIT $2)";
    STORY_VIEWS = "DELETE FROM story_views WHERE (post_id, account_id) IN (SELECT post_id, account_id FROM \
        story_views WHERE account_id = $1 LIMIT $2)";
    STORY_VOTES = "DELETE FROM story_votes WHERE (post_id, account_id) IN (SELECT post_id, account_id FROM \
        story_votes WHERE account_id = $1 LIMIT $2)";
    ANSWERS = "DELETE FROM answers WHERE (post_id, account_id) IN (SELECT post_id, account_id FROM answers WHERE \
        account_id = $1 LIMIT $2)";
    HIGHLIGHT_STORIES = "DELETE FROM highlight_stories WHERE (highlight_id, post_id) IN (SELECT s.highlight_id, \
        s.post_id FROM highlights h JOIN highlight_stories s ON s.highlight_id = h.highlight_id WHERE h.account_id \
        = $1 LIMIT $2)";
    HIGHLIGHTS = "DELETE FROM highlights WHERE highlight_id IN (SELECT highlight_id FROM highlights WHERE \
        account_id = $1 LIMIT $2)";
    NAMED_BY_POSTS = "DELETE FROM post_people WHERE (post_id, account_id) IN (SELECT post_id, account_id FROM \
        post_people WHERE account_id = $1 LIMIT $2)";
}

/// In the order in which the rows hang on each other. Each takes an account and how many rows at most.
pub(super) static STEPS: &[&Statement] = STATEMENTS;
