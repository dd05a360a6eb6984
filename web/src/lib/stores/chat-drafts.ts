import { core } from '$lib/core/core.svelte';
import type { Draft } from '$lib/core/types';
import { drafts } from './drafts';

/** Drafts of chats are the core's. Until it has one, the page keeps it: a page that goes takes the core along. */
const placeOf = (chatId: string) => `chat:${chatId}`;

async function hand(chatId: string, draft: Draft): Promise<void> {
  const kept = drafts.read(placeOf(chatId));
  await core.call('draft', { chat_id: chatId, ...draft });
  if (drafts.read(placeOf(chatId)) === kept) drafts.write(placeOf(chatId), '');
}

export const chatDrafts = {
  keep: (chatId: string, draft: Draft): void => drafts.write(placeOf(chatId), JSON.stringify(draft)),
  forget: (chatId: string): void => drafts.write(placeOf(chatId), ''),
  /** Gives the core a draft. */
  hand,
  /** Gives the core what a page before this one left. */
  async handAll(): Promise<void> {
    const left = drafts.places().filter((place) => place.startsWith(placeOf('')));
    await Promise.allSettled(left.map((place) => hand(place.slice(placeOf('').length), JSON.parse(drafts.read(place)) as Draft)));
  }
};
