import { expect, test } from 'vitest';
import { middle } from './square';

test('the square lies in the middle, however the picture lies', () => {
  expect(middle(1200, 900)).toEqual({ x: 150, y: 0, side: 900 });
  expect(middle(900, 1201)).toEqual({ x: 0, y: 150, side: 900 });
  expect(middle(7, 7)).toEqual({ x: 0, y: 0, side: 7 });
});
