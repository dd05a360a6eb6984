import { tick } from 'svelte';
import { ApiError } from '$lib/api/error';
import { core } from '$lib/core/core.svelte';
import type { LinkPreview, MessagePage, MessageView, PollDraft, QuoteView } from '$lib/core/types';
import type { Prepared } from '$lib/media/prepare';
import { chats } from './chats.svelte';
import { files } from './files.svelte';
import { mergeMessages, requote, withinWindow } from './merge';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

const PAGE_MESSAGES = 60;
/** Rows kept in the page; beyond them the far end of the window is let go. */
export const WINDOW_MESSAGES = 600;
/** Reading is told to the core this often while one scrolls. */
const MARK_MS = 250;

/** Where a window is entered: at its end, at the first unread message, or at a row, which is shown to be the one. */
export type Entrance = 'end' | 'unread' | { seq: number };

export interface Words {
  text: string;
  reply?: QuoteView;
  mentions: string[];
  /** Of a link in it. */
  preview?: LinkPreview;
}

/** One chat's messages: one window of the timeline. The array is replaced, never changed in place. */
export class Conversation {
  messages = $state.raw<readonly MessageView[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  hasOlder = $state(false);
  hasNewer = $state(false);
  /** Another number: another window, entered at `entrance`. */
  generation = $state(0);
  entrance: Entrance = 'end';
  /** How far had been read when the chat was opened. */
  readSeq = $state<number>();
  /** On top of the chat, the newest first. */
  pins = $state.raw<MessageView[]>([]);
  #marked = 0;
  #marking: ReturnType<typeof setTimeout> | undefined;
  #loading = false;
  #aimed = false;

  constructor(readonly chatId: string) {}

  /** Reads the newest, or what lies around the first unread message. A place that was aimed at before stays. */
  async open(): Promise<void> {
    void this.loadPins();
    const known = chats.get(this.chatId);
    if (known) this.readSeq = known.unread_count ? known.read_seq : undefined;
    if (this.#aimed) {
      this.#aimed = false;
      return;
    }
    // What is here is shown at once, unless it is from the middle of the timeline.
    if (this.hasNewer) this.phase = 'empty';
    this.entrance = known?.unread_count ? 'unread' : 'end';
    try {
      const isFirst = this.phase !== 'ready';
      const [chat, newest] = await Promise.all([
        known ?? core.call('chat', { chat_id: this.chatId }).catch(() => undefined),
        this.#page({})
      ]);
      if (this.#aimed) return;
      if (!known && chat?.unread_count) this.readSeq = chat.read_seq;
      const unreadIsOlder = chat?.unread_count && newest.has_more && (newest.messages[0]?.seq ?? 0) > chat.read_seq + 1;
      const isNewWindow = isFirst || this.hasNewer || Boolean(unreadIsOlder);
      const page = unreadIsOlder ? await this.#page({ around: chat.read_seq + 1 }) : newest;
      if (isNewWindow) this.#enter(page, chat?.unread_count ? 'unread' : 'end');
      else this.#join(newest);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The window again as the core has it now, for names that were missing. */
  async refresh(): Promise<void> {
    const middle = this.messages[Math.floor(this.messages.length / 2)]?.seq;
    const where = this.hasNewer && middle ? { around: middle } : {};
    this.upsert((await this.#page(where)).messages);
  }

  /** Messages from before this device came in are here: they lie above, and what answers or pins them can show them now. */
  async learnPast(): Promise<void> {
    this.hasOlder = true;
    void this.loadPins();
    await this.refresh();
  }

  /** To the message at `seq`, in its surroundings. */
  async jump(seq: number): Promise<void> {
    await this.#go({ around: seq }, { seq });
  }

  /** As `jump`, before the chat is shown. */
  aim(seq: number): void {
    this.#aimed = true;
    void this.jump(seq);
  }

  /** To the first message of a day. */
  async jumpToTime(at: number): Promise<void> {
    await this.#go({ at }, (page) => ({ seq: page.messages.find((message) => message.at >= at)?.seq ?? Number.MAX_SAFE_INTEGER }));
  }

  async jumpToEnd(): Promise<void> {
    await this.#go({}, 'end');
  }

  /** Older ones, put in above by `place`, which keeps the reader's place. */
  async older(place: (put: () => void) => Promise<void>): Promise<void> {
    const before = this.messages.find((message) => message.seq !== null)?.seq;
    if (!this.hasOlder || !before) return;
    await this.#extend({ before }, async (page) => {
      // First what is too much at the other end, in a change of its own: a list as long as before would not know that rows came in.
      this.#trimEnd(PAGE_MESSAGES);
      await tick();
      await place(() => {
        this.messages = mergeMessages(page.messages, this.messages);
        this.hasOlder = page.has_more && page.messages.length > 0;
      });
    });
  }

  /** Newer ones, put in below; what is too much above goes by `place`. */
  async newer(place: (put: () => void) => Promise<void>): Promise<void> {
    const after = this.messages.findLast((message) => message.seq !== null)?.seq;
    if (!this.hasNewer || !after) return;
    await this.#extend({ after }, async (page) => {
      this.messages = mergeMessages(this.messages, page.messages);
      this.hasNewer = page.has_newer && page.messages.length > 0;
      const excess = this.messages.length - WINDOW_MESSAGES;
      if (excess <= 0) return;
      await tick();
      await place(() => {
        this.messages = this.messages.slice(excess);
        this.hasOlder = true;
      });
    });
  }

  /** The bubble is there before the core, the core before the network; its id stays the same. */
  async send({ text, reply, mentions, preview }: Words): Promise<void> {
    const localId = crypto.randomUUID();
    const draft = this.#pending(localId, 'text', text);
    await this.#write({ ...draft, reply, preview }, () =>
      core.call('send', { chat_id: this.chatId, text, reply_to: reply?.message_id, mentions, preview, local_id: localId })
    );
  }

  /** The bubble is there while the file is encrypted; it goes again, with what went wrong thrown, when it cannot be. */
  async sendFile({ blob, about }: Prepared, { text, reply, mentions }: Words): Promise<void> {
    const localId = crypto.randomUUID();
    files.keep(localId, URL.createObjectURL(blob));
    const shown = { ...about, file_id: localId, size_bytes: blob.size, here: true };
    const draft: MessageView = { ...this.#pending(localId, 'text', text), reply, files: [shown] };
    if (this.hasNewer) await this.jumpToEnd();
    this.upsert([draft]);
    try {
      const stored = await core.call('send_file', {
        chat_id: this.chatId,
        file: blob,
        about,
        text,
        reply_to: reply?.message_id,
        mentions,
        local_id: localId
      });
      files.rename(localId, stored.files![0]!.file_id);
      if (this.#find(localId)?.state === 'pending') this.upsert([stored]);
    } catch (thrown) {
      this.drop([localId]);
      files.drop(localId);
      throw thrown;
    }
  }

  async sendPoll(poll: PollDraft): Promise<void> {
    const localId = crypto.randomUUID();
    const options = poll.options.map((text) => ({ text, votes: 0, mine: false }));
    const draft: MessageView = {
      ...this.#pending(localId, 'poll', poll.question),
      poll: { options, multiple: poll.multiple, closed: false, voters: 0 }
    };
    await this.#write(draft, () => core.call('poll', { chat_id: this.chatId, local_id: localId, ...poll }));
  }

  async edit(message: MessageView, text: string, mentions: string[]): Promise<void> {
    await this.#change(message, { text, edited: true }, (target) => core.call('edit', { chat_id: this.chatId, target, text, mentions }));
  }

  async delete(message: MessageView): Promise<void> {
    await this.#change(message, {}, (target) => core.call('delete_message', { chat_id: this.chatId, target }));
  }

  /** Puts one's own emoji on a message, or takes it back. */
  async react(message: MessageView, emoji: string): Promise<void> {
    const removed = Boolean(message.reactions?.find((reaction) => reaction.emoji === emoji)?.mine);
    await this.#change(message, {}, (target) => core.call('react', { chat_id: this.chatId, target, emoji, removed }));
  }

  async vote(message: MessageView, choices: number[]): Promise<void> {
    await this.#change(message, {}, (target) => core.call('vote', { chat_id: this.chatId, target, choices }));
  }

  async closePoll(message: MessageView): Promise<void> {
    await this.#change(message, {}, (target) => core.call('close_poll', { chat_id: this.chatId, target }));
  }

  async pin(message: MessageView, removed: boolean): Promise<void> {
    await this.#change(message, {}, (target) => core.call('pin', { chat_id: this.chatId, target, removed }));
    await this.loadPins();
  }

  async loadPins(): Promise<void> {
    this.pins = await core.call('pins', { chat_id: this.chatId }).catch(() => []);
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
    this.drop([message.local_id]);
    try {
      await core.call('discard', { chat_id: this.chatId, local_id: message.local_id });
    } catch (thrown) {
      // It was sent just then.
      toasts.fail(thrown);
      await this.refresh();
    }
  }

  upsert(changed: readonly MessageView[]): void {
    const isPinned = (id: string | null | undefined) => this.pins.some((pin) => pin.message_id === id);
    if (changed.some((message) => message.pinned || isPinned(message.message_id))) void this.loadPins();
    const within = withinWindow(this, changed);
    const merged = within.length ? mergeMessages(this.messages, within) : this.messages;
    this.messages = requote(merged, changed);
  }

  drop(localIds: readonly string[]): void {
    this.messages = this.messages.filter((message) => !localIds.includes(message.local_id));
    if (this.pins.some((pin) => localIds.includes(pin.local_id))) void this.loadPins();
  }

  /** The reader has seen the messages up to `seq`. */
  markRead(seq: number): void {
    if (seq <= this.#marked) return;
    this.#marked = seq;
    const isNewest = !this.hasNewer && !this.messages.some((message) => (message.seq ?? 0) > seq);
    if (isNewest) chats.read(this.chatId);
    if (this.#marking === undefined) this.#tellRead();
  }

  /** At once, and then once for all that is read in a short while. */
  #tellRead(): void {
    const told = this.#marked;
    core.call('mark_read', { chat_id: this.chatId, seq: told }).catch(() => (this.#marked = 0));
    this.#marking = setTimeout(() => {
      this.#marking = undefined;
      if (this.#marked > told) this.#tellRead();
    }, MARK_MS);
  }

  #page(where: { before?: number; around?: number; after?: number; at?: number }): Promise<MessagePage> {
    return core.call('messages', { chat_id: this.chatId, limit: PAGE_MESSAGES, ...where });
  }

  async #go(where: { around?: number; at?: number }, entrance: Entrance | ((page: MessagePage) => Entrance)): Promise<void> {
    try {
      const page = await this.#page(where);
      this.#enter(page, typeof entrance === 'function' ? entrance(page) : entrance);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Another window in place of this one. */
  #enter(page: MessagePage, entrance: Entrance): void {
    this.messages = page.messages;
    this.hasOlder = page.has_more;
    this.hasNewer = page.has_newer;
    this.entrance = entrance;
    this.phase = 'ready';
    this.generation += 1;
  }

  /** The newest messages again; when they do not reach down to those shown, they are a window of their own. */
  #join(newest: MessagePage): void {
    const last = this.messages.findLast((message) => message.seq !== null)?.seq ?? 0;
    if (newest.has_more && (newest.messages[0]?.seq ?? 0) > last) this.#enter(newest, 'end');
    else this.messages = mergeMessages(this.messages, newest.messages);
  }

  async #extend(where: { before?: number; after?: number }, put: (page: MessagePage) => Promise<void>): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const { generation } = this;
    try {
      const page = await this.#page(where);
      if (generation === this.generation) await put(page);
    } finally {
      this.#loading = false;
    }
  }

  /** Makes room for `incoming` rows above. */
  #trimEnd(incoming: number): void {
    if (this.messages.length + incoming <= WINDOW_MESSAGES) return;
    this.messages = this.messages.slice(0, WINDOW_MESSAGES - incoming);
    this.hasNewer = true;
  }

  #pending(localId: string, kind: 'text' | 'poll', text: string): MessageView {
    const me = session.me!;
    return {
      local_id: localId,
      seq: null,
      kind,
      sender: { account_id: me.account_id, handle: me.handle, name: me.name },
      people: [],
      text,
      at: Date.now(),
      state: 'pending',
      mine: true
    };
  }

  /** One's own words appear at the end, wherever one was reading. */
  async #write(draft: MessageView, call: () => Promise<MessageView>): Promise<void> {
    if (this.hasNewer) await this.jumpToEnd();
    this.upsert([draft]);
    try {
      const stored = await call();
      // The event that it was sent may have come before this answer.
      if (this.#find(draft.local_id)?.state === 'pending') this.upsert([stored]);
    } catch {
      this.upsert([{ ...draft, state: 'failed' }]);
    }
  }

  /** Something said about a message: shown at once, and as the core answers. */
  async #change(message: MessageView, shown: Partial<MessageView>, call: (target: string) => Promise<MessageView>): Promise<void> {
    if (!message.message_id) return;
    if (Object.keys(shown).length) this.upsert([{ ...message, ...shown }]);
    try {
      this.upsert([await call(message.message_id)]);
    } catch (thrown) {
      this.upsert([message]);
      toasts.fail(thrown);
    }
  }

  #find(localId: string): MessageView | undefined {
    return this.messages.find((message) => message.local_id === localId);
  }

  #fail(thrown: unknown): void {
    this.failure = ApiError.of(thrown);
    if (this.phase === 'empty') this.phase = 'failed';
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
    await Promise.all(wanting.map((conversation) => conversation.refresh()));
  }

  upsert(chatId: string, messages: MessageView[]): void {
    this.#ready(chatId)?.upsert(messages);
  }

  async learnPast(chatId: string): Promise<void> {
    await this.#ready(chatId)?.learnPast();
  }

  drop(chatId: string, localIds: string[]): void {
    this.#ready(chatId)?.drop(localIds);
  }

  #ready(chatId: string): Conversation | undefined {
    const conversation = this.#open.get(chatId);
    return conversation?.phase === 'ready' ? conversation : undefined;
  }

  reset(): void {
    this.#open.clear();
  }
}

export const conversations = new Conversations();
