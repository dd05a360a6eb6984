//! Every limit with a name. Counts of characters are Unicode scalar values.

use std::ops::RangeInclusive;

/// Shortest and longest handle; `[a-z0-9_]`, starting with a letter.
pub const HANDLE_CHARS_MIN: usize = 3;
pub const HANDLE_CHARS_MAX: usize = 30;
/// Longest display name of an account.
pub const NAME_CHARS_MAX: usize = 60;
/// Longest word an account says of itself.
pub const ABOUT_CHARS_MAX: usize = 300;
/// What is searched for, the words of it that count, and how much of each.
pub const PEOPLE_SEARCH_CHARS_MAX: usize = 60;
pub const PEOPLE_SEARCH_WORDS_MAX: usize = 3;
pub const PEOPLE_SEARCH_WORD_CHARS_MAX: usize = 32;
/// People that one search finds.
pub const PEOPLE_SEARCH_RESULTS_MAX: usize = 20;
/// People who are suggested at one time, and how many of one's newest connections are looked at for them.
pub const SUGGESTIONS_MAX: usize = 12;
pub const SUGGESTING_CONNECTIONS_MAX: usize = 100;
/// Connections in common that make a suggestion: one alone would tell whose connection it is.
pub const SUGGESTION_MUTUAL_MIN: u32 = 2;
/// Shortest and longest password, checked on the device: the server never sees one.
pub const PASSWORD_CHARS_MIN: usize = 8;
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Bytes of the proof a device derives from a password.
pub const PASSWORD_PROOF_BYTES: usize = 32;
/// Longest name of a device or a passkey.
pub const DEVICE_NAME_CHARS_MAX: usize = 60;
/// Devices of one account that are not revoked.
pub const DEVICES_PER_ACCOUNT_MAX: usize = 10;
/// A device that is not linked by then needs a new code (5 minutes).
pub const DEVICE_LINK_TTL_MS: i64 = 5 * 60_000;
/// Devices that wait to be linked at one time, on the whole server.
pub const DEVICE_LINKS_MAX: usize = 10_000;
/// Longest code of a device to be linked.
pub const LINK_CODE_CHARS_MAX: usize = 512;
/// Devices of one chat that members remember as revoked; the oldest are forgotten first.
pub const REVOKED_DEVICES_PER_CHAT_MAX: usize = 4_096;
/// Accounts whose pictures are asked for at one time.
pub const PICTURES_ASKED_MAX: usize = 100;
/// Names of each kind in the answer to what keeps an account from being deleted.
pub const UNSETTLED_NAMES_MAX: usize = 20;
/// Rows of a deleted account that are erased at one time, photos that are taken from everybody at one time, and how often it
/// is looked for what was written meanwhile.
pub const LEAVING_ROWS_MAX: usize = 500;
pub const LEAVING_MEDIA_MAX: usize = 50;
pub const LEAVING_ROUNDS_MAX: usize = 5;
/// Passkeys of one account.
pub const PASSKEYS_PER_ACCOUNT_MAX: usize = 10;
/// Sessions of one account; the oldest ends when one more begins.
pub const SESSIONS_PER_ACCOUNT_MAX: usize = 50;
/// A session unused for this long has ended (90 days).
pub const SESSION_IDLE_TTL_MS: i64 = 90 * 24 * 3_600_000;
/// A WebAuthn ceremony not finished by then is forgotten (5 minutes).
pub const CEREMONY_TTL_MS: i64 = 5 * 60_000;
/// Registration codes that are open at one time.
pub const REGISTRATION_CODES_MAX: usize = 1_000;
/// One sealed vault or keyring entry.
pub const SEALED_SECRET_BYTES_MAX: usize = 4_096;
/// Vault entries (ways to unlock) of one account.
pub const VAULT_ENTRIES_MAX: usize = 16;

/// One segment of a backup, sealed and padded; what an account's backup may come to (1 GiB); and segments in one page.
pub const BACKUP_SEGMENT_BYTES_MAX: usize = 256 * 1024;
pub const BACKUP_BYTES_MAX: u64 = 1024 * 1024 * 1024;
pub const BACKUP_PAGE_MAX: usize = 32;

/// Connections of one account, pending ones included.
pub const CONNECTIONS_MAX: usize = 5_000;
/// Accounts one account blocks.
pub const BLOCKS_MAX: usize = 5_000;
/// Accounts one account mutes.
pub const MUTES_MAX: usize = 5_000;
/// People and pages of whose new posts one account is told.
pub const WATCHES_MAX: usize = 500;
/// Posts, and suggestions of people, that one account hides; beyond that the oldest come back.
pub const HIDDEN_POSTS_MAX: u32 = 5_000;
pub const HIDDEN_SUGGESTIONS_MAX: u32 = 1_000;
/// Lists of one account.
pub const LISTS_MAX: usize = 200;
/// Accounts in one list.
pub const LIST_MEMBERS_MAX: usize = 5_000;
/// Longest name of a list.
pub const LIST_NAME_CHARS_MAX: usize = 60;
/// Handles in one request that changes a list.
pub const LIST_CHANGE_MAX: usize = 1_000;

/// Longest name, description and rules of a group.
pub const GROUP_NAME_CHARS_MAX: usize = 60;
pub const GROUP_DESCRIPTION_CHARS_MAX: usize = 500;
pub const GROUP_RULES_CHARS_MAX: usize = 5_000;
/// Accounts in one group, and those kept out.
pub const GROUP_MEMBERS_MAX: usize = 5_000;
pub const GROUP_BANS_MAX: usize = 5_000;
/// Groups one account is in, and of how many it is an owner.
pub const GROUPS_PER_ACCOUNT_MAX: usize = 200;
pub const GROUPS_OWNED_MAX: usize = 20;
/// Requests waiting in one group, and of one account.
pub const GROUP_REQUESTS_MAX: usize = 5_000;
pub const GROUP_REQUESTS_PER_ACCOUNT_MAX: usize = 100;
/// Invitations of one group that wait for an answer, and people in one request to invite or to decide.
pub const GROUP_INVITATIONS_MAX: usize = 1_000;
pub const GROUP_BATCH_MAX: usize = 100;
/// Pinned posts of one group.
pub const GROUP_PINS_MAX: usize = 3;
/// Posts that are deleted with whom a moderator takes out.
pub const GROUP_DELETE_POSTS_MAX: usize = 200;
/// Posts of one group whose sight is compared when its members change, the newest.
pub const GROUP_SIGHT_POSTS_MAX: usize = 100;
/// Longest search for groups or their members.
pub const GROUP_SEARCH_CHARS_MAX: usize = 60;

/// Links of one page, and the longest one (bytes).
pub const PAGE_LINKS_MAX: usize = 5;
pub const PAGE_LINK_BYTES_MAX: usize = 500;
/// People on one page's staff, and pages on whose staff one account is.
pub const PAGE_STAFF_MAX: usize = 50;
pub const PAGES_PER_ACCOUNT_MAX: usize = 20;
/// Pages one account follows.
pub const PAGES_FOLLOWED_MAX: usize = 500;
/// Groups that a page shows as its own, the newest.
pub const PAGE_GROUPS_MAX: u32 = 20;
/// How far back a page's numbers go (milliseconds): 30 days.
pub const PAGE_NUMBERS_MS: i64 = 30 * 24 * 3_600_000;

/// Longest text of a post.
pub const POST_CHARS_MAX: usize = 5_000;
/// Photos of one post, and the longest description of one.
pub const POST_MEDIA_MAX: usize = 10;
pub const ALT_CHARS_MAX: usize = 1_000;
/// A photo as it is uploaded: bytes, pixels, and pixels of one side.
pub const PICTURE_BYTES_MAX: u64 = 25 * 1024 * 1024;
pub const PICTURE_PIXELS_MAX: u64 = 50_000_000;
pub const PICTURE_SIDE_PX_MAX: u32 = 16_384;
/// Sizes of one photo, all together.
pub const PICTURE_SIZES_BYTES_MAX: usize = 16 * 1024 * 1024;
/// A video as it is uploaded: bytes, pixels of one side, pictures a second, and streams of any kind.
pub const VIDEO_BYTES_MAX: u64 = 100 * 1024 * 1024;
pub const VIDEO_SIDE_PX_MIN: u32 = 16;
pub const VIDEO_SIDE_PX_MAX: u32 = 3_840;
pub const VIDEO_RATE_MAX: u32 = 60;
pub const VIDEO_STREAMS_MAX: u32 = 16;
/// How long a video is, in a post as in a story.
pub const VIDEO_MS_MAX: u32 = 60_000;
/// A video as it is shown: pixels of its shorter side, pictures a second, bits a second, and bytes.
pub const VIDEO_SHOWN_SIDE_PX_MAX: u32 = 720;
pub const VIDEO_SHOWN_RATE_MAX: u32 = 30;
pub const VIDEO_SHOWN_KBITS_MAX: u32 = 1_800;
pub const VIDEO_SHOWN_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Videos that are to be made anew: of one account, of all, and how often the server begins with one.
pub const VIDEOS_WAITING_MAX: i64 = 3;
pub const VIDEOS_WAITING_IN_ALL_MAX: i64 = 50;
pub const VIDEO_ATTEMPTS_MAX: i64 = 3;
/// A photo that is in no post by then is forgotten (24 hours).
pub const MEDIA_UNUSED_TTL_MS: i64 = 24 * 3_600_000;
/// How long a story is there for others than its author (24 hours), and stories of one author in that time.
pub const STORY_TTL_MS: i64 = 24 * 3_600_000;
pub const STORIES_PER_AUTHOR_MAX: usize = 100;
/// Layers of one story, and its whole canvas in JSON.
pub const STORY_LAYERS_MAX: usize = 20;
pub const STORY_CANVAS_BYTES_MAX: usize = 32 * 1024;
/// A place on the frame in thousandths of its width or height: what hangs over the edge is still held by its middle.
pub const STORY_PLACE_MAX: u16 = 1_000;
/// How large a layer is drawn, in thousandths of its own size, and how far it may be turned either way (degrees).
pub const STORY_SCALE: RangeInclusive<u16> = 300..=4_000;
pub const STORY_ROTATION_MAX: i16 = 180;
/// Longest text of one layer, and of what a sticker says: a poll's or a question's words, a link's.
pub const STORY_TEXT_CHARS_MAX: usize = 300;
pub const STORY_STICKER_CHARS_MAX: usize = 120;
/// Answers of a story's poll, and the length of one.
pub const STORY_POLL_OPTIONS: RangeInclusive<usize> = 2..=4;
pub const STORY_OPTION_CHARS_MAX: usize = 40;
/// Longest answer to what a post or a story asks.
pub const QUESTION_ANSWER_CHARS_MAX: usize = 500;
/// Longest comment under a post.
pub const COMMENT_CHARS_MAX: usize = 2_000;
/// Comments under one post, deleted ones that keep a place among them.
pub const COMMENTS_PER_POST_MAX: usize = 10_000;
/// Replies that stand under a comment before more are asked for.
pub const COMMENT_FIRST_REPLIES: u32 = 3;
/// Words one account hides comments by, and the length of one.
pub const HIDDEN_WORDS_MAX: usize = 100;
pub const HIDDEN_WORD_CHARS_MAX: usize = 50;
/// Comments under one's posts that are looked through anew when one's hidden words change, the newest.
pub const HIDDEN_WORDS_SCAN_MAX: usize = 5_000;
/// Writers whose blocks are asked about when a post's readers are told of comments; with more at once all readers are told.
pub const COMMENT_HINT_WRITERS_MAX: usize = 16;
/// Stories that one request says were shown.
pub const STORIES_SEEN_MAX: usize = 50;
/// Live stories looked through, for each way into an audience, to fill the stories bar.
pub const STORIES_BAR_WINDOW: u32 = 200;
/// Highlights of one account, the stories in one, and its longest name.
pub const HIGHLIGHTS_MAX: usize = 50;
pub const HIGHLIGHT_STORIES_MAX: usize = 100;
pub const HIGHLIGHT_NAME_CHARS_MAX: usize = 30;
/// Lists in one audience.
pub const AUDIENCE_LISTS_MAX: usize = 20;
/// Named people in one audience.
pub const AUDIENCE_PEOPLE_MAX: usize = 200;
/// Rows in a page when a request names no number, and at most.
pub const PAGE_DEFAULT: usize = 30;
pub const PAGE_MAX: usize = 100;
/// Longest page cursor.
pub const CURSOR_CHARS_MAX: usize = 200;

/// How long notifications are kept (90 days), and how many of one account.
pub const NOTIFICATION_TTL_MS: i64 = 90 * 24 * 3_600_000;
pub const NOTIFICATIONS_MAX: usize = 1_000;
/// What happens to one thing within this time is one notification (24 hours), of so many people at most.
pub const NOTIFICATION_BUNDLE_MS: i64 = 24 * 3_600_000;
pub const NOTIFICATION_BUNDLE_MAX: usize = 100;
/// People whom one notification names, and how much it shows of a post's text.
pub const NOTIFICATION_ACTORS_MAX: usize = 3;
pub const NOTIFICATION_EXCERPT_CHARS_MAX: usize = 100;
/// Unread notifications are counted up to here, of so many of the newest.
pub const NOTIFICATIONS_UNREAD_MAX: u32 = 99;
pub const NOTIFICATIONS_UNREAD_LOOKED_AT_MAX: u32 = 300;

/// Things, chats and people of which one account wants to be told nothing.
pub const NOTIFICATION_MUTES_MAX: usize = 500;
/// Browsers of one account that get pushes; of more the oldest ends.
pub const PUSH_SUBSCRIPTIONS_MAX: usize = 10;
/// Pushes of one source to one account within an hour: what may be chosen, and what is usual.
pub const PUSHES_PER_HOUR: RangeInclusive<u32> = 1..=60;
pub const PUSHES_PER_HOUR_DEFAULT: u32 = 6;
pub const PUSH_WINDOW_MS: i64 = 3_600_000;
/// Sources from which something waits to be pushed to one account.
pub const PUSHES_WAITING_MAX: u32 = 100;
/// How often a push is tried, and how long until the second time; four times as long each time after it (30 seconds).
pub const PUSH_ATTEMPTS_MAX: u32 = 5;
pub const PUSH_RETRY_MS: i64 = 30_000;
/// How long a push service keeps a push for a browser that is away (1 day, in seconds).
pub const PUSH_TTL_S: u32 = 24 * 3_600;

/// Longest mail address (RFC 5321).
pub const EMAIL_ADDRESS_BYTES_MAX: usize = 254;
/// How long a mailed code is good (1 hour), and how many wrong ones may be given.
pub const EMAIL_CODE_TTL_MS: i64 = 3_600_000;
pub const EMAIL_CODE_TRIES_MAX: u32 = 5;
/// Codes that are mailed within a day: to one address, whoever asks; and for one account, wherever to.
pub const EMAIL_CODE_WINDOW_MS: i64 = 24 * 3_600_000;
pub const EMAIL_CODES_FOR_ADDRESS_MAX: u32 = 3;
pub const EMAIL_CODES_BY_ACCOUNT_MAX: u32 = 5;
/// Codes that are asked for from one network address: at once, and in an hour after that.
pub const MAIL_CODES_FROM_ONE: u32 = 10;
pub const MAIL_CODES_FROM_ONE_PER_HOUR: u32 = 10;
/// How long until a mail is tried a second time, four times as long each time after it (1 minute), at most so long
/// (6 hours), and until it is given up (3 days).
pub const MAIL_RETRY_MS: i64 = 60_000;
pub const MAIL_RETRY_MAX_MS: i64 = 6 * 3_600_000;
pub const MAIL_GIVE_UP_MS: i64 = 3 * 24 * 3_600_000;
/// A browser's bell hears of news at most once in this time (1 second).
pub const BELL_MS: i64 = 1_000;

/// Longest title of a chat, and longest description.
pub const CHAT_TITLE_CHARS_MAX: usize = 80;
pub const CHAT_DESCRIPTION_CHARS_MAX: usize = 500;
/// A chat's profile, sealed.
pub const PROFILE_BYTES_MAX: usize = CHAT_PICTURE_BYTES_MAX + 4_096;
/// A chat's picture.
pub const CHAT_PICTURE_BYTES_MAX: usize = 8 * 1024;
/// Questions of one invite or group, the length of one, and of one answer.
pub const INVITE_QUESTIONS_MAX: usize = 5;
pub const QUESTION_CHARS_MAX: usize = 200;
pub const ANSWER_CHARS_MAX: usize = 1_000;
/// An invite's answers, sealed.
pub const SEALED_ANSWERS_BYTES_MAX: usize = 32 * 1024;
/// Copies of a hosts' key in one request: one for each host.
pub const HOSTS_KEY_COPIES_MAX: usize = 64;
/// Copies of invites' secrets asked for, or given, in one request.
pub const SECRET_COPIES_MAX: usize = 100;
/// Seats an invite may have.
pub const SEATS_MAX: u32 = 5_000;
/// Longest and shortest time an invite may stay open (1 minute, 365 days).
pub const INVITE_TTL_MS_MIN: i64 = 60_000;
pub const INVITE_TTL_MS_MAX: i64 = 365 * 24 * 3_600_000;
/// Invites that one chat's policy may carry, closed ones included.
pub const INVITES_PER_CHAT_MAX: usize = 64;
/// Join keys that one invite had before and that tickets of present members are made with.
pub const FORMER_JOIN_KEYS_MAX: usize = 64;
/// Waiting requests of one invite.
pub const REQUESTS_WAITING_MAX: usize = 100_000;
/// Requests decided in one call.
pub const DECIDE_BATCH_MAX: usize = 500;
/// Of your connections who are in a chat, shown on its card by name.
pub const CARD_FACES_MAX: usize = 3;

/// People in one chat.
pub const CHAT_MEMBERS_MAX: usize = 5_000;
/// Hosts of one chat.
pub const HOSTS_PER_CHAT_MAX: usize = 64;
/// People in one chat's policy who were hosts and are not any more.
pub const FORMER_HOSTS_PER_CHAT_MAX: usize = 256;
/// Accounts kept out of one chat.
pub const BANNED_PER_CHAT_MAX: usize = 1_000;
/// Messages a newcomer may be shown of those before, where a number says how many.
pub const HISTORY_MESSAGES_MAX: u32 = 1_000;
/// Messages that one newcomer is given at most, whatever the policy lets them read: of one page, and in how many pages.
pub const HISTORY_PAGE_MESSAGES_MAX: u32 = 1_000;
pub const HISTORY_PAGES_MAX: usize = 20;
pub const HISTORY_BUNDLE_MESSAGES_MAX: u32 = HISTORY_PAGE_MESSAGES_MAX * HISTORY_PAGES_MAX as u32;
/// Reactions that go along with one message, and votes.
pub const HISTORY_EFFECTS_MAX: u32 = 5_000;
/// The key of a history, sealed for one device.
pub const HISTORY_KEY_BYTES_MAX: usize = 128;
/// How long the server keeps the pages for a newcomer (7 days).
pub const HISTORY_TTL_MS: u64 = 7 * 24 * 3_600_000;
/// People whose history a newcomer has refused, as they say it in the chat.
pub const HISTORY_REFUSED_MAX: usize = 16;
/// Words about messages that are not here yet, kept while the history is on its way.
pub const HISTORY_ORPHANS_MAX: u32 = 10_000;
/// How long slow mode may let members wait between messages (5 seconds to 6 hours).
pub const SLOW_MODE_MS: RangeInclusive<u64> = 5_000..=6 * 3_600_000;
/// In slow mode the server takes so many entries of one member at once, of whatever kind, and then one more in each
/// interval: it cannot tell messages from receipts and reactions, which do not wait.
pub const SLOW_MODE_BURST: u32 = 60;
pub const SLOW_MODE_REFILL_MS: u64 = RECEIPT_GATHER_MS;
/// How much sooner than slow mode says a message may stand in the log and still be shown: times are rounded.
pub const SLOW_MODE_SLACK_MS: u64 = 1_000;
/// Chats of one account.
pub const CHATS_PER_ACCOUNT_MAX: usize = 2_000;
/// Longest text of a chat message.
pub const MESSAGE_CHARS_MAX: usize = 10_000;
/// People named in one message, post or comment.
pub const MENTIONS_MAX: usize = 50;
/// Bytes of one emoji (families and flags are long).
pub const EMOJI_BYTES_MAX: usize = 64;
/// Different emoji on one message, of all people together.
pub const REACTION_KINDS_MAX: usize = 30;
/// A poll's question, its answers, and the length of one.
pub const POLL_QUESTION_CHARS_MAX: usize = 300;
pub const POLL_OPTIONS_MIN: usize = 2;
pub const POLL_OPTIONS_MAX: usize = 12;
pub const POLL_OPTION_CHARS_MAX: usize = 100;
/// Messages on top of one chat; one more takes the oldest down.
pub const PINS_MAX: usize = 20;
/// A link in a message, and what is shown of it.
pub const URL_BYTES_MAX: usize = 2_048;
pub const PREVIEW_TITLE_CHARS_MAX: usize = 200;
pub const PREVIEW_DESCRIPTION_CHARS_MAX: usize = 500;
/// How soon a message may disappear (5 seconds), and how late (90 days).
pub const MESSAGE_TTL_MS_MIN: u64 = 5_000;
pub const MESSAGE_TTL_MS_MAX: u64 = 90 * 24 * 3_600_000;
pub const MESSAGE_TTL_MS: RangeInclusive<u64> = MESSAGE_TTL_MS_MIN..=MESSAGE_TTL_MS_MAX;
/// Chats with more people carry no read receipts.
pub const RECEIPT_MEMBERS_MAX: u32 = 32;
/// How long reading is gathered into one receipt.
pub const RECEIPT_GATHER_MS: u64 = 2_000;
/// Largest encrypted signal.
pub const SIGNAL_BYTES_MAX: usize = 256;
/// How soon a device may send one more signal.
pub const SIGNAL_PAUSE_MS: i64 = 1_000;
/// How soon others are told again that somebody writes, and in chats of how many people they are at most.
pub const TYPING_PAUSE_MS: i64 = 4_000;
pub const TYPING_MEMBERS_MAX: u32 = 50;
/// Longest search in one's own messages, and most hits of one page.
pub const SEARCH_CHARS_MAX: usize = 200;
/// Files of one message, and the bytes of a small picture: of one file, and of a message's together.
pub const FILES_PER_MESSAGE_MAX: usize = 10;
pub const THUMBNAIL_BYTES_MAX: usize = 8 * 1024;
pub const THUMBNAILS_BYTES_MAX: usize = 2 * THUMBNAIL_BYTES_MAX;
pub const BLURHASH_BYTES_MAX: usize = 100;
/// Steps of a voice note's loudness.
pub const WAVEFORM_BYTES_MAX: usize = 64;
/// Longest name of a file, and of its type.
pub const FILE_NAME_CHARS_MAX: usize = 255;
pub const MEDIA_TYPE_BYTES_MAX: usize = 127;
/// A part of an upload, and of a download: four chunks. Every part but a file's last is as long.
pub const FILE_PART_BYTES: u32 = 4 * crate::file::SEALED_CHUNK_BYTES;
/// An upload that is not complete by then is forgotten (24 hours).
pub const FILE_UPLOAD_TTL_MS: i64 = 24 * 3_600_000;
/// How soon and how late a file may be forgotten where its uploader says when (1 minute, 90 days).
pub const FILE_TTL_MS: RangeInclusive<u64> = 60_000..=90 * 24 * 3_600_000;
/// Messages that one report discloses, and bytes of what they say in all.
pub const REPORT_MESSAGES_MAX: usize = 20;
pub const REPORT_PLAINTEXT_BYTES_MAX: usize = 256 * 1024;
/// Longest comment of a report.
pub const REPORT_COMMENT_CHARS_MAX: usize = 1_000;
/// A report to a chat's hosts, sealed.
pub const SEALED_REPORT_BYTES_MAX: usize = REPORT_PLAINTEXT_BYTES_MAX + 16 * 1024;
/// Reports of one account that nobody has closed yet: to the operator, and to the hosts of all chats.
pub const REPORTS_OPEN_MAX: usize = 50;
/// Reports in one page: they are long.
pub const REPORT_PAGE_MAX: usize = 10;
/// What all accounts together may do to one person: requests to connect, reports, and mentions in stories; so many at once, and
/// so many an hour after that.
pub const CONNECTS_TO_ONE: u32 = 60;
pub const REPORTS_OF_ONE: u32 = 60;
pub const MENTIONS_OF_ONE: u32 = 60;
pub const TO_ONE_PER_HOUR: u32 = 30;
/// How long an account is new (24 hours), and what it may do in that time: at once, and an hour after that.
pub const NEW_ACCOUNT_MS: i64 = 24 * 3_600_000;
pub const NEW_ACCOUNT_CONNECTS: u32 = 20;
pub const NEW_ACCOUNT_POSTS: u32 = 20;
pub const NEW_ACCOUNT_INVITES: u32 = 10;
pub const NEW_ACCOUNT_STRANGERS: u32 = 10;
pub const NEW_ACCOUNT_PER_HOUR: u32 = 2;
/// Longest note of a decision on a case, and text of an appeal.
pub const CASE_NOTE_CHARS_MAX: usize = 1_000;
pub const APPEAL_CHARS_MAX: usize = 1_000;
/// How much of a text stands in a notice about it.
pub const NOTICE_EXCERPT_CHARS_MAX: usize = 140;
/// How long an account may be suspended (1 hour, 365 days).
pub const SUSPENSION_MS: RangeInclusive<i64> = 3_600_000..=365 * 24 * 3_600_000;
/// Moderators of one server.
pub const MODERATORS_MAX: usize = 200;
/// Domains that links may not lead to; the longest name of one; and links of one text that are looked at.
pub const BLOCKED_DOMAINS_MAX: usize = 10_000;
pub const DOMAIN_CHARS_MAX: usize = 253;
pub const LINKS_PER_TEXT_MAX: usize = 100;
/// Largest MLS application message.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Largest commit, group info, welcome, and ratchet tree.
pub const COMMIT_BYTES_MAX: usize = 2 * 1024 * 1024;
pub const GROUP_INFO_BYTES_MAX: usize = 256 * 1024;
pub const WELCOME_BYTES_MAX: usize = 1024 * 1024;
pub const RATCHET_TREE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest key package.
pub const KEY_PACKAGE_BYTES_MAX: usize = 8 * 1024;
/// Key packages of one device for those who write to it while it is away, besides the last resort.
pub const KEY_PACKAGES_MAX: usize = 20;
/// How many of them one account may be given of another's in one chat; after that, the last resort.
pub const KEY_PACKAGE_CLAIMS_MAX: u32 = 30;
/// Requests to write to somebody that wait for an answer, of one account.
pub const DIRECT_REQUESTS_MAX: usize = 100;
/// Requests of others that one account has neither accepted nor declined.
pub const DIRECT_ASKING_MAX: usize = 1_000;
/// Log entries in one page.
pub const LOG_PAGE_MAX: usize = 500;

/// Adds in one leased batch commit, and removes.
pub const BATCH_ADDS_MAX: usize = 128;
pub const BATCH_REMOVES_MAX: usize = 128;
/// How long newcomers may be gathered before a commit is leased.
pub const BATCH_GATHER_MS: i64 = 300;
/// How long a device may hold the lease of a commit before the next is asked.
pub const LEASE_TTL_MS: i64 = 2_000;
/// How long a commit that somebody could not follow may still be taken back before they are told to come in again.
pub const COMMIT_DISPUTE_MS: i64 = 30_000;
/// How soon whoever waits for that asks again.
pub const COMMIT_DISPUTE_POLL_MS: u32 = 5_000;
/// Devices, of those that took a commit, that say so on average.
pub const COMMIT_WITNESSES: u32 = 3;
/// How long a seat stays reserved for somebody admitted through an open invite who does not come.
pub const ADMITTED_TTL_MS: i64 = 60_000;
/// How long an approval lets somebody in (30 days).
pub const APPROVAL_TTL_MS: i64 = 30 * 24 * 3_600_000;
/// How long a ticket is good for (30 days).
pub const TICKET_TTL_MS: i64 = 30 * 24 * 3_600_000;

/// Largest JSON body.
pub const BODY_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Largest JSON body of a request made without a session.
pub const ANONYMOUS_BODY_BYTES_MAX: usize = 64 * 1024;
/// Frames waiting for one socket; one more and the socket is told to resync.
pub const SOCKET_QUEUE_FRAMES_MAX: usize = 4_096;
/// Largest frame a client may send.
pub const SOCKET_FRAME_BYTES_MAX: usize = MESSAGE_BYTES_MAX + 1_024;
/// Sockets of one account.
pub const SOCKETS_PER_ACCOUNT_MAX: usize = 20;
/// A socket that has been silent for this long is closed; clients ping at a third of it.
pub const SOCKET_IDLE_TTL_MS: i64 = 90_000;
