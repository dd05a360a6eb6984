import { ApiError } from '$lib/api/error';
import { errorText } from '$lib/text/errors';

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'error';
  action?: { label: string; run: () => void };
}
const SHOWN_MS = 5_000;
const SHOWN_WITH_ACTION_MS = 10_000;

/** Short notices at the edge of the screen. */
class Toasts {
  all = $state.raw<Toast[]>([]);
  #lastId = 0;

  say(text: string, action?: Toast['action']): void {
    this.#show({ id: ++this.#lastId, text, kind: 'done', action }, action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
  }

  /** What happened, in words. */
  fail(thrown: unknown): void {
    const error = ApiError.of(thrown);
    if (error.code === 'passkey_cancelled') return;
    this.#show({ id: ++this.#lastId, text: errorText(error), kind: 'error' }, SHOWN_WITH_ACTION_MS);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }

  #show(toast: Toast, shownMs: number): void {
    this.all = [...this.all.filter((other) => other.text !== toast.text), toast].slice(-3);
    setTimeout(() => this.dismiss(toast.id), shownMs);
  }
}

export const toasts = new Toasts();
