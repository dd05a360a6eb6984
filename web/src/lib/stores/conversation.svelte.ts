import { ApiError } from '$lib/api/error';
import { core } from '$lib/core/core.svelte';
import type { MessageView } from '$lib/core/types';
import { chats } from './chats.svelte';
import { mergeMessages } from './merge';
import { session } from './session.svelte';

const PAGE_MESSAGES = 60;

/** One chat's messages. The array is replaced, never changed in place, so that ten thousand rows cost no proxies. */
export class Conversation {
  messages = $state.raw<MessageView[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  hasMore = false;
  #marked = 0;
  #loadingOlder = false;

  constructor(readonly chatId: string) {}

  async open(): Promise<void> {
    try {
      const page = await core.call('messages', { chat_id: this.chatId, limit: PAGE_MESSAGES });
      if (this.phase === 'empty') this.hasMore = page.has_more;
      this.messages = mergeMessages(this.messages, page.messages);
      this.phase = 'ready';
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    }
  }

  /** Older ones, put in above by `place`, which keeps the reader's place. */
  async older(place: (put: () => void) => Promise<void>): Promise<void> {
    const before = this.messages.find((message) => message.seq !== null)?.seq;
    if (this.#loadingOlder || !this.hasMore || !before) return;
    this.#loadingOlder = true;
    try {
      const page = await core.call('messages', { chat_id: this.chatId, before, limit: PAGE_MESSAGES });
      this.hasMore = page.has_more && page.messages.length > 0;
      await place(() => (this.messages = mergeMessages(page.messages, this.messages)));
    } finally {
      this.#loadingOlder = false;
    }
  }

  /** The bubble is there before the core, the core before the network; its id stays the same. */
  async send(text: string): Promise<void> {
    const me = session.me!;
    const draft: MessageView = {
      local_id: crypto.randomUUID(),
      seq: null,
      kind: 'text',
      sender: { account_id: me.account_id, handle: me.handle, name: me.name },
      people: [],
      text,
      at: Date.now(),
      state: 'pending',
      mine: true
    };
    this.upsert([draft]);
    try {
      const stored = await core.call('send', { chat_id: this.chatId, text, local_id: draft.local_id });
      // The event that it was sent may have come before this answer.
      if (this.#find(draft.local_id)?.state === 'pending') this.upsert([stored]);
    } catch {
      this.upsert([{ ...draft, state: 'failed' }]);
    }
  }

  async retry(message: MessageView): Promise<void> {
    this.upsert([{ ...message, state: 'pending' }]);
    try {
      await core.call('retry', { chat_id: this.chatId, local_id: message.local_id });
    } catch {
      this.upsert([{ ...message, state: 'failed' }]);
    }
  }

  async discard(message: MessageView): Promise<void> {
    this.messages = this.messages.filter((other) => other.local_id !== message.local_id);
    await core.call('discard', { chat_id: this.chatId, local_id: message.local_id });
  }

  upsert(changed: MessageView[]): void {
    this.messages = mergeMessages(this.messages, changed);
  }

  /** The reader has seen the newest message. */
  markRead(): void {
    const seq = this.messages.findLast((message) => message.seq !== null)?.seq ?? 0;
    chats.read(this.chatId);
    if (seq <= this.#marked) return;
    this.#marked = seq;
    core.call('mark_read', { chat_id: this.chatId, seq }).catch(() => (this.#marked = 0));
  }

  #find(localId: string): MessageView | undefined {
    return this.messages.find((message) => message.local_id === localId);
  }
}

/** Conversations that were opened stay, so that coming back shows them at once. */
class Conversations {
  #open = new Map<string, Conversation>();

  get(chatId: string): Conversation {
    let conversation = this.#open.get(chatId);
    if (!conversation) this.#open.set(chatId, (conversation = new Conversation(chatId)));
    return conversation;
  }

  /** The core may learn somebody's name after their message: what stands there without one is read again. */
  async learnNames(): Promise<void> {
    const nameless = (message: MessageView) => message.sender?.name === '' || message.people.some((person) => !person.name);
    const wanting = [...this.#open.values()].filter((conversation) => conversation.messages.some(nameless));
    await Promise.all(wanting.map((conversation) => conversation.open()));
  }

  upsert(chatId: string, messages: MessageView[]): void {
    const conversation = this.#open.get(chatId);
    if (conversation && conversation.phase !== 'empty') conversation.upsert(messages);
  }

  reset(): void {
    this.#open.clear();
  }
}

export const conversations = new Conversations();
