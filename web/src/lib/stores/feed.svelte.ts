import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { Page, PostView } from '$lib/api/types';
import { mergeTop } from './merge';
import { posts } from './posts.svelte';

const PAGE_POSTS = 20;

/** The home feed: newest first. New posts wait behind a button, so that nothing moves under the reader's eye. */
class Feed {
  ids = $state.raw<string[]>([]);
  fresh = $state.raw<string[]>([]);
  phase = $state<'empty' | 'loading' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  loadingMore = $state(false);
  hasMore = $state(false);
  /** Where the reader was, to come back to. */
  scrollY = 0;
  #cursor: string | undefined;

  async open(): Promise<void> {
    if (this.phase === 'ready' || this.phase === 'loading') return;
    this.phase = 'loading';
    try {
      this.#show(await this.#page());
      this.phase = 'ready';
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      this.phase = 'failed';
    }
  }

  async more(): Promise<void> {
    if (this.loadingMore || !this.hasMore) return;
    this.loadingMore = true;
    try {
      const page = await this.#page(this.#cursor);
      posts.put(...page.items);
      const known = new Set(this.ids);
      this.ids = [...this.ids, ...page.items.map((post) => post.post_id).filter((id) => !known.has(id))];
      this.#next(page);
    } finally {
      this.loadingMore = false;
    }
  }

  /** Puts what waits on top. */
  async showFresh(): Promise<void> {
    const page = await this.#page();
    const known = new Set(this.ids);
    const overlaps = page.items.some((post) => known.has(post.post_id)) || this.ids.length === 0;
    posts.put(...page.items);
    if (overlaps) this.ids = [...page.items.map((post) => post.post_id).filter((id) => !known.has(id)), ...this.ids];
    else this.#show(page);
    this.fresh = [];
  }

  /** One's own post, just written. */
  prepend(post: PostView): void {
    posts.put(post);
    this.fresh = this.fresh.filter((id) => id !== post.post_id);
    if (!this.ids.includes(post.post_id)) this.ids = [post.post_id, ...this.ids];
  }

  remove(postId: string): void {
    this.ids = this.ids.filter((id) => id !== postId);
    this.fresh = this.fresh.filter((id) => id !== postId);
  }

  /** The server says there is a new post. An empty page has nothing that could jump: there it is shown at once. */
  async added(postId: string): Promise<void> {
    if (this.phase !== 'ready' || this.ids.includes(postId) || this.fresh.includes(postId)) return;
    this.fresh = [postId, ...this.fresh];
    if (!this.ids.length) await this.showFresh();
  }

  /** The server says a post changed, appeared or went. */
  async changed(postId: string): Promise<void> {
    const wasKnown = posts.get(postId) !== undefined;
    if (!wasKnown && !this.fresh.includes(postId)) return;
    await posts.refresh(postId);
    if (posts.get(postId) === null) this.remove(postId);
  }

  /** After a time offline. */
  async catchUp(): Promise<void> {
    if (this.phase === 'failed') return this.open();
    if (this.phase !== 'ready') return;
    const page = await this.#page();
    const shown = this.ids.map((id) => posts.get(id)).filter((post): post is PostView => Boolean(post));
    const merged = mergeTop(shown, page.items, !page.next_cursor);
    posts.put(...page.items);
    this.ids = merged.ids;
    this.fresh = merged.fresh;
    if (!this.ids.length && this.fresh.length) await this.showFresh();
  }

  reset(): void {
    this.ids = [];
    this.fresh = [];
    this.phase = 'empty';
    this.hasMore = false;
    this.#cursor = undefined;
    this.scrollY = 0;
  }

  #page(cursor?: string): Promise<Page<PostView>> {
    return body(api.GET('/api/feed', { params: { query: { cursor, limit: PAGE_POSTS } } }));
  }

  #show(page: Page<PostView>): void {
    posts.put(...page.items);
    this.ids = page.items.map((post) => post.post_id);
    this.#next(page);
  }

  #next(page: Page<PostView>): void {
    this.#cursor = page.next_cursor ?? undefined;
    this.hasMore = Boolean(page.next_cursor);
  }
}

export const feed = new Feed();
