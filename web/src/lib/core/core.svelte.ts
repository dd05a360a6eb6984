import { ApiError } from '$lib/api/error';
import workerUrl from './core.worker.ts?worker&url';
import type { FromWorker, ToWorker } from './protocol';
import { scriptUrl } from './trusted';
import type { Command, Core, CoreEvent, Params, Result } from './types';

type Waiting = { resolve: (value: never) => void; reject: (error: ApiError) => void };

/** How long the core lets the first screen go first. */
const FIRST_SCREEN_MS = 1_500;

/** The core in its worker. The page sends commands and gets views; it holds no keys and no rules. */
class WorkerCore implements Core {
  #worker: Worker | undefined;
  #waiting = new Map<number, Waiting>();
  #listeners = new Set<(event: CoreEvent) => void>();
  #lastId = 0;
  /** Commands wait for it. */
  #gate: Promise<unknown> = Promise.resolve();

  loadAfter(firstScreen: Promise<unknown>): void {
    const patience = new Promise((resolve) => setTimeout(resolve, FIRST_SCREEN_MS));
    this.#gate = Promise.race([firstScreen.catch(() => undefined), patience]);
  }

  get firstScreen(): Promise<unknown> {
    return this.#gate;
  }

  call<C extends Command>(cmd: C, params: Params<C>): Promise<Result<C>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const command = { cmd, ...($state.snapshot(params) as object) };
      void this.#gate.then(() => this.#post({ type: 'call', id, command }));
    });
  }

  on(listener: (event: CoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #post(message: ToWorker): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(scriptUrl(workerUrl), { type: 'module', name: 'core' });
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    worker.onerror = () => this.#fail();
    // Close the store before the browser ends the worker, so that the next tab takes over at once.
    addEventListener('pagehide', (event) => {
      if (!event.persisted) worker.postMessage({ type: 'close' } satisfies ToWorker);
    });
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.type === 'event') {
      for (const listener of this.#listeners) listener(message.event);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'result') waiting?.resolve(message.value as never);
    else waiting?.reject(new ApiError(message.error));
  }

  #fail(): void {
    const error = new ApiError({ code: 'core_failed', message: 'The part of the app that does the encryption did not start.' });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export const core: Core = new WorkerCore();
