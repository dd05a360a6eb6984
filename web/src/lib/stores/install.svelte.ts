/** Chromium's offer to install the app; other browsers have it in their own menus. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

const REFUSED = 'install-refused-at';
const HERE_SINCE = 'here-since';
/** Nobody is asked on the first day. */
const ACQUAINTED_MS = 24 * 60 * 60_000;
/** Whoever said no is not asked again for so long. */
const QUIET_MS = 90 * 24 * 60 * 60_000;

/** When somebody opened the app in this browser for the first time. */
function hereSince(): number {
  const known = localStorage.getItem(HERE_SINCE);
  if (known) return Number(known);
  localStorage.setItem(HERE_SINCE, String(Date.now()));
  return Date.now();
}

class Install {
  #offer = $state.raw<InstallOffer>();
  readonly #hereSince = hereSince();
  #refusedAt = $state(Number(localStorage.getItem(REFUSED) ?? 0));
  /** The browser can install the app now. */
  readonly isOffered = $derived(this.#offer !== undefined);
  /** It may be said without being asked. */
  readonly isHinted = $derived(this.isOffered && Date.now() - this.#hereSince > ACQUAINTED_MS && Date.now() - this.#refusedAt > QUIET_MS);

  constructor() {
    addEventListener('beforeinstallprompt', (event) => {
      // The app says so itself, where it does not cover anything.
      event.preventDefault();
      this.#offer = event as InstallOffer;
    });
    addEventListener('appinstalled', () => (this.#offer = undefined));
  }

  /** The browser asks its own question; an offer can be used once. */
  async accept(): Promise<void> {
    const offer = this.#offer;
    this.#offer = undefined;
    await offer?.prompt();
  }

  refuse(): void {
    this.#refusedAt = Date.now();
    localStorage.setItem(REFUSED, String(this.#refusedAt));
  }
}

export const install = new Install();
