import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { NewAnswer, PostView, StoryPerson } from '$lib/api/types';
import { posts } from './posts.svelte';

/** How long views are gathered before the server hears of them. */
const SEEN_GATHER_MS = 400;

/** The bar above the feed, and what is done with stories. The stories themselves are posts. */
class Stories {
  people = $state.raw<StoryPerson[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  #shown = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading: Promise<void> | undefined;
  #again = false;

  /** Reads the bar; what is asked for meanwhile is one reading more. */
  load(): Promise<void> {
    this.#again = true;
    return (this.#loading ??= this.#read().finally(() => (this.#loading = undefined)));
  }

  async #read(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        this.people = (await body(api.GET('/api/stories'))).people;
        this.phase = 'ready';
      } catch (thrown) {
        this.failure = ApiError.of(thrown);
        if (this.phase === 'empty') this.phase = 'failed';
      }
    }
  }

  /** Where the bar is shown already, or is to be shown next. */
  async refresh(): Promise<void> {
    if (this.phase !== 'empty') await this.load();
  }

  /** The server says a post changed, appeared or went: perhaps a story, which may be on the screen. */
  async changed(postId: string): Promise<void> {
    if (posts.get(postId) === undefined || posts.get(postId)?.story) await this.refresh();
  }

  /** Somebody's live stories, the oldest first. */
  async of(handle: string): Promise<string[]> {
    const views = await body(api.GET('/api/accounts/{handle}/stories', { params: { path: { handle } } }));
    posts.put(...views);
    return views.map((view) => view.post_id);
  }

  /** The stories of one set of somebody's highlights. */
  async inHighlight(handle: string, highlightId: string): Promise<string[]> {
    const sets = await body(api.GET('/api/accounts/{handle}/highlights', { params: { path: { handle } } }));
    const ids = sets.find((set) => set.highlight_id === highlightId)?.post_ids ?? [];
    await Promise.all(ids.map((id) => posts.refresh(id)));
    return ids.filter((id) => posts.get(id));
  }

  /** A story was on the screen. */
  seen(post: PostView): void {
    if (!post.story || post.story.seen) return;
    posts.put({ ...post, story: { ...post.story, seen: true } });
    this.#shown.add(post.post_id);
    this.#timer ??= setTimeout(() => void this.tellSeen(), SEEN_GATHER_MS);
  }

  /** Tells the server at once. What it does not hear of is shown as unseen again, which is no harm. */
  async tellSeen(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ids = [...this.#shown];
    this.#shown.clear();
    if (!ids.length) return;
    await api.POST('/api/stories/seen', { body: { post_ids: ids } }).catch(() => undefined);
    await this.refresh();
  }

  async vote(postId: string, choice: number): Promise<void> {
    posts.put(await body(api.PUT('/api/posts/{post_id}/vote', { params: { path: { post_id: postId } }, body: { choice } })));
  }

  async answer(postId: string, answer: NewAnswer): Promise<void> {
    posts.put(await body(api.PUT('/api/posts/{post_id}/answer', { params: { path: { post_id: postId } }, body: answer })));
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shown.clear();
    this.people = [];
    this.phase = 'empty';
  }
}

export const stories = new Stories();
