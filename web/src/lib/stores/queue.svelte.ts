import { ApiError } from '$lib/api/error';
import type { Decided, DeclineReason } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import type { QueueRow, QueueRule } from '$lib/core/types';

const PAGE_ROWS = 50;
/** Requests decided in one call. */
const BATCH_MAX = 500;

/** The people who wait before one chat's door. */
export class Queue {
  rows = $state.raw<QueueRow[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  hasMore = $state(false);
  /** Decided and to be decided, while a decision runs. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  #cursor: string | undefined;

  constructor(readonly chatId: string) {}

  async load(): Promise<void> {
    try {
      const page = await core.call('requests', { chat_id: this.chatId, limit: PAGE_ROWS });
      this.rows = page.items;
      this.#next(page.next_cursor);
      this.phase = 'ready';
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    }
  }

  async more(): Promise<void> {
    const page = await core.call('requests', { chat_id: this.chatId, cursor: this.#cursor, limit: PAGE_ROWS });
    const known = new Set(this.rows.map((row) => row.request_id));
    this.rows = [...this.rows, ...page.items.filter((row) => !known.has(row.request_id))];
    this.#next(page.next_cursor);
  }

  /** Gives the outcome of each. */
  admit(requestIds: string[]): Promise<Decided[]> {
    return this.#decide(requestIds, (batch) => core.call('admit', { chat_id: this.chatId, request_ids: batch }));
  }

  /** As `admit`; `reason` is what the applicants are told. */
  decline(requestIds: string[], reason?: DeclineReason): Promise<Decided[]> {
    return this.#decide(requestIds, (batch) => core.call('decline', { chat_id: this.chatId, request_ids: batch, reason }));
  }

  /** On everybody who waits and whom the rule fits, not only on those on the screen. */
  decideAll(rule: QueueRule, verdict: 'admit' | 'decline', reason?: DeclineReason): Promise<Decided[]> {
    return core.call('decide_all', { chat_id: this.chatId, rule, verdict, reason });
  }

  async #decide(requestIds: string[], decide: (batch: string[]) => Promise<Decided[]>): Promise<Decided[]> {
    const all: Decided[] = [];
    this.progress = { done: 0, total: requestIds.length };
    try {
      for (let start = 0; start < requestIds.length; start += BATCH_MAX) {
        const outcome = await decide(requestIds.slice(start, start + BATCH_MAX));
        all.push(...outcome);
        const decided = new Set(outcome.filter((one) => one.state !== 'requested').map((one) => one.request_id));
        this.rows = this.rows.filter((row) => !decided.has(row.request_id));
        this.progress = { done: Math.min(start + BATCH_MAX, requestIds.length), total: requestIds.length };
      }
    } finally {
      this.progress = null;
    }
    return all;
  }

  #next(cursor: string | null | undefined): void {
    this.#cursor = cursor ?? undefined;
    this.hasMore = Boolean(cursor);
  }
}

/** The queues that are open on the page. */
class Queues {
  #open = new Map<string, Queue>();

  get(chatId: string): Queue {
    let queue = this.#open.get(chatId);
    if (!queue) this.#open.set(chatId, (queue = new Queue(chatId)));
    return queue;
  }

  async changed(chatId: string): Promise<void> {
    const queue = this.#open.get(chatId);
    if (queue && !queue.progress) await queue.load();
  }

  reset(): void {
    this.#open.clear();
  }
}

export const queues = new Queues();
