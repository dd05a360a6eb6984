import { ApiError } from '$lib/api/error';
import type { Page } from '$lib/api/types';

/** A list that comes in pages, as far as it is on the page. */
export class Pager<Row> {
  rows = $state.raw<readonly Row[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  #cursor = $state<string>();
  readonly hasMore = $derived(this.#cursor !== undefined);
  /** Counts up with each first page, so that an older answer that comes late is dropped. */
  #turn = 0;

  constructor(
    readonly page: (cursor?: string) => Promise<Page<Row>>,
    readonly idOf: (row: Row) => string
  ) {}

  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const { items, next_cursor } = await this.page();
      if (turn !== this.#turn) return;
      this.rows = items;
      this.#cursor = next_cursor ?? undefined;
      this.phase = 'ready';
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    }
  }

  async more(): Promise<void> {
    const turn = this.#turn;
    const { items, next_cursor } = await this.page(this.#cursor);
    if (turn !== this.#turn) return;
    const known = new Set(this.rows.map(this.idOf));
    this.rows = [...this.rows, ...items.filter((row) => !known.has(this.idOf(row)))];
    this.#cursor = next_cursor ?? undefined;
  }

  /** Puts a new row on top. */
  prepend(row: Row): void {
    if (!this.rows.some((known) => this.idOf(known) === this.idOf(row))) this.rows = [row, ...this.rows];
  }

  reset(): void {
    this.#turn++;
    this.rows = [];
    this.phase = 'empty';
    this.#cursor = undefined;
  }
}
