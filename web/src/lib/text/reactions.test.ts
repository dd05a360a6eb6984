import { expect, it } from 'vitest';
import { reactedWith } from './reactions';

it('counts one emoji of each person', () => {
  const none = { may_react: true };
  const one = reactedWith(none, '👍');
  expect(one).toEqual({ may_react: true, mine: '👍', counts: [{ emoji: '👍', count: 1 }] });
  expect(reactedWith(one, '❤️').counts).toEqual([{ emoji: '❤️', count: 1 }]);
  expect(reactedWith({ ...one, counts: [{ emoji: '👍', count: 3 }] }, undefined)).toEqual({
    may_react: true,
    mine: undefined,
    counts: [{ emoji: '👍', count: 2 }]
  });
});
