import type {
  AccountRef,
  Audience,
  Canvas,
  Decided,
  DeclineReason,
  DeviceView,
  JoinStatus,
  InviteTerms,
  InviteTermsChange,
  Me,
  MemberView,
  NewQuestion,
  Page,
  PostMedia,
  PostView,
  QueuedRequest,
  ReportReason,
  SuspensionView
} from '$lib/api/types';
import type { ChatReportView, ReportTo } from './reports';

/** A browser's answer to a passkey's ceremony, as the server takes it. */
export interface PasskeyAnswer {
  ceremony_id: string;
  credential: Record<string, unknown>;
}

/** The commands of the client core and what each answers. */
export interface Commands {
  open: { params: object; result: Opened };
  register: { params: { handle: string; name: string; password: string; registration_code?: string }; result: Me };
  login: { params: { handle: string; password: string }; result: Me };
  /** After a passkey ceremony: makes or unlocks the identity and this device. `prf` and `prf_id` are base64url. */
  adopt_session: { params: { prf?: string; prf_id?: string }; result: Me };
  add_vault_entry: { params: { prf: string; prf_id: string }; result: object };
  reset_identity: { params: { password?: string; prf?: string; prf_id?: string }; result: Me };
  logout: { params: object; result: object };
  /** For good: with the password, or a passkey's answer to a sign-in's ceremony. */
  delete_account: { params: { handle: string; password?: string; passkey?: PasskeyAnswer }; result: object };

  /** With the account's recovery code. */
  recover: { params: { handle: string; code: string }; result: Me };
  backup: { params: object; result: BackupStatus };
  begin_backup: { params: object; result: BackupStatus };
  /** Deletes what there is of it. */
  end_backup: { params: object; result: BackupStatus };
  /** In force once it is confirmed. */
  make_recovery_code: { params: object; result: { code: string } };
  confirm_recovery_code: { params: { code: string }; result: object };

  /** The oldest first. */
  devices: { params: object; result: DeviceView[] };
  rename_device: { params: { device_id: string; name: string }; result: object };
  /** Ends the device for good: its sessions, and its place in every chat. */
  revoke_device: { params: { device_id: string }; result: object };
  /** On a device without an account: shows a code by which one that has it links this one. */
  begin_link: { params: object; result: LinkOffer };
  /** Answers once the code was confirmed; `not_found` once it has run out or is not shown any more. */
  await_link: { params: object; result: Me };
  cancel_link: { params: object; result: object };
  read_link: { params: { code: string }; result: { device_name: string } };
  confirm_link: { params: { code: string }; result: object };

  /** `media`: finished uploads that are in no post yet. */
  post: {
    params: {
      post_id: string;
      text: string;
      media?: PostMedia[];
      audience: Audience;
      question?: NewQuestion | null;
      chat?: ChatChoice;
      terms?: InviteTerms;
    };
    result: PostView;
  };
  story: { params: Omit<Commands['post']['params'], 'text' | 'question'> & { canvas: Canvas }; result: PostView };
  post_edit: { params: { post_id: string; text?: string; audience?: Audience; terms?: InviteTermsChange }; result: PostView };
  post_close: { params: { post_id: string }; result: PostView };
  post_delete: { params: { post_id: string }; result: object };
  link: { params: { post_id: string }; result: { url: string } };

  /** Answers once joined, or at once when the request waits for approval. */
  join: { params: { invite_id: string; secret?: string; answers?: string[] }; result: JoinStatus };
  withdraw: { params: { request_id: string }; result: JoinStatus };
  requests: { params: { chat_id: string; cursor?: string; limit?: number }; result: { items: QueueRow[]; next_cursor?: string | null } };
  admit: { params: { chat_id: string; request_ids: string[] }; result: Decided[] };
  decline: { params: { chat_id: string; request_ids: string[]; reason?: DeclineReason }; result: Decided[] };
  /** Decides on all who wait and whom the rule fits. */
  decide_all: {
    params: { chat_id: string; rule: QueueRule; verdict: 'admit' | 'decline'; reason?: DeclineReason };
    result: Decided[];
  };

  /** The one chat with somebody, made if need be. */
  direct: { params: { account_id: string }; result: { chat_id: string } };
  /** Whoever asked learns of accepting alone. */
  answer_direct: { params: { chat_id: string; accept: boolean }; result: ChatSummary };
  /** Discloses these messages, to those one names. */
  report: {
    params: { chat_id: string; message_ids: string[]; to: ReportTo; reason: ReportReason; comment: string };
    result: object;
  };
  /** The reports to the hosts of a chat, the oldest first. */
  chat_reports: { params: { chat_id: string; cursor?: string }; result: Page<ChatReportView> };
  /** A host has dealt with it. */
  forget_chat_report: { params: { chat_id: string; report_id: string }; result: object };
  /** The operator's queue. */

  chats: { params: object; result: ChatSummary[] };
  chat: { params: { chat_id: string }; result: ChatSummary };
  members: { params: { chat_id: string }; result: MemberView[] };
  /** Oldest first: before, around or after a sequence, from a time on, or the newest. */
  messages: {
    params: { chat_id: string; before?: number; around?: number; after?: number; at?: number; limit?: number };
    result: MessagePage;
  };
  send: {
    params: { chat_id: string; text: string; reply_to?: string; mentions?: string[]; preview?: LinkPreview; local_id: string };
    result: MessageView;
  };
  /** Answers once the file is encrypted; the upload goes on beside it. */
  send_file: {
    params: {
      chat_id: string;
      file: Blob;
      about: FileAbout;
      text: string;
      reply_to?: string;
      mentions?: string[];
      local_id: string;
    };
    result: MessageView;
  };
  /** Brings a file onto this device; with `blob_type` the answer has its bytes, as that media type. */
  open_file: { params: FilePlace & { blob_type?: string }; result: FileView & { blob?: Blob } };
  /** Stops bringing a file onto this device; what has come stays for the next time. */
  stop_file: { params: { file_id: string }; result: object };
  /** Messages with files, the newest first. */
  files: { params: { chat_id: string; cursor?: number; limit?: number }; result: SearchHit[] };
  poll: { params: { chat_id: string; local_id: string } & PollDraft; result: MessageView };
  edit: { params: { chat_id: string; target: string; text: string; mentions?: string[] }; result: MessageView };
  delete_message: { params: { chat_id: string; target: string }; result: MessageView };
  react: { params: { chat_id: string; target: string; emoji: string; removed?: boolean }; result: MessageView };
  /** `choices` by index, in place of earlier ones. */
  vote: { params: { chat_id: string; target: string; choices: number[] }; result: MessageView };
  close_poll: { params: { chat_id: string; target: string }; result: MessageView };
  pin: { params: { chat_id: string; target: string; removed?: boolean }; result: MessageView };
  /** The newest first. */
  pins: { params: { chat_id: string }; result: MessageView[] };
  readers: { params: { chat_id: string; target: string }; result: AccountRef[] };
  draft: { params: { chat_id: string } & Draft; result: object };
  /** The newest first; each of the words as the beginning of one. `cursor` is that of the last hit before. */
  search: { params: { words: string; chat_id?: string; cursor?: number; limit?: number }; result: SearchHit[] };
  /** Nothing: loud again. */
  mute: { params: { chat_id: string; until?: number }; result: object };
  /** Nothing: where all are one's friends. */
  receipts: { params: { chat_id: string; on?: boolean }; result: object };
  /** Others see that this account writes; at most once in a while, whatever is asked for. */
  typing: { params: { chat_id: string }; result: object };
  privacy: { params: object; result: Privacy };
  set_privacy: { params: Partial<Privacy>; result: Privacy };
  /** What is behind a link; nothing where there is nothing to show, or the account does not want that asked. */
  link_preview: { params: { url: string }; result: LinkPreview | null };
  retry: { params: { chat_id: string; local_id: string }; result: object };
  discard: { params: { chat_id: string; local_id: string }; result: object };
  mark_read: { params: { chat_id: string; seq: number }; result: object };
  safety: { params: { account_id: string }; result: SafetyView };
  /** With what was scanned from the other's screen. */
  compare_safety: { params: { account_id: string; scanned: string }; result: SafetyView };
  set_verified: { params: { account_id: string; verified: boolean }; result: SafetyView };
  /** Those whose number was compared, and who have not changed since. */
  verified: { params: object; result: string[] };
  leave: { params: { chat_id: string; successor?: string }; result: object };
  remove: { params: { chat_id: string; account_id: string; ban: boolean }; result: object };
  unban: { params: { chat_id: string; account_id: string }; result: ChatSummary };
  banned: { params: { chat_id: string }; result: AccountRef[] };
  set_policy: { params: { chat_id: string } & SettingsChange; result: ChatSummary };
  /** All of it: what is left out is taken away. */
  set_profile: { params: { chat_id: string; title: string; description: string; picture?: string }; result: ChatSummary };
  make_host: { params: { chat_id: string; account_id: string }; result: ChatSummary };
  remove_host: { params: { chat_id: string; account_id: string }; result: ChatSummary };
  /** Who does nothing in a chat because others could not follow a change of theirs (hosts). */
  suspended: { params: { chat_id: string }; result: SuspensionView[] };
  lift_suspension: { params: { chat_id: string; account_id: string }; result: object };
}
export interface BackupStatus {
  /** Nothing: there is none. */
  began_at?: number;
  size_bytes: number;
  has_recovery_code: boolean;
}

/** The code that a device shows to be linked, and the same as an address. */
export interface LinkOffer {
  code: string;
  link: string;
  expires_at: number;
}

export type Command = keyof Commands;
export type Params<C extends Command> = Commands[C]['params'];
export type Result<C extends Command> = Commands[C]['result'];

export interface Opened {
  state: 'signed_out' | 'ready' | 'needs_device' | 'locked';
  me?: Me | null;
  /** The local store was damaged and has been set aside. */
  store_was_corrupt?: boolean;
}
export type ChatChoice = { title: string } | { chat_id: string };
export type QueueRule = { kind: 'connections' } | { kind: 'list'; list_id: string } | { kind: 'answered' };
export type QueueRow = Omit<QueuedRequest, 'key_package' | 'answers'> & {
  answers: string[];
  /** There are answers that this device cannot open, or that are not by the applicant. */
  answers_locked: boolean;
};

/** How a chat of two stands, to its reader. */
export type DirectState = 'open' | 'requested' | 'incoming' | 'declined' | 'blocked' | 'ended';

export interface ChatSummary {
  chat_id: string;
  title: string;
  description: string;
  /** In base64url; it may be no picture that can be shown. */
  picture?: string | null;
  settings: ChatSettings;
  /** Without a host nobody new comes in, and nothing of the chat can be changed. */
  has_host: boolean;
  role: 'host' | 'member';
  /** This account may write, perhaps not before `wait_until`. */
  may_write: boolean;
  wait_until?: number | null;
  /** Everybody else in it was compared safety numbers with. */
  verified: boolean;
  member_count: number;
  unread_count: number;
  /** Unread messages that name this account. */
  mention_count: number;
  /** No notices before then. */
  muted_until?: number | null;
  draft?: Draft | null;
  /** How far the account has read. */
  read_seq: number;
  /** Whether receipts are sent, where that was chosen. */
  receipts?: boolean | null;
  /** With whom it is, of a chat of two. One that is `incoming` or `declined` belongs in the list of requests alone. */
  direct?: { account: AccountRef; state: DirectState } | null;
  /** What was written before this device came in, as far as it may read it, is on its way. */
  history_pending?: boolean;
  last_message: null | { kind: MessageKind; sender_name: string; text: string; at: number; mine: boolean };
  last_at: number;
  /** Requests waiting, for hosts. */
  waiting_count?: number | null;
  state: 'ready' | 'joining' | 'recovering' | 'left' | 'removed';
  /** Why the chat stands still, where it does: the server or a member broke its policy. */
  warning?: string | null;
}

/** What newcomers may see of what was written before them. */
export type HistoryWindow = 'nothing' | 'since_post' | 'everything' | { last: number };
export interface ChatSettings {
  history: HistoryWindow;
  /** None: messages stay. */
  message_ttl_ms: number | null;
  /** None: nobody waits. */
  slow_mode_ms: number | null;
  only_hosts_write: boolean;
}
/** What is left out stays; 0 takes a time away. */
export interface SettingsChange {
  history?: HistoryWindow;
  message_ttl_ms?: number;
  slow_mode_ms?: number;
  only_hosts_write?: boolean;
}
/** One thing that a host changed. */
export type PolicyChange =
  | { change: 'host_added' | 'host_removed' | 'banned' | 'unbanned'; account_id: string }
  | { change: 'history'; history: HistoryWindow }
  | { change: 'message_ttl'; message_ttl_ms: number | null }
  | { change: 'slow_mode'; slow_mode_ms: number | null }
  | { change: 'only_hosts_write'; only_hosts_write: boolean }
  | { change: 'profile' | 'picture' }
  | { change: 'invite_added' | 'invite_changed' | 'invite_closed'; invite_id: string };

export interface SafetyView {
  /** 60 digits, the same for both. */
  number: string;
  /** The text of a QR code with it. */
  qr: string;
  verified: boolean;
}

/** What others, and the server, are told beside messages. */
export interface Privacy {
  typing: boolean;
  receipts: boolean;
  /** Links that are about to be sent are looked up, which the server learns of. */
  previews: boolean;
}

export interface Draft {
  text: string;
  reply_to?: string | null;
}

export type MessageKind =
  | 'text'
  | 'poll'
  | 'deleted'
  | 'created'
  | 'joined'
  | 'left'
  | 'removed'
  | 'policy'
  | 'unknown'
  | 'undecryptable'
  | 'identity_changed'
  | 'refused'
  | 'restored'
  | 'taken_back'
  | 'forked'
  | 'store_lost';

export interface MessageView {
  /** Stays the same from pending to sent. */
  local_id: string;
  /** Place in the chat's log; none while it waits to be sent. */
  seq: number | null;
  kind: MessageKind;
  sender: AccountRef | null;
  /** The name of the page that the sender speaks for in this chat. */
  speaks_for?: string;
  /** Whom a membership event is about, whom a text names, or the host who deleted a message. */
  people: AccountRef[];
  text: string;
  at: number;
  state: 'pending' | 'sent' | 'failed';
  mine: boolean;
  /** What other messages call it. */
  message_id?: string | null;
  mentions_me?: boolean;
  edited?: boolean;
  expires_at?: number | null;
  /** The member who says that this was said, where it is from before this device came in. */
  vouched_by?: AccountRef | null;
  /** What a `policy` row is about. */
  changes?: PolicyChange[];
  reply?: QuoteView | null;
  files?: FileView[];
  preview?: LinkPreview | null;
  poll?: PollView | null;
  /** The most frequent first. */
  reactions?: ReactionView[];
  pinned?: boolean;
  /** How many others say they have read it, for one's own. */
  read_by?: number;
}

export interface MessagePage {
  messages: MessageView[];
  /** There are older ones. */
  has_more: boolean;
  /** There are newer ones. */
  has_newer: boolean;
}

export interface QuoteView {
  message_id: string;
  /** None when it is not on this device. */
  seq: number | null;
  kind: MessageKind | null;
  sender: AccountRef | null;
  text: string;
  /** Whom the text names by their handles. */
  people: AccountRef[];
}

export interface LinkPreview {
  url: string;
  title: string;
  description?: string;
}

export interface ReactionView {
  emoji: string;
  count: number;
  mine: boolean;
  /** Of some who chose it. */
  names: string[];
}

/** Where a file is named. */
export interface FilePlace {
  chat_id: string;
  message_id: string;
  file_id: string;
}
/** What a sender says of a file; bytes are base64url. */
export interface FileAbout {
  name: string;
  media_type: string;
  width_px?: number;
  height_px?: number;
  duration_ms?: number;
  /** Spoken into the composer. */
  voice?: boolean;
  /** How loud it is over its length, from 0 to 255. */
  waveform?: string;
  blurhash?: string;
  thumbnail?: string;
}
export interface FileView extends FileAbout {
  file_id: string;
  size_bytes: number;
  /** All of it is on this device. */
  here: boolean;
}

export interface PollDraft {
  question: string;
  options: string[];
  multiple: boolean;
}

export interface PollView {
  options: { text: string; votes: number; mine: boolean }[];
  multiple: boolean;
  closed: boolean;
  /** People who chose something. */
  voters: number;
}

export interface SearchHit {
  chat_id: string;
  message: MessageView;
  cursor: number;
}

export type CoreEvent =
  | { event: 'online'; online: boolean }
  | { event: 'chats' }
  | { event: 'messages'; chat_id: string; messages: MessageView[] }
  /** Their time is over, or they were withdrawn before they were sent. */
  | { event: 'messages_gone'; chat_id: string; local_ids: string[] }
  /** Messages from before this device came in are here: read the timeline again. */
  | { event: 'history'; chat_id: string; pending: boolean }
  | { event: 'file_progress'; file_id: string; step: 'encrypt' | 'upload' | 'download'; done_bytes: number; total_bytes: number }
  | { event: 'typing'; chat_id: string; account: AccountRef }
  | { event: 'post_added' | 'story_added'; post_id: string }
  | { event: 'post_changed'; post_id: string }
  | { event: 'request'; status: JoinStatus }
  | { event: 'queue'; chat_id: string }
  /** The reports to the hosts of a chat one hosts changed. */
  | { event: 'chat_reports'; chat_id: string }
  /** The reports to the operator, which one is, changed. */
  | { event: 'reports' }
  | { event: 'connections' }
  /** One's part in a group, or what waits in it, is another. */
  | { event: 'group'; group_id: string }
  | { event: 'notifications' }
  /** Said by the worker: somebody signed in in one of the tabs; a tab of a newer version took the core. */
  | { event: 'signed_in' | 'outdated' }
  | { event: 'signed_out' }
  | { event: 'warning'; chat_id?: string; code: string; message: string };

/** The core as a tab sees it. */
export interface Core {
  /** Lets a first screen that comes from the server alone have the network to itself. Neither its failure nor its delay stops the core. */
  loadAfter(firstScreen: Promise<unknown>): void;
  /** Settles, always well, when the first screen has come or has taken too long. */
  readonly firstScreen: Promise<unknown>;
  call<C extends Command>(cmd: C, params: Params<C>): Promise<Result<C>>;
  on(listener: (event: CoreEvent) => void): () => void;
}
