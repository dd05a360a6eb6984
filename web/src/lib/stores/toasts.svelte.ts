import { ApiError } from '$lib/api/error';
import { errorText } from '$lib/text/errors';

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'error';
  action?: { label: string; run: () => void };
  /** A chat's id: the notice goes once its reader is in that chat. */
  about?: string;
}
const SHOWN_MS = 5_000;
const SHOWN_WITH_ACTION_MS = 10_000;
const SHOWN_MAX = 3;

/** Short notices at the edge of the screen. */
class Toasts {
  all = $state.raw<Toast[]>([]);
  #lastId = 0;

  say(text: string, action?: Toast['action'], more?: Pick<Toast, 'about'>): void {
    this.#show({ id: ++this.#lastId, text, kind: 'done', action, ...more }, action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
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

  /** What a notice about this chat says, its reader can see by now. */
  settle(chatId: string): void {
    this.all = this.all.filter((toast) => toast.about !== chatId);
  }

  #show(toast: Toast, shownMs: number): void {
    const others = this.all.filter((other) => other.text !== toast.text);
    this.all = [...others.slice(Math.max(0, others.length + 1 - SHOWN_MAX)), toast];
    setTimeout(() => this.dismiss(toast.id), shownMs);
  }
}

export const toasts = new Toasts();
