import { ApiError } from '$lib/api/error';
import { core } from '$lib/core/core.svelte';
import type { ChatSummary } from '$lib/core/types';
import { clock } from '$lib/i18n/time.svelte';

const HIDDEN = 'hidden-chats';
function readHidden(): string[] {
  try {
    return JSON.parse(localStorage.getItem(HIDDEN) ?? '[]') as string[];
  } catch {
    return [];
  }
}

/** Whether one is out of it, by one's own wish or a host's. */
export const isOver = (chat: ChatSummary | undefined): boolean => chat?.state === 'left' || chat?.state === 'removed';

/** Whether somebody asks to write, and its reader has not accepted. */
export const isRequest = ({ direct }: ChatSummary): boolean => direct?.state === 'incoming' || direct?.state === 'declined';

/** Whether its reader wants no notices of it for now. */
export const isMuted = (chat: ChatSummary): boolean => (chat.muted_until ?? 0) > clock.now;

/** The list of chats, from the local store: there before the network is. */
class Chats {
  all = $state.raw<ChatSummary[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  /** Chats that are over and that their reader took off the list, on this device. */
  #hidden = $state.raw(readHidden());
  readonly listed = $derived(this.all.filter((chat) => !isRequest(chat) && (!isOver(chat) || !this.#hidden.includes(chat.chat_id))));
  /** People who ask to write, and wait for an answer. */
  readonly requests = $derived(this.all.filter((chat) => chat.direct?.state === 'incoming' && !isOver(chat)));
  /** What asks for attention: of muted chats only what names the reader. */
  readonly unread = $derived(this.listed.reduce((sum, chat) => sum + (isMuted(chat) ? chat.mention_count : chat.unread_count), 0));
  readonly waiting = $derived(this.listed.reduce((sum, chat) => sum + (chat.waiting_count ?? 0), 0));
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
      this.#forgetRevived();
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
    return this.all.filter((chat) => chat.role === 'host' && chat.state === 'ready' && !chat.direct);
  }

  /** Shown as read at once; the core tells the server. */
  read(chatId: string): void {
    if (!this.get(chatId)?.unread_count) return;
    this.all = this.all.map((chat) => (chat.chat_id === chatId ? { ...chat, unread_count: 0, mention_count: 0 } : chat));
  }

  /** Takes a chat that is over off the list; its messages stay on the device. */
  hide(chatId: string): void {
    this.#setHidden([...this.#hidden, chatId]);
  }

  unhide(chatId: string): void {
    this.#setHidden(this.#hidden.filter((other) => other !== chatId));
  }

  /** Whoever came back into a chat and leaves it again is asked anew. */
  #forgetRevived(): void {
    const over = this.#hidden.filter((chatId) => isOver(this.get(chatId)));
    if (over.length < this.#hidden.length) this.#setHidden(over);
  }

  #setHidden(chatIds: string[]): void {
    this.#hidden = chatIds;
    localStorage.setItem(HIDDEN, JSON.stringify(chatIds));
  }

  reset(): void {
    this.all = [];
    this.#setHidden([]);
    this.phase = 'empty';
  }
}

export const chats = new Chats();
