type Json<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } };
type Op<R, B = never, P = never, Q = never> = {
  parameters: { query?: [Q] extends [never] ? never : Q; header?: never; cookie?: never } & ([P] extends [never] ? { path?: never } : { path: P });
  responses: { 200: Json<R> };
} & ([B] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': B } } });
type M = { parameters: { query?: never; header?: never; path?: never; cookie?: never } };
type S = components['schemas'];
type Empty = Record<string, never>;
type Pg = { cursor?: string; limit?: number };
type PageOf<T> = { items: T[]; next_cursor?: string | null };
export interface paths {
  '/api/server': M & { get: Op<S['ServerInfo']> };
  '/api/auth/passkeys/register/start': M & { post: Op<{ ceremony_id: string; public_key: unknown }, S['PasskeyRegisterStart']> };
  '/api/auth/passkeys/register/finish': M & { post: Op<S['SignedIn'], { ceremony_id: string; credential: unknown }> };
  '/api/auth/passkeys/login/start': M & { post: Op<{ ceremony_id: string; public_key: unknown }, Empty> };
  '/api/auth/passkeys/login/finish': M & { post: Op<S['SignedIn'], { ceremony_id: string; credential: unknown }> };
  '/api/auth/passkeys/{passkey_id}': M & { delete: Op<Empty, never, { passkey_id: string }> };
  '/api/me': M & { get: Op<S['Me']>; patch: Op<S['Me'], { name?: string }> };
  '/api/sessions': M & { get: Op<S['SessionView'][]>; delete: Op<Empty, never, never, { include_current?: boolean }> };
  '/api/sessions/{session_id}': M & { delete: Op<Empty, never, { session_id: string }> };
  '/api/registration-codes': M & { get: Op<S['RegistrationCode'][]>; post: Op<S['RegistrationCode']> };
  '/api/accounts/{handle}': M & { get: Op<S['PersonView'], never, { handle: string }> };
  '/api/connections': M & { get: Op<S['ConnectionView'][]> };
  '/api/connections/{handle}': M & { delete: Op<Empty, never, { handle: string }> };
  '/api/connections/{handle}/request': M & { post: Op<S['PersonView'], never, { handle: string }> };
  '/api/connections/{handle}/accept': M & { post: Op<S['PersonView'], never, { handle: string }> };
  '/api/connections/{handle}/decline': M & { post: Op<S['PersonView'], never, { handle: string }> };
  '/api/blocks': M & { get: Op<S['BlockView'][]> };
  '/api/blocks/{handle}': M & { put: Op<Empty, never, { handle: string }>; delete: Op<Empty, never, { handle: string }> };
  '/api/lists': M & { get: Op<S['ListView'][]>; post: Op<S['ListView'], { name: string }> };
  '/api/lists/{list_id}': M & {
    get: Op<S['ListDetail'], never, { list_id: string }>;
    patch: Op<S['ListView'], { name: string }, { list_id: string }>;
    delete: Op<Empty, never, { list_id: string }>;
  };
  '/api/lists/{list_id}/members': M & { post: Op<S['ListDetail'], { add?: string[]; remove?: string[] }, { list_id: string }> };
  '/api/feed': M & { get: Op<PageOf<S['PostView']>, never, never, Pg> };
  '/api/posts/{post_id}': M & { get: Op<S['PostView'], never, { post_id: string }> };
  '/api/invites/{invite_id}': M & { get: Op<S['InviteCard'], never, { invite_id: string }> };
}
export interface components {
  schemas: {
    AccountRef: { account_id: string; handle: string; name: string };
    Relation: 'me' | 'none' | 'requested' | 'incoming' | 'connected';
    PersonView: S['AccountRef'] & { relation: S['Relation'] };
    ConnectionView: S['AccountRef'] & { relation: S['Relation']; since: number };
    BlockView: S['AccountRef'] & { since: number };
    ServerInfo: {
      version: string;
      realm_id: string;
      registration: 'open' | 'code' | 'closed';
      needs_operator: boolean;
      public_url: string;
    };
    PasskeyRegisterStart: { handle?: string; name?: string; registration_code?: string; passkey_name?: string };
    PasskeyView: { passkey_id: string; name: string; created_at: number; last_used_at?: number | null };
    SignedIn: { me: S['Me']; token?: string | null };
    Me: {
      account_id: string;
      handle: string;
      name: string;
      is_operator: boolean;
      session_id: string;
      device_id?: string | null;
      identity_key?: string | null;
      has_password: boolean;
      passkeys: S['PasskeyView'][];
    };
    SessionView: {
      session_id: string;
      device_id?: string | null;
      device_name?: string | null;
      created_at: number;
      last_used_at: number;
      is_current: boolean;
    };
    RegistrationCode: { code: string; created_at: number; used_by?: string | null };
    ListView: { list_id: string; name: string; member_count: number; created_at: number };
    ListDetail: S['ListView'] & { members: S['AccountRef'][] };
    Audience:
      { kind: 'public' } | { kind: 'connections' } | { kind: 'lists'; list_ids: string[] } | { kind: 'people'; handles: string[] };
    AudienceKind: 'public' | 'connections' | 'lists' | 'people';
    PostView: {
      post_id: string;
      author: S['AccountRef'];
      text: string;
      audience_kind: S['AudienceKind'];
      audience?: S['Audience'] | null;
      created_at: number;
      edited_at?: number | null;
      invite?: S['InviteCard'] | null;
      terms?: S['InviteTerms'] | null;
    };
    Admission: 'open' | 'approval';
    InviteTerms: {
      admission: S['Admission'];
      questions?: string[];
      seats?: number | null;
      expires_at?: number | null;
      ends_with_post?: boolean;
    };
    InviteTermsChange: {
      admission?: S['Admission'] | null;
      questions?: string[] | null;
      seats?: number | null;
      clear_seats?: boolean;
      expires_at?: number | null;
      clear_expiry?: boolean;
      ends_with_post?: boolean | null;
    };
    JoinButton: 'join' | 'ask' | 'requested' | 'joining' | 'open' | 'full' | 'closed' | 'declined';
    InviteCard: {
      invite_id: string;
      post_id: string;
      title: string;
      host: S['AccountRef'];
      admission: S['Admission'];
      questions: string[];
      seats?: number | null;
      seats_left?: number | null;
      expires_at?: number | null;
      member_count: number;
      connections_in: S['AccountRef'][];
      connections_in_count: number;
      button: S['JoinButton'];
      chat_id?: string | null;
      request_id?: string | null;
      waiting_count?: number | null;
    };
    RequestState: 'requested' | 'admitted' | 'joined' | 'declined' | 'withdrawn' | 'expired';
    JoinStatus: { request_id: string; invite_id: string; chat_id: string; state: S['RequestState']; step?: unknown; approval?: unknown };
    QueuedRequest: {
      request_id: string;
      invite_id: string;
      account: S['AccountRef'];
      is_connection: boolean;
      questions: string[];
      answers: string[];
      state: S['RequestState'];
      asked_at: number;
      key_package: string;
    };
    Decided: { request_id: string; state: S['RequestState']; refused?: string | null };
    MemberView: S['AccountRef'] & { role: 'host' | 'member'; joined_at: number; invite_id?: string | null };
  };
}
