import type { CoreEvent } from './types';

/** Between a tab and its worker. */
export type ToWorker = { type: 'call'; id: number; command: object } | { type: 'close' };
export type FromWorker = Outcome<number> | { type: 'event'; event: CoreEvent };

/** Between the workers of all tabs, over the BroadcastChannel. Ids are unique over all tabs. */
export type OnBus =
  /** A worker has started: those of another version make room for it. */
  | { type: 'hello' }
  | { type: 'call'; id: string; command: object }
  | Outcome<string>
  | { type: 'event'; event: CoreEvent }
  /** A worker became the owner of the core: what is unanswered is to be asked again. */
  | { type: 'owner' };

/** A message with the version of the core code that sent it; versions do not talk to each other. */
export type Sent = OnBus & { version: string };

export type Outcome<Id> = { type: 'result'; id: Id; value: unknown } | { type: 'error'; id: Id; error: CoreFailure };

/** An `ApiError` without its wrapping. */
export interface CoreFailure {
  code: string;
  message: string;
  field?: string;
  retry_after_ms?: number;
}

/** Reads an `ApiError` in JSON, as text or object, or anything else that was thrown. */
export function failureOf(thrown: unknown): CoreFailure {
  let value: unknown = thrown;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      return { code: 'internal', message: String(thrown) };
    }
  }
  if (value && typeof value === 'object') {
    const inner = 'error' in value ? value.error : value;
    if (inner && typeof inner === 'object' && 'code' in inner && typeof inner.code === 'string') return inner as CoreFailure;
    if (value instanceof Error) return { code: 'internal', message: value.message };
  }
  return { code: 'internal', message: String(thrown) };
}
