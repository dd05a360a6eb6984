import type { PostView } from '$lib/api/types';
import type { MessageView } from '$lib/core/types';
import { withNames } from '$lib/text/segments';

/** A stretch of a chat's timeline without a gap, oldest first; what waits to be sent stands at the end of the newest. */
export interface MessageWindow {
  messages: readonly MessageView[];
  hasOlder: boolean;
  hasNewer: boolean;
}

const place = (message: MessageView) => message.seq ?? Number.POSITIVE_INFINITY;

/** Messages by their place in the log; what is not sent yet stands at the end in the order it was written. */
export function mergeMessages(known: readonly MessageView[], changed: readonly MessageView[]): MessageView[] {
  const byId = new Map(known.map((message) => [message.local_id, message]));
  for (const message of changed) byId.set(message.local_id, message);
  return [...byId.values()].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

/** A message in few words: its text, or what its file is called. */
export const wordsOf = ({ text, people, files }: MessageView): string => withNames(text, people) || files?.[0]?.name || '';

/** Messages as they are, with what they answer as it is now. */
export function requote(messages: readonly MessageView[], changed: readonly MessageView[]): readonly MessageView[] {
  const byId = new Map(changed.flatMap((message) => (message.message_id ? [[message.message_id, message] as const] : [])));
  const isOld = ({ reply }: MessageView) => {
    const original = reply && byId.get(reply.message_id);
    return original !== undefined && original !== null && (wordsOf(original) !== reply!.text || original.kind !== reply!.kind);
  };
  if (!messages.some(isOld)) return messages;
  return messages.map((message) => {
    if (!isOld(message)) return message;
    const original = byId.get(message.reply!.message_id)!;
    return { ...message, reply: { ...message.reply!, kind: original.kind, text: wordsOf(original), people: original.people } };
  });
}

/** Of what has changed, that which is in the window or belongs into it. */
export function withinWindow({ messages, hasOlder, hasNewer }: MessageWindow, changed: readonly MessageView[]): MessageView[] {
  const known = new Set(messages.map((message) => message.local_id));
  const first = messages[0] ? place(messages[0]) : Number.POSITIVE_INFINITY;
  const last = messages.length ? place(messages.at(-1)!) : 0;
  return changed.filter(
    (message) => known.has(message.local_id) || ((!hasOlder || place(message) >= first) && (!hasNewer || place(message) <= last))
  );
}

/** Whether somebody wrote it: what counts as unread, and carries a person's name. */
export const isWritten = ({ kind }: MessageView): boolean => kind === 'text' || kind === 'poll' || kind === 'unknown';

/** The first message of others after `readSeq`; none when it lies outside of the window. */
export function firstUnread({ messages, hasOlder }: MessageWindow, readSeq: number): MessageView | undefined {
  const isWhole = !hasOlder || (messages[0] !== undefined && place(messages[0]) <= readSeq + 1);
  return isWhole ? messages.find((message) => place(message) > readSeq && !message.mine && isWritten(message)) : undefined;
}

export interface Merged {
  ids: string[];
  /** On the page and not shown yet, newest first. */
  fresh: string[];
}

/**
 * Compares what is shown with the newest page of the feed: what the page lacks in its own stretch of time is gone;
 * what it has on top is fresh, and is shown only when the reader asks for it.
 */
export function mergeTop(shown: readonly PostView[], page: readonly PostView[], isWhole: boolean): Merged {
  const inPage = new Set(page.map((post) => post.post_id));
  const known = new Set(shown.map((post) => post.post_id));
  const oldest = isWhole ? Number.NEGATIVE_INFINITY : (page.at(-1)?.created_at ?? Number.NEGATIVE_INFINITY);
  return {
    ids: shown.filter((post) => inPage.has(post.post_id) || post.created_at < oldest).map((post) => post.post_id),
    fresh: page.filter((post) => !known.has(post.post_id)).map((post) => post.post_id)
  };
}
