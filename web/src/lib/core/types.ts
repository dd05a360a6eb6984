import type {
  AccountRef,
  Audience,
  Decided,
  JoinStatus,
  InviteTerms,
  InviteTermsChange,
  Me,
  MemberView,
  PostView,
  QueuedRequest
} from '$lib/api/types';

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

  post: { params: { post_id: string; text: string; audience: Audience; chat?: ChatChoice; terms?: InviteTerms }; result: PostView };
  post_edit: { params: { post_id: string; text?: string; audience?: Audience; terms?: InviteTermsChange }; result: PostView };
  post_close: { params: { post_id: string }; result: PostView };
  post_delete: { params: { post_id: string }; result: object };
  link: { params: { post_id: string }; result: { url: string } };

  /** Answers once joined, or at once when the request waits for approval. */
  join: { params: { invite_id: string; secret?: string; answers?: string[] }; result: JoinStatus };
  withdraw: { params: { request_id: string }; result: JoinStatus };
  requests: { params: { chat_id: string; cursor?: string; limit?: number }; result: { items: QueueRow[]; next_cursor?: string | null } };
  admit: { params: { chat_id: string; request_ids: string[] }; result: Decided[] };
  decline: { params: { chat_id: string; request_ids: string[] }; result: Decided[] };

  chats: { params: object; result: ChatSummary[] };
  chat: { params: { chat_id: string }; result: ChatSummary };
  members: { params: { chat_id: string }; result: MemberView[] };
  /** Oldest first; `before` is a sequence. */
  messages: { params: { chat_id: string; before?: number; limit?: number }; result: { messages: MessageView[]; has_more: boolean } };
  send: { params: { chat_id: string; text: string; local_id: string }; result: MessageView };
  retry: { params: { chat_id: string; local_id: string }; result: object };
  discard: { params: { chat_id: string; local_id: string }; result: object };
  mark_read: { params: { chat_id: string; seq: number }; result: object };
  leave: { params: { chat_id: string }; result: object };
  remove: { params: { chat_id: string; account_id: string }; result: object };
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
export type QueueRow = Omit<QueuedRequest, 'key_package'>;

export interface ChatSummary {
  chat_id: string;
  title: string;
  role: 'host' | 'member';
  member_count: number;
  unread_count: number;
  last_message: null | { sender_name: string; text: string; at: number; mine: boolean };
  last_at: number;
  /** Requests waiting, for hosts. */
  waiting_count?: number | null;
  state: 'ready' | 'joining' | 'recovering' | 'left' | 'removed';
  /** Why the chat stands still, where it does: the server or a member broke its policy. */
  warning?: string | null;
}

export type MessageKind =
  'text' | 'created' | 'joined' | 'left' | 'removed' | 'policy' | 'unknown' | 'undecryptable' | 'identity_changed' | 'refused';

export interface MessageView {
  /** Stays the same from pending to sent. */
  local_id: string;
  /** Place in the chat's log; none while it waits to be sent. */
  seq: number | null;
  kind: MessageKind;
  sender: AccountRef | null;
  /** Whom a membership event is about. */
  people: AccountRef[];
  text: string;
  at: number;
  state: 'pending' | 'sent' | 'failed';
  mine: boolean;
}

export type CoreEvent =
  | { event: 'online'; online: boolean }
  | { event: 'chats' }
  | { event: 'messages'; chat_id: string; messages: MessageView[] }
  | { event: 'post_added'; post_id: string }
  | { event: 'post_changed'; post_id: string }
  | { event: 'request'; status: JoinStatus }
  | { event: 'queue'; chat_id: string }
  | { event: 'connections' }
  /** Said by the worker to all tabs after a sign-in in one of them. */
  | { event: 'signed_in' }
  | { event: 'signed_out' }
  | { event: 'warning'; chat_id?: string; code: string; message: string };

/** The core as a tab sees it. */
export interface Core {
  /** Lets a first screen that comes from the server alone have the network to itself. Neither its failure nor its delay stops the core. */
  loadAfter(firstScreen: Promise<unknown>): void;
  call<C extends Command>(cmd: C, params: Params<C>): Promise<Result<C>>;
  on(listener: (event: CoreEvent) => void): () => void;
}
