import { SvelteMap } from 'svelte/reactivity';
import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { AccountRef, CommentView, ThreadView } from '$lib/api/types';

const PAGE_THREADS = 30;
const PAGE_MAX = 100;

/** The comments of one post, as far as they are on the page: the newest threads, the oldest of them first. */
export class Threads {
  rows = $state.raw<readonly ThreadView[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  #cursor = $state<string>();
  readonly hasEarlier = $derived(this.#cursor !== undefined);
  /** Replies of threads that were opened further than a thread comes with. */
  readonly #opened = new SvelteMap<string, { replies: readonly CommentView[]; cursor?: string }>();
  /** Counts up with each reading, so that an older answer that comes late is dropped. */
  #turn = 0;

  constructor(readonly postId: string) {}

  /** Everybody who said something here, the latest first. */
  readonly people: readonly AccountRef[] = $derived.by(() => {
    const all = this.rows.flatMap((thread) => [thread, ...this.repliesOf(thread).replies]);
    const known = new Map(all.toReversed().flatMap(({ author }) => (author ? [[author.account_id, author] as const] : [])));
    return [...known.values()];
  });

  repliesOf(thread: ThreadView): { replies: readonly CommentView[]; cursor?: string } {
    return this.#opened.get(thread.comment_id) ?? { replies: thread.replies ?? [], cursor: thread.replies_cursor ?? undefined };
  }

  /** Reads again what is on the page, and what is new. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const limit = Math.min(PAGE_MAX, Math.max(PAGE_THREADS, this.rows.length + 1));
      const [page, opened] = await Promise.all([this.#page(undefined, limit), this.#reopen()]);
      if (turn !== this.#turn) return;
      const first = page.items[0];
      // Those before the page's first stay as they were read.
      const earlier = page.next_cursor && first ? this.rows.filter((row) => isBefore(row, first)) : [];
      this.rows = [...earlier, ...page.items];
      if (!earlier.length) this.#cursor = page.next_cursor ?? undefined;
      for (const [id, replies] of opened) this.#opened.set(id, replies);
      this.phase = 'ready';
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    }
  }

  async earlier(): Promise<void> {
    const page = await this.#page(this.#cursor);
    const known = new Set(this.rows.map((row) => row.comment_id));
    this.rows = [...page.items.filter((row) => !known.has(row.comment_id)), ...this.rows];
    this.#cursor = page.next_cursor ?? undefined;
  }

  async moreReplies(thread: ThreadView): Promise<void> {
    const before = this.repliesOf(thread);
    const page = await this.#replies(thread.comment_id, before.cursor);
    const known = new Set(before.replies.map((reply) => reply.comment_id));
    const replies = [...before.replies, ...page.items.filter((reply) => !known.has(reply.comment_id))];
    this.#opened.set(thread.comment_id, { replies, cursor: page.next_cursor ?? undefined });
  }

  async write(commentId: string, text: string, parentId?: string): Promise<CommentView> {
    const comment = { comment_id: commentId, text, parent_id: parentId };
    const view = await body(api.POST('/api/posts/{post_id}/comments', { params: { path: { post_id: this.postId } }, body: comment }));
    this.#add(view);
    return view;
  }

  async edit(commentId: string, text: string): Promise<void> {
    this.put(await body(api.PATCH('/api/comments/{comment_id}', { params: { path: { comment_id: commentId } }, body: { text } })));
  }

  async remove(commentId: string): Promise<void> {
    await api.DELETE('/api/comments/{comment_id}', { params: { path: { comment_id: commentId } } });
    await this.load();
  }

  /** Puts a comment in place of what it was. */
  put(view: CommentView): void {
    const changed = (one: CommentView) => (one.comment_id === view.comment_id ? view : one);
    this.rows = this.rows.map((row) => ({
      ...row,
      ...(row.comment_id === view.comment_id ? view : {}),
      replies: row.replies?.map(changed)
    }));
    for (const [id, { replies, cursor }] of this.#opened) this.#opened.set(id, { replies: replies.map(changed), cursor });
  }

  /** One's own comment, just written, stands at the end of its thread. */
  #add(view: CommentView): void {
    if (!view.parent_id) {
      if (!this.rows.some((row) => row.comment_id === view.comment_id)) this.rows = [...this.rows, { ...view, reply_count: 0 }];
      return;
    }
    const thread = this.rows.find((row) => row.comment_id === view.parent_id);
    if (!thread) return;
    const { replies, cursor } = this.repliesOf(thread);
    if (!replies.some((reply) => reply.comment_id === view.comment_id))
      this.#opened.set(thread.comment_id, { replies: [...replies, view], cursor });
  }

  #page(cursor?: string, limit = PAGE_THREADS) {
    return body(api.GET('/api/posts/{post_id}/comments', { params: { path: { post_id: this.postId }, query: { cursor, limit } } }));
  }

  #replies(commentId: string, cursor?: string) {
    return body(
      api.GET('/api/comments/{comment_id}/replies', { params: { path: { comment_id: commentId }, query: { cursor, limit: PAGE_MAX } } })
    );
  }

  /** The replies of opened threads as they are now; those of one that is gone are none. */
  #reopen(): Promise<[string, { replies: readonly CommentView[]; cursor?: string }][]> {
    return Promise.all(
      [...this.#opened.keys()].map(async (id) => {
        const page = await this.#replies(id).catch(() => ({ items: [], next_cursor: undefined }));
        return [id, { replies: page.items, cursor: page.next_cursor ?? undefined }];
      })
    );
  }
}

const isBefore = (one: ThreadView, other: ThreadView): boolean =>
  one.created_at < other.created_at || (one.created_at === other.created_at && one.comment_id < other.comment_id);
