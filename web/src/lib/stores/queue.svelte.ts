import { ApiError } from '$lib/api/error';
import type { Decided } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import type { QueueRow } from '$lib/core/types';

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

  /** Every row there is, page by page: for a rule that looks at all of them. */
  async loadAll(): Promise<void> {
    while (this.hasMore) await this.more();
  }

  /** Gives those that could not be decided as asked. */
  async decide(how: 'admit' | 'decline', requestIds: string[]): Promise<Decided[]> {
    const refused: Decided[] = [];
    this.progress = { done: 0, total: requestIds.length };
    try {
      for (let start = 0; start < requestIds.length; start += BATCH_MAX) {
        const batch = requestIds.slice(start, start + BATCH_MAX);
        const outcome = await core.call(how, { chat_id: this.chatId, request_ids: batch });
        refused.push(...outcome.filter((one) => one.refused));
        const decided = new Set(outcome.filter((one) => one.state !== 'requested').map((one) => one.request_id));
        this.rows = this.rows.filter((row) => !decided.has(row.request_id));
        this.progress = { done: start + batch.length, total: requestIds.length };
      }
    } finally {
      this.progress = null;
    }
    return refused;
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
