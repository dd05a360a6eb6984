import { expect, it } from 'vitest';
import { emojiGroups, findEmoji } from './emoji';
import { isEmojiOnly } from './segments';

it('has each emoji once, and nothing but emoji', () => {
  const all = emojiGroups.flatMap((group) => group.emoji.map(([emoji]) => emoji));
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((emoji) => !isEmojiOnly(emoji))).toEqual([]);
});

it('finds by words of both languages', () => {
  const found = (words: string) => findEmoji(words).map(([emoji]) => emoji);
  expect(found('thumbs')).toEqual(['👍', '👎']);
  expect(found('käse')).toEqual(['🧀']);
  expect(found('birthday cake')).toEqual(['🎂']);
  expect(found('nothing like it')).toEqual([]);
});
