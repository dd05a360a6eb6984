import { core } from '$lib/core/core.svelte';
import type { Privacy as Choices } from '$lib/core/types';

/** What others are told beside messages. */
class Privacy {
  chosen = $state.raw<Choices>();

  async load(): Promise<void> {
    this.chosen = await core.call('privacy', {});
  }

  async choose(change: Partial<Choices>): Promise<void> {
    this.chosen = await core.call('set_privacy', change);
  }

  reset(): void {
    this.chosen = undefined;
  }
}

export const privacy = new Privacy();
