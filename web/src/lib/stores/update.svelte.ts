import { registerServiceWorker } from '$lib/core/register-sw';

/** Versions of the app itself. Nothing is ever reloaded but by the reader's own hand. */
class Update {
  /** `ready`: a new version waits. `outdated`: this tab is left over from an older one, and can do nothing any more. */
  state = $state<'none' | 'ready' | 'outdated'>('none');
  #apply = () => location.reload();

  watch(): Promise<void> {
    return registerServiceWorker((apply) => {
      this.#apply = apply;
      if (this.state === 'none') this.state = 'ready';
    });
  }

  /** Another tab runs a newer version by now. */
  outdated(): void {
    this.state = 'outdated';
  }

  reload(): void {
    if (this.state === 'outdated') location.reload();
    else this.#apply();
  }

  /** Until the next start of the app, or the next version. */
  later(): void {
    this.state = 'none';
  }
}

export const update = new Update();
