import { SvelteMap } from 'svelte/reactivity';
import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { PostView } from '$lib/api/types';

/** Every post on the page, once; the feed and a post's own page show the same one. `null`: gone or out of sight. */
class Posts {
  #known = new SvelteMap<string, PostView | null>();

  get(postId: string): PostView | null | undefined {
    return this.#known.get(postId);
  }

  put(...views: PostView[]): void {
    for (const view of views) this.#known.set(view.post_id, view);
  }

  drop(postId: string): void {
    this.#known.set(postId, null);
  }

  /** Reads it again; what is not there any more is dropped. */
  async refresh(postId: string): Promise<void> {
    try {
      this.put(await body(api.GET('/api/posts/{post_id}', { params: { path: { post_id: postId } } })));
    } catch (thrown) {
      if (ApiError.of(thrown).code !== 'not_found') throw thrown;
      this.drop(postId);
    }
  }

  /** The post on the page that carries an invite. */
  withInvite(inviteId: string): PostView | undefined {
    for (const view of this.#known.values()) if (view?.invite?.invite_id === inviteId) return view;
    return undefined;
  }

  withChat(chatId: string): PostView[] {
    return [...this.#known.values()].filter((view): view is PostView => view?.invite?.chat_id === chatId);
  }

  reset(): void {
    this.#known.clear();
  }
}

export const posts = new Posts();
