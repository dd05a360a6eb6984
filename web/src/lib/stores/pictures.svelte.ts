import { SvelteMap } from 'svelte/reactivity';
import { api, body } from '$lib/api/client';

/** Accounts the server is asked about at one time. */
const BATCH_MAX = 100;
/** So long the names on a page are gathered, to be asked about at once. */
const GATHER_MS = 20;
/** After that somebody may have another picture. */
const FRESH_MS = 5 * 60_000;

/** Which picture people and pages have: asked for once for all that stand on a page, not one by one. */
class Pictures {
  /** Of each account the picture; null for one that has none, or none for this reader. */
  readonly #known = new SvelteMap<string, string | null>();
  readonly #askedAt = new Map<string, number>();
  #wanted = new Set<string>();

  /** Its address; undefined while none is known. */
  of(id: string): string | undefined {
    const picture = this.#known.get(id);
    return picture ? `/api/media/${picture}/small` : undefined;
  }

  /** Asks for it, unless that was done lately. */
  want(id: string): void {
    const askedAt = this.#askedAt.get(id);
    if (askedAt !== undefined && Date.now() - askedAt < FRESH_MS) return;
    this.#askedAt.set(id, Date.now());
    if (!this.#wanted.size) setTimeout(() => void this.#ask(), GATHER_MS);
    this.#wanted.add(id);
  }

  /** One's own, or a page's, that was just changed. */
  changed(id: string, picture: string | null): void {
    this.#known.set(id, picture);
    this.#askedAt.set(id, Date.now());
  }

  /** It could not be read: it is another by now, or not for this reader any more. */
  lost(id: string): void {
    this.#known.set(id, null);
  }

  /** Somebody else is here. */
  clear(): void {
    this.#known.clear();
    this.#askedAt.clear();
    this.#wanted.clear();
  }

  async #ask(): Promise<void> {
    const wanted = [...this.#wanted];
    this.#wanted = new Set();
    for (let from = 0; from < wanted.length; from += BATCH_MAX) {
      const ids = wanted.slice(from, from + BATCH_MAX);
      try {
        const found = await body(api.GET('/api/pictures', { params: { query: { of: ids.join(',') } } }));
        const pictures = new Map(found.map((row) => [row.account_id, row.media_id]));
        for (const id of ids) this.#known.set(id, pictures.get(id) ?? null);
      } catch {
        // Without an answer letters stand there, and it is asked again when they are next shown.
        for (const id of ids) this.#askedAt.delete(id);
      }
    }
  }
}

export const pictures = new Pictures();
