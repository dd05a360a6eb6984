import { failureOf, type CoreFailure, type FromWorker, type OnBus, type Sent, type ToWorker } from './protocol';
import type { CoreEvent } from './types';

/** The real core: one command in, one answer out. */
export interface Engine {
  call(command: object): Promise<unknown>;
  close(): Promise<void>;
}
/** What a worker needs from its surroundings; a test brings its own. */
export interface Surroundings {
  bus: { post(message: Sent): void };
  tab: { post(message: FromWorker): void };
  /** Unique to this worker. */
  id: string;
  /** Of the core's code: the same in all tabs of one build. */
  version: string;
  /** Stops waiting for the lock. */
  giveUp(): void;
}

const outdated: CoreFailure = { code: 'outdated', message: 'Another tab runs a newer version of the app.' };

/** Answers remembered, so that a request asked again after a take-over is not done twice. */
const ANSWERS_KEPT = 500;
const signInCommands = new Set(['register', 'login', 'adopt_session', 'reset_identity']);
/** Whether somebody is signed in once this command has succeeded. */
export const signsIn = (command: object): boolean => signInCommands.has((command as { cmd?: string }).cmd ?? '');

const carriesBytes = (value: unknown): boolean => value instanceof Object && 'blob' in value;

/**
 * One per tab. The one whose worker holds the lock owns the core and answers everybody; the others pass
 * their tab's commands on, and ask again what is unanswered whenever there is a new owner. A worker of another
 * version that starts is the newer one: whoever was there before lets go of the core and does nothing any more.
 */
export class CoreNode {
  #engine: Engine | undefined;
  #unanswered = new Map<string, { tabId: number; command: object }>();
  #answers = new Map<string, Promise<OnBus>>();
  #isOutdated = false;

  constructor(readonly around: Surroundings) {}

  /** Before it waits for the lock. */
  greet(): void {
    this.#say({ type: 'hello' });
  }

  fromTab(message: ToWorker): void {
    if (message.type === 'close') {
      void this.#engine?.close();
      return;
    }
    if (this.#isOutdated) {
      this.around.tab.post({ type: 'error', id: message.id, error: outdated });
      return;
    }
    const id = `${this.around.id}:${message.id}`;
    this.#unanswered.set(id, { tabId: message.id, command: message.command });
    this.#ask(id, message.command);
  }

  fromBus({ version, ...message }: Sent): void {
    if (version !== this.around.version) {
      if (message.type === 'hello') this.#retire();
      return;
    }
    switch (message.type) {
      case 'hello':
        break;
      case 'call':
        if (this.#engine) void this.#answer(message.id, message.command).then((outcome) => this.#say(outcome));
        break;
      case 'owner':
        for (const [id, { command }] of this.#unanswered) this.#ask(id, command);
        break;
      case 'event':
        this.around.tab.post(message);
        break;
      default:
        this.#settle(message);
    }
  }

  /** From the engine, to all tabs. */
  publish(event: CoreEvent): void {
    this.around.tab.post({ type: 'event', event });
    this.#say({ type: 'event', event });
  }

  /** This worker holds the lock now. */
  own(engine: Engine): void {
    if (this.#isOutdated) {
      void engine.close();
      return;
    }
    this.#engine = engine;
    this.#say({ type: 'owner' });
    for (const [id, { command }] of this.#unanswered) this.#ask(id, command);
  }

  #ask(id: string, command: object): void {
    if (this.#engine) void this.#answer(id, command).then((outcome) => this.#settle(outcome));
    else this.#say({ type: 'call', id, command });
  }

  #answer(id: string, command: object): Promise<OnBus> {
    const known = this.#answers.get(id);
    if (known) return known;
    const answer = this.#engine!.call(command).then(
      (value): OnBus => {
        if (signsIn(command)) this.publish({ event: 'signed_in' });
        return { type: 'result', id, value };
      },
      (thrown): OnBus => ({ type: 'error', id, error: failureOf(thrown) })
    );
    this.#answers.set(id, answer);
    // Bytes are not kept for the sake of a second question, which can be answered anew.
    void answer.then((outcome) => outcome.type === 'result' && carriesBytes(outcome.value) && this.#answers.delete(id));
    if (this.#answers.size > ANSWERS_KEPT) this.#answers.delete(this.#answers.keys().next().value!);
    return answer;
  }

  #say(message: OnBus): void {
    this.around.bus.post({ ...message, version: this.around.version });
  }

  #retire(): void {
    if (this.#isOutdated) return;
    this.#isOutdated = true;
    this.around.giveUp();
    void this.#engine?.close();
    this.#engine = undefined;
    for (const { tabId } of this.#unanswered.values()) this.around.tab.post({ type: 'error', id: tabId, error: outdated });
    this.#unanswered.clear();
    this.around.tab.post({ type: 'event', event: { event: 'outdated' } });
  }

  #settle(outcome: OnBus): void {
    if (outcome.type !== 'result' && outcome.type !== 'error') return;
    const asked = this.#unanswered.get(outcome.id);
    if (!asked) return;
    this.#unanswered.delete(outcome.id);
    this.around.tab.post({ ...outcome, id: asked.tabId });
  }
}
