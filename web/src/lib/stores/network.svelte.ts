/** Whether the server can be reached, as the core's socket and the browser see it. */
class Network {
  #browser = $state(navigator.onLine);
  #socket = $state(true);
  readonly online = $derived(this.#browser && this.#socket);
  /** When what the page shows was read from the server, where it says so. */
  readAt = $state.raw<number>();
  /** What the page shows is from this device, whatever browser and socket say. */
  isKept = $state(false);

  constructor() {
    addEventListener('online', () => (this.#browser = true));
    addEventListener('offline', () => (this.#browser = false));
  }

  /** A page's content is as of `at`; comes back with what takes that away again. */
  dates(at: number, isKept: boolean): () => void {
    this.readAt = at || undefined;
    this.isKept = isKept;
    return () => {
      this.readAt = undefined;
      this.isKept = false;
    };
  }

  set socket(connected: boolean) {
    this.#socket = connected;
  }
}

export const network = new Network();
