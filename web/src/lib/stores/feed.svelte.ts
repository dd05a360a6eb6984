import type { WindowVirtualizerHandle } from 'virtua/svelte';
import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { Page, PostView } from '$lib/api/types';
import { kept } from '$lib/device/kept';
import { mergeTop } from './merge';
import { posts } from './posts.svelte';
import { whoIsHere } from './session.svelte';

const PAGE_POSTS = 20;
/** So many of the newest stay readable without a network. */
const KEPT_POSTS = 3 * PAGE_POSTS;

/** The home feed: newest first. New posts wait behind a button, so that nothing moves under the reader's eye. */
class Feed {
  ids = $state.raw<string[]>([]);
  fresh = $state.raw<string[]>([]);
  phase = $state<'empty' | 'loading' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  loadingMore = $state(false);
  hasMore = $state(false);
  /** When its top was read from the server. */
  readAt = $state(0);
  /** It is from this device, as the server could not be reached. */
  isKept = $state(false);
  /** Where the reader was, to come back to. */
  scrollY = 0;
  /** The heights of the posts that were measured. */
  sizes: ReturnType<WindowVirtualizerHandle['getCache']> | undefined;
  #cursor: string | undefined;
  /** What has been read since the server was there last: nothing else is kept. */
  #read: string[] = [];
  /** Who was signed in when it was read. */
  #reader: string | undefined;

  async open(): Promise<void> {
    if (this.phase === 'ready' || this.phase === 'loading') return;
    this.phase = 'loading';
    try {
      this.#show(await this.#page());
      this.phase = 'ready';
    } catch (thrown) {
      await this.#showKept(thrown);
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
      if (this.#read.length < KEPT_POSTS) this.#keep([...this.#read, ...page.items.map((post) => post.post_id)]);
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
    this.#keepTop(page);
    this.fresh = [];
  }

  /** One's own post, just written. */
  prepend(post: PostView): void {
    posts.put(post);
    this.sizes = undefined;
    this.fresh = this.fresh.filter((id) => id !== post.post_id);
    if (!this.ids.includes(post.post_id)) this.ids = [post.post_id, ...this.ids];
    this.#keep([post.post_id, ...this.#read]);
  }

  remove(postId: string): void {
    this.ids = this.ids.filter((id) => id !== postId);
    this.fresh = this.fresh.filter((id) => id !== postId);
    this.#keep(this.#read.filter((id) => id !== postId));
  }

  /** Keeps a post out of the feeds, or lets it in again. */
  async hide(postId: string, on: boolean): Promise<void> {
    const params = { path: { post_id: postId } };
    if (on) {
      await api.PUT('/api/posts/{post_id}/hidden', { params });
      this.remove(postId);
    } else {
      await api.DELETE('/api/posts/{post_id}/hidden', { params });
      await this.readAgain();
    }
  }

  /** After somebody was muted, or is no more: all that is shown is another list. */
  async readAgain(): Promise<void> {
    if (this.phase !== 'ready') return;
    this.fresh = [];
    this.#show(await this.#page());
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
    const reader = whoIsHere();
    if (reader) await kept.forgetPost(reader, postId);
    if (!wasKnown && !this.fresh.includes(postId)) return;
    await posts.refresh(postId);
    if (posts.get(postId) === null) this.remove(postId);
    else this.#keep(this.#read);
  }

  /** After a time offline. */
  async catchUp(): Promise<void> {
    if (this.phase === 'failed') return this.open();
    if (this.phase !== 'ready') return this.#refreshKept();
    const page = await this.#page();
    const shown = this.ids.map((id) => posts.get(id)).filter((post): post is PostView => Boolean(post));
    const merged = mergeTop(shown, page.items, !page.next_cursor);
    if (this.isKept) return this.#show(page);
    posts.put(...page.items);
    this.#keepTop(page);
    this.ids = merged.ids;
    this.fresh = merged.fresh;
    if (!this.ids.length && this.fresh.length) await this.showFresh();
  }

  reset(): void {
    this.ids = [];
    this.fresh = [];
    this.phase = 'empty';
    this.hasMore = false;
    this.isKept = false;
    this.readAt = 0;
    this.#read = [];
    this.#cursor = undefined;
    this.scrollY = 0;
    this.sizes = undefined;
  }

  #page(cursor?: string): Promise<Page<PostView>> {
    this.#reader = whoIsHere();
    return body(api.GET('/api/feed', { params: { query: { cursor, limit: PAGE_POSTS } } }));
  }

  #show(page: Page<PostView>): void {
    posts.put(...page.items);
    this.ids = page.items.map((post) => post.post_id);
    this.isKept = false;
    this.sizes = undefined;
    this.#next(page);
    this.#keepTop(page);
  }

  async #showKept(thrown: unknown): Promise<void> {
    try {
      const { value, at } = await kept.instead(thrown, whoIsHere(), 'feed');
      posts.put(...value);
      this.ids = value.map((post) => post.post_id);
      this.readAt = at;
      this.isKept = true;
      this.hasMore = false;
      this.phase = 'ready';
    } catch {
      this.failure = ApiError.of(thrown);
      this.phase = 'failed';
    }
  }

  /** Nobody looks at the feed now; what is kept of it is read again all the same, as others may have closed it since. */
  async #refreshKept(): Promise<void> {
    const reader = whoIsHere();
    if (this.phase !== 'empty' || !reader || !(await kept.get(reader, 'feed'))) return;
    const page = await this.#page();
    if (this.phase === 'empty' && whoIsHere() === reader) await kept.put(reader, 'feed', page.items, Date.now());
  }

  #keepTop(page: Page<PostView>): void {
    this.readAt = Date.now();
    this.#keep(page.items.map((post) => post.post_id));
  }

  #keep(ids: readonly string[]): void {
    this.#read = ids.slice(0, KEPT_POSTS);
    const reader = whoIsHere();
    // Of whoever signed in meanwhile, nothing is kept before it was read for them.
    if (!reader || reader !== this.#reader || this.isKept || this.phase === 'empty') return;
    const views = this.#read.map((id) => posts.get(id)).filter((post) => post != null);
    void kept.put(reader, 'feed', views, this.readAt);
  }

  #next(page: Page<PostView>): void {
    this.#cursor = page.next_cursor ?? undefined;
    this.hasMore = Boolean(page.next_cursor);
  }
}

export const feed = new Feed();
