import { core } from '$lib/core/core.svelte';
import type { Privacy as Choices } from '$lib/core/types';

/** What others are told beside messages. */
class Privacy {
  chosen = $state.raw<Choices>();

  async load(): Promise<void> {
    this.chosen = await core.call('privacy', {});
  }

  /** Shown as chosen at once, and as it was before when the core does not take it. */
  async choose(change: Partial<Choices>): Promise<void> {
    const before = this.chosen;
    this.chosen = before && { ...before, ...change };
    try {
      this.chosen = await core.call('set_privacy', change);
    } catch (thrown) {
      this.chosen = before;
      throw thrown;
    }
  }

  reset(): void {
    this.chosen = undefined;
  }
}

export const privacy = new Privacy();
