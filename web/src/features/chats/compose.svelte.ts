import type { MemberView } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import type { ChatSummary, Draft, MessageView, QuoteView } from '$lib/core/types';
import { chatDrafts } from '$lib/stores/chat-drafts';
import type { Conversation } from '$lib/stores/conversation.svelte';
import { limits } from '$lib/text/limits';
import { mentionedIn } from '$lib/text/segments';

/** How long the draft may lag behind what is typed. */
const DRAFT_MS = 400;
/** Others are told this often, at most, that one is writing. */
const TYPING_MS = 3_000;

export const quoteOf = (message: MessageView): QuoteView => ({
  message_id: message.message_id!,
  seq: message.seq,
  kind: message.kind,
  sender: message.sender,
  text: message.text
});

/** What is being written in a chat: a new message, an answer, or another text for an old one. */
export class Compose {
  text = $state('');
  reply = $state.raw<QuoteView>();
  editing = $state.raw<MessageView>();
  members = $state.raw<readonly MemberView[]>([]);
  readonly tooLong = $derived([...this.text].length > limits.messageMax);
  readonly canSend = $derived(Boolean(this.text.trim()) && !this.tooLong);
  /** Puts the cursor at the end of the text; given by the text field. */
  focus: () => void = () => {};
  /** What was being written before an old message was taken up. */
  #aside = '';
  #askedForMembers = false;
  #restored = false;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #toldAt = 0;

  constructor(
    readonly conversation: Conversation,
    readonly chat: () => ChatSummary | undefined
  ) {}

  /** Takes up what was begun before, once chat and messages are here. */
  restore(): void {
    if (this.#restored) return;
    this.#restored = true;
    const draft = this.chat()?.draft;
    if (!draft || this.text) return;
    this.text = draft.text;
    const answered = this.conversation.messages.find((message) => draft.reply_to && message.message_id === draft.reply_to);
    if (answered) this.reply = quoteOf(answered);
  }

  answer(message: MessageView): void {
    this.cancelEdit();
    this.reply = quoteOf(message);
    this.#saveSoon();
    this.focus();
  }

  amend(message: MessageView): void {
    if (!this.editing) this.#aside = this.text;
    this.editing = message;
    this.text = message.text;
    this.focus();
  }

  /** The newest message of one's own that can be written anew. */
  amendLast(): boolean {
    const last = this.conversation.messages.findLast((message) => message.mine && message.kind === 'text' && message.state === 'sent');
    if (last) this.amend(last);
    return last !== undefined;
  }

  cancelEdit(): void {
    if (!this.editing) return;
    this.editing = undefined;
    this.text = this.#aside;
    this.#aside = '';
  }

  cancelReply(): void {
    this.reply = undefined;
    this.#saveSoon();
  }

  /** After every change of the text. */
  changed(): void {
    if (this.text.includes('@')) void this.loadMembers();
    if (this.editing) return;
    this.#saveSoon();
    this.#tellTyping();
  }

  submit(): void {
    const text = this.text.trim();
    if (!this.canSend) return;
    const { conversation, editing, reply } = this;
    const mentions = this.#mentions(text);
    if (editing) {
      this.cancelEdit();
      if (text !== editing.text) void conversation.edit(editing, text, mentions);
      return;
    }
    this.text = '';
    this.reply = undefined;
    // The core forgets the draft together with taking the message.
    clearTimeout(this.#saving);
    this.#saving = undefined;
    chatDrafts.forget(conversation.chatId);
    this.#toldAt = 0;
    void conversation.send({ text, reply, mentions });
  }

  /** Keeps at once what is not kept yet. */
  flush(): void {
    if (this.#saving === undefined) return;
    clearTimeout(this.#saving);
    this.#saving = undefined;
    void chatDrafts.hand(this.conversation.chatId, this.#draft()).catch(() => undefined);
  }

  async loadMembers(): Promise<void> {
    if (this.#askedForMembers) return;
    this.#askedForMembers = true;
    this.members = await core.call('members', { chat_id: this.conversation.chatId }).catch(() => {
      this.#askedForMembers = false;
      return [];
    });
  }

  #mentions(text: string): string[] {
    const handles = mentionedIn(text);
    return this.members
      .filter((member) => handles.includes(member.handle))
      .slice(0, limits.mentionsMax)
      .map((member) => member.account_id);
  }

  #draft(): Draft {
    return { text: this.editing ? this.#aside : this.text, reply_to: this.reply?.message_id };
  }

  #saveSoon(): void {
    chatDrafts.keep(this.conversation.chatId, this.#draft());
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.flush(), DRAFT_MS);
  }

  #tellTyping(): void {
    const chat = this.chat();
    const now = Date.now();
    if (!this.text.trim() || !chat || chat.member_count > limits.typingPeopleMax || now - this.#toldAt < TYPING_MS) return;
    this.#toldAt = now;
    void core.call('typing', { chat_id: chat.chat_id }).catch(() => undefined);
  }
}
