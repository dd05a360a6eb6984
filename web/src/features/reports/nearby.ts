import { isReportable } from '$features/chats/actions';
import type { MessageView } from '$lib/core/types';
import { limits } from '$lib/text/limits';

/** An edited message is shown with its first words and its last. */
export const costOf = (message: MessageView): number => (message.edited ? 2 : 1);

/** `chosen` and what its sender wrote around it, in order: about as much as one report holds. */
export function nearby(messages: readonly MessageView[], chosen: MessageView): MessageView[] {
  const sender = chosen.sender?.account_id;
  const theirs = messages.filter((message) => isReportable(message) && message.sender?.account_id === sender);
  const index = theirs.findIndex((message) => message.message_id === chosen.message_id);
  if (index < 0) return [chosen];
  const start = Math.max(0, Math.min(index - limits.reportMessagesMax / 2, theirs.length - limits.reportMessagesMax));
  return theirs.slice(start, start + limits.reportMessagesMax);
}
