import type { AccountRef } from '$lib/api/types';
import type { MessageView } from '$lib/core/types';

/** How long somebody is shown as writing after the last sign of it. */
const SHOWN_MS = 6_000;

interface Writer extends AccountRef {
  timer: ReturnType<typeof setTimeout>;
}

/** Who is writing where. */
class Typing {
  #writers = $state.raw<Record<string, Writer[]>>({});

  in(chatId: string): readonly AccountRef[] {
    return this.#writers[chatId] ?? [];
  }

  begin(chatId: string, account: AccountRef): void {
    const timer = setTimeout(() => this.end(chatId, account.account_id), SHOWN_MS);
    this.end(chatId, account.account_id);
    this.#writers = { ...this.#writers, [chatId]: [...(this.#writers[chatId] ?? []), { ...account, timer }] };
  }

  end(chatId: string, accountId: string): void {
    const writers = this.#writers[chatId] ?? [];
    const gone = writers.find((writer) => writer.account_id === accountId);
    if (!gone) return;
    clearTimeout(gone.timer);
    this.#writers = { ...this.#writers, [chatId]: writers.filter((writer) => writer !== gone) };
  }

  /** What they were writing is there. */
  wrote(chatId: string, messages: readonly MessageView[]): void {
    for (const { sender } of messages) if (sender) this.end(chatId, sender.account_id);
  }

  reset(): void {
    for (const writer of Object.values(this.#writers).flat()) clearTimeout(writer.timer);
    this.#writers = {};
  }
}

export const typing = new Typing();
