import type { MemberView } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import type { ChatSummary, Draft, MessageView, QuoteView } from '$lib/core/types';
import { chatDrafts } from '$lib/stores/chat-drafts';
import type { Conversation, Words } from '$lib/stores/conversation.svelte';
import { wordsOf } from '$lib/stores/merge';
import { t } from '$lib/i18n/index.svelte';
import { kindOf, plainType, sizeText } from '$lib/media/kinds';
import type { Prepared } from '$lib/media/prepare';
import { ApiError } from '$lib/api/error';
import { session } from '$lib/stores/session.svelte';
import { errorText } from '$lib/text/errors';
import { limits } from '$lib/text/limits';
import { mentionedIn } from '$lib/text/segments';

import { DraftLink } from './draft-link.svelte';

/** How long the draft may lag behind what is typed. */
const DRAFT_MS = 400;
/** The core hears this often that one is writing; it decides how often others do. */
const TYPING_MS = 1_000;

export const quoteOf = (message: MessageView): QuoteView => ({
  message_id: message.message_id!,
  seq: message.seq,
  kind: message.kind,
  sender: message.sender,
  text: wordsOf(message),
  people: message.people
});

/** A file that goes with the next message. */
export interface Attachment {
  id: string;
  file: File;
  /** Its bytes in this page, for a picture of it. */
  url: string;
  isPhoto: boolean;
  /** A photo that is sent as it is, not as a photo. */
  asFile: boolean;
  /** What is sent of it, where that is known already. */
  prepared?: Prepared;
}

/** What is being written in a chat: a new message, an answer, or another text for an old one. */
export class Compose {
  text = $state('');
  reply = $state.raw<QuoteView>();
  editing = $state.raw<MessageView>();
  members = $state.raw<readonly MemberView[]>([]);
  readonly tooLong = $derived([...this.text].length > limits.messageMax);
  /** Files that go with it, each in a message of its own. */
  files = $state.raw<readonly Attachment[]>([]);
  readonly link = new DraftLink();
  /** Files have no room for a card, and an edit keeps the one it has. */
  readonly preview = $derived(this.files.length || this.editing ? undefined : this.link.preview);
  /** Why a file cannot be sent, in words. */
  failure = $state<string>();
  readonly canSend = $derived((Boolean(this.text.trim()) || (this.files.length > 0 && !this.editing)) && !this.tooLong);
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
    this.link.follow(draft.text);
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

  dropPreview(): void {
    this.link.drop();
    this.focus();
  }

  /** After every change of the text. */
  changed(): void {
    if (this.text.includes('@')) void this.loadMembers();
    if (this.editing) return;
    this.link.follow(this.text);
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
    const { files, preview } = this;
    this.link.end();
    this.text = '';
    this.reply = undefined;
    this.files = [];
    this.failure = undefined;
    // The core forgets the draft together with taking the message.
    clearTimeout(this.#saving);
    this.#saving = undefined;
    chatDrafts.forget(conversation.chatId);
    this.#toldAt = 0;
    if (files.length) void this.#sendFiles({ text, reply, mentions }, files);
    else void conversation.send({ text, reply, mentions, preview });
  }

  /** Takes files along, or says why not. */
  attach(chosen: Iterable<File>): void {
    this.failure = undefined;
    for (const file of chosen) {
      const isPhoto = kindOf({ media_type: plainType(file.type) }) === 'image';
      this.failure = this.#unfit(file, isPhoto) ?? this.failure;
      if (this.#unfit(file, isPhoto)) continue;
      const one = { id: crypto.randomUUID(), file, url: URL.createObjectURL(file), isPhoto, asFile: false };
      this.files = [...this.files, one];
    }
    this.focus();
  }

  detach({ id, url }: Attachment): void {
    URL.revokeObjectURL(url);
    this.files = this.files.filter((other) => other.id !== id);
    this.failure = undefined;
    this.focus();
  }

  sendAsFile({ id }: Attachment, asFile: boolean): void {
    this.files = this.files.map((one) => (one.id === id ? { ...one, asFile } : one));
  }

  /** Something that was recorded goes at once. */
  sendRecorded(prepared: Prepared): void {
    const file = new File([prepared.blob], prepared.about.name, { type: prepared.blob.type });
    const one: Attachment = { id: crypto.randomUUID(), file, url: URL.createObjectURL(file), isPhoto: false, asFile: true, prepared };
    const { reply } = this;
    this.reply = undefined;
    this.failure = undefined;
    void this.#sendFiles({ text: '', reply, mentions: [] }, [one]);
  }

  /** One message for each; the words go with the first. What cannot be sent is given back, with the reason. */
  async #sendFiles(words: Words, attached: readonly Attachment[]): Promise<void> {
    const { prepare } = await import('$lib/media/prepare');
    for (const [index, one] of attached.entries()) {
      const said: Words = index === 0 ? words : { text: '', mentions: [] };
      try {
        await this.conversation.sendFile(one.prepared ?? (await prepare(one.file, one.asFile)), said);
        URL.revokeObjectURL(one.url);
      } catch (thrown) {
        this.#giveBack(said, attached.slice(index), thrown);
        return;
      }
    }
  }

  #giveBack({ text, reply }: Words, attached: readonly Attachment[], thrown: unknown): void {
    const error = ApiError.of(thrown);
    const name = attached[0]!.file.name;
    const isTooLarge = error.code === 'too_large';
    this.failure = isTooLarge ? this.#tooLarge(name) : t('file.failed', { name, why: errorText(error) });
    this.files = [...attached, ...this.files];
    if (!this.text) this.text = text;
    this.reply ??= reply;
    this.#saveSoon();
  }

  /** Why a file cannot be taken along; photos become smaller yet. */
  #unfit({ name, size }: File, isPhoto: boolean): string | undefined {
    if (size === 0) return t('file.empty', { name });
    if (this.files.length >= limits.filesMax) return t('file.too_many', { max: limits.filesMax });
    const maxBytes = session.server?.file_bytes_max;
    return maxBytes && size > maxBytes && !isPhoto ? this.#tooLarge(name) : undefined;
  }

  #tooLarge(name: string): string {
    const maxBytes = session.server?.file_bytes_max;
    return maxBytes ? t('file.too_large', { name, max: sizeText(maxBytes) }) : t('error.too_large');
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
