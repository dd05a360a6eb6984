import { SvelteMap } from 'svelte/reactivity';
import { ApiError } from '$lib/api/error';
import type { JoinStatus } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import { chats } from './chats.svelte';
import { posts } from './posts.svelte';

/** Joins and withdrawals under way from this tab, by invite, so that a button says so from the tap on. */
class Joins {
  busy = new SvelteMap<string, 'joining' | 'withdrawing'>();

  /** Comes back once joined, or at once when a host decides. */
  async join(inviteId: string, answers: string[], secret?: string): Promise<JoinStatus> {
    return this.#while(inviteId, 'joining', () =>
      core.call('join', { invite_id: inviteId, ...(answers.length ? { answers } : {}), ...(secret ? { secret } : {}) })
    );
  }

  async withdraw(inviteId: string, requestId: string): Promise<JoinStatus> {
    return this.#while(inviteId, 'withdrawing', () => core.call('withdraw', { request_id: requestId }));
  }

  async #while(inviteId: string, what: 'joining' | 'withdrawing', work: () => Promise<JoinStatus>): Promise<JoinStatus> {
    if (this.busy.has(inviteId)) throw new ApiError({ code: 'busy', message: 'That is under way already.' });
    this.busy.set(inviteId, what);
    try {
      return await work();
    } finally {
      await this.#settled(inviteId);
      this.busy.delete(inviteId);
    }
  }

  async #settled(inviteId: string): Promise<void> {
    const post = posts.withInvite(inviteId);
    await Promise.allSettled([post ? posts.refresh(post.post_id) : undefined, chats.load()]);
  }
}

export const joins = new Joins();
