import { ApiError } from '$lib/api/error';
import { errorText } from '$lib/text/errors';

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'error';
  action?: { label: string; run: () => void };
  /** A chat's id: the notice goes once its reader is in that chat. */
  about?: string;
  /** Stays until it is answered. */
  stays?: boolean;
}
const SHOWN_MS = 5_000;
const SHOWN_WITH_ACTION_MS = 10_000;
const SHOWN_MAX = 3;

/** Short notices at the edge of the screen. */
class Toasts {
  all = $state.raw<Toast[]>([]);
  #lastId = 0;

  say(text: string, action?: Toast['action'], more?: Pick<Toast, 'about' | 'stays'>): void {
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
    const oldest = others.length < SHOWN_MAX ? undefined : others.find((other) => !other.stays);
    this.all = [...others.filter((other) => other !== oldest), toast];
    if (!toast.stays) setTimeout(() => this.dismiss(toast.id), shownMs);
  }
}

export const toasts = new Toasts();
