import type { PostView } from '$lib/api/types';
import type { MessageView } from '$lib/core/types';

/** Messages by their place in the log; what is not sent yet stands at the end in the order it was written. */
export function mergeMessages(known: readonly MessageView[], changed: readonly MessageView[]): MessageView[] {
  const byId = new Map(known.map((message) => [message.local_id, message]));
  for (const message of changed) byId.set(message.local_id, message);
  const place = (message: MessageView) => message.seq ?? Number.POSITIVE_INFINITY;
  return [...byId.values()].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
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
