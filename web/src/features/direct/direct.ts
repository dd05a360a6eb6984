import { core } from '$lib/core/core.svelte';
import type { ChatSummary } from '$lib/core/types';
import { chats } from '$lib/stores/chats.svelte';
import { navigate } from '../../routes/router';

/** Whether everything that is done in a chat can be done: of two people, once the other one has accepted. */
export const isOpen = (chat: ChatSummary): boolean => chat.state === 'ready' && (!chat.direct || chat.direct.state === 'open');

/** To the chat with somebody, which is made if need be. */
export async function writeTo(accountId: string): Promise<void> {
  const { chat_id } = await core.call('direct', { account_id: accountId });
  await chats.load();
  await navigate('/chats/:id', { params: { id: chat_id } });
}

/** What is made of somebody's request; they learn of accepting alone. */
export async function answer(chatId: string, accept: boolean): Promise<void> {
  await core.call('answer_direct', { chat_id: chatId, accept });
  await chats.load();
}
