import type { ReactionsView } from '$lib/api/types';

/** The emoji that posts and comments are reacted to with (`model::reaction`). */
export const REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

/** How it will be with one's own emoji, or none, in place of an earlier one: shown before the server has answered. */
export function reactedWith(before: ReactionsView, emoji: string | undefined): ReactionsView {
  const counted = new Map((before.counts ?? []).map((one) => [one.emoji, one.count]));
  if (before.mine) counted.set(before.mine, (counted.get(before.mine) ?? 1) - 1);
  if (emoji) counted.set(emoji, (counted.get(emoji) ?? 0) + 1);
  const counts = [...counted].map(([of, count]) => ({ emoji: of, count })).filter(({ count }) => count > 0);
  return { ...before, mine: emoji, counts };
}
