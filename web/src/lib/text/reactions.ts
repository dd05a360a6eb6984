/** The emoji that posts and comments are reacted to with (`model::reaction`). */
export const REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;
