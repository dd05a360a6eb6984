import { ApiError } from '$lib/api/error';
import type { PersonView, PostView } from '$lib/api/types';
import { transact } from './database';

/** What stays readable without a network. Chats are the core's, and not here. */
interface Places {
  /** The top of the home feed. */
  feed: PostView[];
  /** The reader's own profile. */
  profile: PersonView;
  /** The newest of the reader's own posts. */
  posts: PostView[];
}
export type Place = keyof Places;

/** An answer of the server, and when it was given. */
export interface Aged<T> {
  value: T;
  at: number;
  /** From this device, as the server could not be reached. */
  isKept: boolean;
}
interface Row<P extends Place = Place> {
  account_id: string;
  place: P;
  at: number;
  value: Places[P];
}

/** Older rows are not given out, and go. */
export const KEPT_MS = 7 * 24 * 60 * 60_000;

/** What cannot be kept (no room, a private window) is not kept, and is read from the server as ever. */
const quietly = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined
  );

/**
 * Answers of the server that this device keeps for one account. A row is found under its account alone, so that nobody is
 * shown what somebody else could see.
 */
export const kept = {
  put: <P extends Place>(accountId: string, place: P, value: Places[P], at: number): Promise<void> =>
    quietly(transact('kept', 'readwrite', (rows) => rows.put({ account_id: accountId, place, at, value } satisfies Row<P>))),

  async get<P extends Place>(accountId: string, place: P, now = Date.now()): Promise<Aged<Places[P]> | undefined> {
    const row = await transact<Row<P> | undefined>('kept', 'readonly', (rows) => rows.get([accountId, place])).catch(() => undefined);
    if (!row) return undefined;
    if (now - row.at <= KEPT_MS) return { value: row.value, at: row.at, isKept: true };
    await kept.forget(accountId, place);
    return undefined;
  },

  forget: (accountId: string, place: Place): Promise<void> =>
    quietly(transact('kept', 'readwrite', (rows) => rows.delete([accountId, place]))),

  /** A post that changed or went: not to be shown again before it was read again. */
  async forgetPost(accountId: string, postId: string): Promise<void> {
    for (const place of ['feed', 'posts'] as const) {
      const row = await kept.get(accountId, place);
      const rest = row?.value.filter((post) => post.post_id !== postId);
      if (rest && rest.length < row!.value.length) await kept.put(accountId, place, rest, row!.at);
    }
  },

  /** Nobody else's rows, and none that is too old. */
  async onlyOf(accountId: string): Promise<void> {
    await quietly(transact('kept', 'readwrite', (rows) => rows.delete(IDBKeyRange.upperBound([accountId], true))));
    await quietly(transact('kept', 'readwrite', (rows) => rows.delete(IDBKeyRange.lowerBound([accountId, []], true))));
    for (const place of ['feed', 'profile', 'posts'] as const) await kept.get(accountId, place);
  },

  clear: (): Promise<void> => quietly(transact('kept', 'readwrite', (rows) => rows.clear())),

  /** What was kept, where `thrown` says that the server could not be reached. */
  async instead<P extends Place>(thrown: unknown, accountId: string | undefined, place: P): Promise<Aged<Places[P]>> {
    const row = accountId && ApiError.of(thrown).code === 'offline' ? await kept.get(accountId, place) : undefined;
    if (!row) throw thrown;
    return row;
  },

  /** What the server answers, kept for later; where it cannot be reached, what was kept. `who` says who is signed in. */
  async ask<P extends Place>(who: () => string | undefined, place: P, ask: () => Promise<Places[P]>): Promise<Aged<Places[P]>> {
    const accountId = who();
    try {
      const answer = { value: await ask(), at: Date.now(), isKept: false };
      // Whoever signed in meanwhile would find it under a name that is not theirs.
      if (accountId && who() === accountId) await kept.put(accountId, place, answer.value, answer.at);
      return answer;
    } catch (thrown) {
      return kept.instead(thrown, accountId, place);
    }
  }
};
