//! What else is kept of an account: with whom it is, what it reads by, where it is in; a portion at a time.

use crate::{Statement, statements};

statements! {
    CONNECTIONS = "DELETE FROM connections WHERE (account_id, other_id) IN (SELECT account_id, other_id FROM \
        connections WHERE account_id = $1 LIMIT $2)";
    CONNECTIONS_BACK = "DELETE FROM connections WHERE (account_id, other_id) IN (SELECT account_id, other_id FROM \
        connections WHERE other_id = $1 LIMIT $2)";
    LISTED = "DELETE FROM list_members WHERE (list_id, account_id) IN (SELECT list_id, account_id FROM list_members \
        WHERE account_id = $1 LIMIT $2)";
    LISTS = "DELETE FROM lists WHERE list_id IN (SELECT list_id FROM lists WHERE owner_id = $1 LIMIT $2)";
    MUTES = "DELETE FROM mutes WHERE (account_id, muted_id) IN (SELECT account_id, muted_id FROM mutes WHERE \
        account_id = $1 LIMIT $2)";
    MUTED = "DELETE FROM mutes WHERE (account_id, muted_id) IN (SELECT account_id, muted_id FROM mutes WHERE \
        muted_id = $1 LIMIT $2)";
    WATCHES = "DELETE FROM watches WHERE (account_id, watched_id) IN (SELECT account_id, watched_id FROM watches WHERE \
        account_id = $1 LIMIT $2)";
    WATCHED = "DELETE FROM watches WHERE (account_id, watched_id) IN (SELECT account_id, watched_id FROM watches WHERE \
        watched_id = $1 LIMIT $2)";
    SEARCH_WORDS = "DELETE FROM search_words WHERE (account_id, word) IN (SELECT account_id, word FROM search_words \
        WHERE account_id = $1 LIMIT $2)";
    GROUP_MEMBERS = "DELETE FROM group_members WHERE (group_id, account_id) IN (SELECT group_id, account_id FROM \
        group_members WHERE account_id = $1 LIMIT $2)";
    GROUP_REQUESTS = "DELETE FROM group_requests WHERE (group_id, account_id) IN (SELECT group_id, account_id FROM \
        group_requests WHERE account_id = $1 LIMIT $2)";
    GROUP_INVITATIONS = "DELETE FROM group_invitations WHERE (group_id, account_id) IN (SELECT group_id, account_id \
        FROM group_invitations WHERE account_id = $1 LIMIT $2)";
    GROUP_INVITATIONS_BY = "DELETE FROM group_invitations WHERE (group_id, account_id) IN (SELECT group_id, \
        account_id FROM group_invitations WHERE inviter_id = $1 LIMIT $2)";
    GROUP_BANS = "DELETE FROM group_bans WHERE (group_id, account_id) IN (SELECT group_id, account_id FROM \
        group_bans WHERE account_id = $1 LIMIT $2)";
    PAGE_STAFF = "DELETE FROM page_staff WHERE (page_id, account_id) IN (SELECT page_id, account_id FROM page_staff \
        WHERE account_id = $1 LIMIT $2)";
    PAGE_FOLLOWERS = "DELETE FROM page_followers WHERE (page_id, account_id) IN (SELECT page_id, account_id FROM \
        page_followers WHERE account_id = $1 LIMIT $2)";
    NOTIFICATIONS = "DELETE FROM notifications WHERE notification_id IN (SELECT notification_id FROM notifications \
        WHERE account_id = $1 LIMIT $2)";
    NOTIFICATIONS_BY = "DELETE FROM notifications WHERE notification_id IN (SELECT notification_id FROM \
        notifications WHERE actor_id = $1 LIMIT $2)";
    NOTIFICATION_SETTINGS = "DELETE FROM notification_settings WHERE account_id IN (SELECT account_id FROM \
        notification_settings WHERE account_id = $1 LIMIT $2)";
    PUSH_SUBSCRIPTIONS = "DELETE FROM push_subscriptions WHERE endpoint IN (SELECT endpoint FROM push_subscriptions \
        WHERE account_id = $1 LIMIT $2)";
    PUSHES = "DELETE FROM pushes WHERE (account_id, source_id) IN (SELECT account_id, source_id FROM pushes WHERE \
        account_id = $1 LIMIT $2)";
    PUSHES_FROM = "DELETE FROM pushes WHERE (account_id, source_id) IN (SELECT account_id, source_id FROM pushes \
        WHERE source_id = $1 LIMIT $2)";
    NOTICES = "DELETE FROM notices WHERE notice_id IN (SELECT notice_id FROM notices WHERE account_id = $1 LIMIT \
        $2)";
    REPORTS_TWICE = "DELETE FROM case_reports WHERE report_id IN (SELECT r.report_id FROM case_reports r JOIN \
        case_reports o ON o.case_id = r.case_id WHERE r.reporter_id = $1 AND o.reporter_id = (SELECT account_id \
        FROM accounts WHERE handle = '') LIMIT $2)";
    CASE_REPORTS = "UPDATE case_reports SET reporter_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE \
        report_id IN (SELECT report_id FROM case_reports WHERE reporter_id = $1 LIMIT $2)";
    CASES = "UPDATE cases SET subject_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE case_id IN \
        (SELECT case_id FROM cases WHERE subject_id = $1 LIMIT $2)";
    CASES_CLOSED = "UPDATE cases SET closed_by = (SELECT account_id FROM accounts WHERE handle = '') WHERE case_id \
        IN (SELECT case_id FROM cases WHERE closed_by = $1 LIMIT $2)";
    REPORTS = "UPDATE reports SET reporter_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE report_id \
        IN (SELECT report_id FROM reports WHERE reporter_id = $1 LIMIT $2)";
    REPORTS_CLOSED = "UPDATE reports SET closed_by = (SELECT account_id FROM accounts WHERE handle = '') WHERE \
        report_id IN (SELECT report_id FROM reports WHERE closed_by = $1 LIMIT $2)";
    REPORT_MESSAGES = "UPDATE report_messages SET sender_id = (SELECT account_id FROM accounts WHERE handle = '') \
        WHERE (report_id, seq) IN (SELECT report_id, seq FROM report_messages WHERE sender_id = $1 LIMIT $2)";
    CHAT_REPORTS = "UPDATE chat_reports SET reporter_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE \
        report_id IN (SELECT report_id FROM chat_reports WHERE reporter_id = $1 LIMIT $2)";
    CHAT_MEMBERS = "DELETE FROM chat_members WHERE (chat_id, account_id) IN (SELECT chat_id, account_id FROM \
        chat_members WHERE account_id = $1 LIMIT $2)";
    CHAT_DEVICES = "DELETE FROM chat_devices WHERE (chat_id, device_id) IN (SELECT chat_id, device_id FROM \
        chat_devices WHERE account_id = $1 LIMIT $2)";
    CHAT_REMOVALS = "DELETE FROM chat_removals WHERE (chat_id, account_id) IN (SELECT chat_id, account_id FROM \
        chat_removals WHERE account_id = $1 LIMIT $2)";
    CHAT_REMOVALS_BY = "UPDATE chat_removals SET removed_by = (SELECT account_id FROM accounts WHERE handle = '') \
        WHERE (chat_id, account_id) IN (SELECT chat_id, account_id FROM chat_removals WHERE removed_by = $1 LIMIT \
        $2)";
    CHAT_SUSPENSIONS = "DELETE FROM chat_suspensions WHERE (chat_id, account_id) IN (SELECT chat_id, account_id \
        FROM chat_suspensions WHERE account_id = $1 LIMIT $2)";
    COMMIT_REPORTS = "DELETE FROM commit_reports WHERE (chat_id, seq, device_id) IN (SELECT chat_id, seq, device_id \
        FROM commit_reports WHERE account_id = $1 LIMIT $2)";
    DEVICE_REMOVALS = "DELETE FROM device_removals WHERE (chat_id, device_id) IN (SELECT chat_id, device_id FROM \
        device_removals WHERE account_id = $1 LIMIT $2)";
    HOSTS_KEY_COPIES = "DELETE FROM hosts_key_copies WHERE (chat_id, version, account_id) IN (SELECT chat_id, \
        version, account_id FROM hosts_key_copies WHERE account_id = $1 LIMIT $2)";
    INVITE_COPIES = "DELETE FROM invite_copies WHERE (invite_id, account_id) IN (SELECT invite_id, account_id FROM \
        invite_copies WHERE account_id = $1 LIMIT $2)";
    JOIN_REQUESTS = "DELETE FROM join_requests WHERE request_id IN (SELECT request_id FROM join_requests WHERE \
        account_id = $1 LIMIT $2)";
    WELCOMES = "DELETE FROM welcomes WHERE (chat_id, device_id) IN (SELECT w.chat_id, w.device_id FROM welcomes w \
        JOIN devices d ON d.device_id = w.device_id WHERE d.account_id = $1 LIMIT $2)";
    FILES_BEGUN = "UPDATE files SET removed = TRUE, created_at = 0, account_id = (SELECT account_id FROM accounts \
        WHERE handle = '') WHERE (chat_id, file_id) IN (SELECT chat_id, file_id FROM files WHERE account_id = $1 \
        AND completed_at IS NULL LIMIT $2)";
    FILES = "UPDATE files SET account_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE (chat_id, \
        file_id) IN (SELECT chat_id, file_id FROM files WHERE account_id = $1 LIMIT $2)";
    DIRECT_LOW = "UPDATE direct_chats SET low_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE \
        chat_id IN (SELECT chat_id FROM direct_chats WHERE low_id = $1 LIMIT $2)";
    DIRECT_HIGH = "UPDATE direct_chats SET high_id = (SELECT account_id FROM accounts WHERE handle = '') WHERE \
        chat_id IN (SELECT chat_id FROM direct_chats WHERE high_id = $1 LIMIT $2)";
    DIRECT_MADE = "UPDATE direct_chats SET made_by = (SELECT account_id FROM accounts WHERE handle = '') WHERE \
        chat_id IN (SELECT chat_id FROM direct_chats WHERE made_by = $1 LIMIT $2)";
    CHATS_ASKED = "UPDATE chats SET request_by = (SELECT account_id FROM accounts WHERE handle = '') WHERE chat_id \
        IN (SELECT chat_id FROM chats WHERE request_by = $1 LIMIT $2)";
    CHATS_MADE = "UPDATE chats SET created_by = (SELECT account_id FROM accounts WHERE handle = '') WHERE chat_id \
        IN (SELECT chat_id FROM chats WHERE created_by = $1 LIMIT $2)";
    KEYRING = "DELETE FROM keyring WHERE (account_id, chat_id) IN (SELECT account_id, chat_id FROM keyring WHERE \
        account_id = $1 LIMIT $2)";
    VAULT = "DELETE FROM vault_entries WHERE (account_id, method, unlock_id) IN (SELECT account_id, method, \
        unlock_id FROM vault_entries WHERE account_id = $1 LIMIT $2)";
    BACKUP_SEGMENTS = "DELETE FROM backup_segments WHERE (account_id, device_id, number) IN (SELECT account_id, \
        device_id, number FROM backup_segments WHERE account_id = $1 LIMIT $2)";
    BACKUP_CHAINS = "DELETE FROM backup_chains WHERE (account_id, device_id) IN (SELECT account_id, device_id FROM \
        backup_chains WHERE account_id = $1 LIMIT $2)";
    BACKUPS = "DELETE FROM backups WHERE account_id IN (SELECT account_id FROM backups WHERE account_id = $1 LIMIT \
        $2)";
    DEVICE_LINKS = "DELETE FROM device_links WHERE link_id IN (SELECT link_id FROM device_links WHERE account_id = \
        $1 LIMIT $2)";
    CODES_MADE = "DELETE FROM registration_codes WHERE code IN (SELECT code FROM registration_codes WHERE \
        created_by = $1 LIMIT $2)";
    CODES_USED = "DELETE FROM registration_codes WHERE code IN (SELECT code FROM registration_codes WHERE used_by = \
        $1 LIMIT $2)";
    PASSKEYS = "DELETE FROM passkeys WHERE passkey_id IN (SELECT passkey_id FROM passkeys WHERE account_id = $1 \
        LIMIT $2)";
    SESSIONS = "DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM sessions WHERE account_id = $1 \
        LIMIT $2)";
    KEY_PACKAGES = "DELETE FROM key_packages WHERE (device_id, number) IN (SELECT k.device_id, k.number FROM \
        devices d JOIN key_packages k ON k.device_id = d.device_id WHERE d.account_id = $1 LIMIT $2)";
    DEVICES = "DELETE FROM devices WHERE device_id IN (SELECT device_id FROM devices WHERE account_id = $1 LIMIT \
        $2)";
    BLOCKED = "DELETE FROM blocks WHERE (blocker_id, blocked_id) IN (SELECT blocker_id, blocked_id FROM blocks \
        WHERE blocked_id = $1 LIMIT $2)";
    BLOCKS = "DELETE FROM blocks WHERE (blocker_id, blocked_id) IN (SELECT blocker_id, blocked_id FROM blocks WHERE \
        blocker_id = $1 LIMIT $2)";
}

/// In the order in which the rows hang on each other. Each takes an account and how many rows at most.
pub(super) static STEPS: &[&Statement] = STATEMENTS;
