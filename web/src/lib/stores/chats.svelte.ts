import { ApiError } from '$lib/api/error';
import { core } from '$lib/core/core.svelte';
import type { ChatSummary } from '$lib/core/types';

/** The list of chats, from the local store: there before the network is. */
class Chats {
  all = $state.raw<ChatSummary[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  readonly unread = $derived(this.all.reduce((sum, chat) => sum + chat.unread_count, 0));
  readonly waiting = $derived(this.all.reduce((sum, chat) => sum + (chat.waiting_count ?? 0), 0));
  #loading = false;
  #again = false;

  /** Reads the list; what is asked for meanwhile is done once afterwards. */
  async load(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    try {
      const all = await core.call('chats', {});
      this.all = all.toSorted((a, b) => b.last_at - a.last_at);
      this.phase = 'ready';
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    } finally {
      this.#loading = false;
    }
    if (this.#again) {
      this.#again = false;
      await this.load();
    }
  }

  get(chatId: string): ChatSummary | undefined {
    return this.all.find((chat) => chat.chat_id === chatId);
  }

  /** The chats one may attach to a post. */
  hosted(): ChatSummary[] {
    return this.all.filter((chat) => chat.role === 'host' && chat.state === 'ready');
  }

  /** Shown as read at once; the core tells the server. */
  read(chatId: string): void {
    if (!this.get(chatId)?.unread_count) return;
    this.all = this.all.map((chat) => (chat.chat_id === chatId ? { ...chat, unread_count: 0 } : chat));
  }

  drop(chatId: string): void {
    this.all = this.all.filter((chat) => chat.chat_id !== chatId);
  }

  reset(): void {
    this.all = [];
    this.phase = 'empty';
  }
}

export const chats = new Chats();
