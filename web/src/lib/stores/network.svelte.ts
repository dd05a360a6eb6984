/** How old what the page shows is. */
interface Age {
  readAt: number;
  isKept: boolean;
}

/** Whether the server can be reached, as the core's socket and the browser see it, and as of when the page is. */
class Network {
  #browser = $state(navigator.onLine);
  #socket = $state(true);
  #age = $state.raw<Age>();
  readonly online = $derived(this.#browser && this.#socket);
  /** When what the page shows was read from the server, where it says so. */
  readonly readAt = $derived(this.#age?.readAt);
  /** What the page shows is from this device, whatever browser and socket say. */
  readonly isKept = $derived(this.#age?.isKept ?? false);

  constructor() {
    addEventListener('online', () => (this.#browser = true));
    addEventListener('offline', () => (this.#browser = false));
  }

  /** What a page shows was read at `readAt` (0: not yet). Comes back with what takes that away, unless another page has said so. */
  dates(readAt: number, isKept: boolean): () => void {
    const age = readAt ? { readAt, isKept } : undefined;
    this.#age = age;
    return () => {
      if (this.#age === age) this.#age = undefined;
    };
  }

  set socket(connected: boolean) {
    this.#socket = connected;
  }
}

export const network = new Network();
