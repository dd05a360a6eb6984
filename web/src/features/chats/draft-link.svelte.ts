import { SvelteMap } from 'svelte/reactivity';
import { core } from '$lib/core/core.svelte';
import type { LinkPreview } from '$lib/core/types';
import { segmentsOf } from '$lib/text/segments';

/** Typing has paused for so long that a link in it is whole. */
const PAUSE_MS = 700;

const firstLink = (text: string): string | undefined => segmentsOf(text).find((segment) => segment.href)?.href;

/** What is behind the first link of a draft. Each link is looked up once. */
export class DraftLink {
  #url = $state<string>();
  /** Nothing for a link that is being looked up, has nothing to show, or whose card its writer dropped. */
  #known = new SvelteMap<string, LinkPreview | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The card above the text. */
  readonly preview = $derived(this.#url === undefined ? undefined : this.#known.get(this.#url));

  /** After every change of the text. */
  follow(text: string): void {
    clearTimeout(this.#timer);
    const url = firstLink(text);
    if (url !== this.#url) this.#url = undefined;
    if (url !== undefined) this.#timer = setTimeout(() => void this.#look(url), PAUSE_MS);
  }

  drop(): void {
    if (this.#url !== undefined) this.#known.set(this.#url, undefined);
  }

  /** The message was sent: with its card, if that had come by then. */
  end(): void {
    clearTimeout(this.#timer);
    this.#url = undefined;
  }

  async #look(url: string): Promise<void> {
    this.#url = url;
    if (this.#known.has(url)) return;
    this.#known.set(url, undefined);
    const preview = await core.call('link_preview', { url }).catch(() => null);
    if (preview) this.#known.set(url, preview);
  }
}
