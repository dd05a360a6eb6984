/** Whether the server can be reached, as the core's socket and the browser see it. */
class Network {
  #browser = $state(navigator.onLine);
  #socket = $state(true);
  readonly online = $derived(this.#browser && this.#socket);

  constructor() {
    addEventListener('online', () => (this.#browser = true));
    addEventListener('offline', () => (this.#browser = false));
  }

  set socket(connected: boolean) {
    this.#socket = connected;
  }
}

export const network = new Network();
