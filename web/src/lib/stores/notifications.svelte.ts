import { api, body } from '$lib/api/client';
import type { NotificationView } from '$lib/api/types';
import { Pager } from './pager.svelte';

const PAGE_ROWS = 30;

/** What happened that concerns the reader. */
class Notifications {
  readonly list = new Pager<NotificationView>(
    (cursor) => body(api.GET('/api/notifications', { params: { query: { cursor, limit: PAGE_ROWS } } })),
    (row) => row.notification_id
  );
  unread = $state(0);
  #turn = 0;

  /** How many are unread, and, where it is shown, what they are. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    const shown = this.list.phase === 'ready' ? this.list.load() : undefined;
    const { count } = await body(api.GET('/api/notifications/unread'));
    if (turn === this.#turn) this.unread = count;
    await shown;
  }

  /** All that is shown is read, on all devices. */
  async read(): Promise<void> {
    const newest = this.list.rows[0];
    if (!newest || this.list.rows.every((row) => row.is_read)) return;
    const turn = ++this.#turn;
    const { count } = await body(api.POST('/api/notifications/read', { body: { up_to: newest.at } }));
    if (turn === this.#turn) this.unread = count;
  }

  reset(): void {
    this.#turn++;
    this.unread = 0;
    this.list.reset();
  }
}

export const notifications = new Notifications();
