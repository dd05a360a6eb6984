import { expect, it } from 'vitest';
import { excerpt, highlight, termsOf } from './highlight';

const hits = (text: string, words: string) =>
  highlight(text, termsOf(words))
    .filter((piece) => piece.isHit)
    .map((piece) => piece.text);

it('marks words by their beginning, whatever their case and accents', () => {
  expect(hits('Crème brûlée, and a second CREME', 'creme')).toEqual(['Crème', 'CREME']);
  expect(hits('A knock on the door; doors open', 'door a')).toEqual(['A', 'door', 'doors']);
  expect(hits('outdoor', 'door')).toEqual([]);
  expect(hits('anything', ' * " ')).toEqual([]);
});

it('loses nothing of the text', () => {
  const text = 'Tea, then tea again.';
  const pieces = highlight(text, ['tea']);
  expect(pieces.map((piece) => piece.text).join('')).toBe(text);
});

it('begins an excerpt near the first hit', () => {
  const long = `${'word '.repeat(40)}needle and thread`;
  const shown = excerpt(long, 'needle');
  expect(shown[0]!.text.startsWith('…')).toBe(true);
  expect(shown[0]!.text.length).toBeLessThan(40);
  expect(shown[1]).toEqual({ text: 'needle', isHit: true });
});
