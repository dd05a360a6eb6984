import { expect, it } from 'vitest';
import { handleFrom } from './handle';
import { initialsOf } from './person';
import { isEmojiOnly, mentionedIn, segmentsOf, withNames } from './segments';

it('finds web addresses and leaves punctuation outside', () => {
  expect(segmentsOf('See https://example.org/a_(b)?c=1, then http://x.org.')).toEqual([
    { text: 'See ' },
    { text: 'https://example.org/a_(b)?c=1', href: 'https://example.org/a_(b)?c=1' },
    { text: ', then ' },
    { text: 'http://x.org', href: 'http://x.org' },
    { text: '.' }
  ]);
  expect(segmentsOf('javascript:alert(1)')).toEqual([{ text: 'javascript:alert(1)' }]);
});

it('names the people it was told of, and nobody else', () => {
  const anna = { account_id: '1', handle: 'anna', name: 'Anna Berg' };
  expect(segmentsOf('Hi @Anna, @annabel and a@anna.org', [anna])).toEqual([
    { text: 'Hi ' },
    { text: '@Anna Berg', person: anna },
    { text: ', @annabel and a@anna.org' }
  ]);
  expect(segmentsOf('@anna')).toEqual([{ text: '@anna' }]);
  expect(withNames('Hi @Anna, @annabel', [anna])).toBe('Hi @Anna Berg, @annabel');
  expect(mentionedIn('@anna and @ben, @anna again; ben@home.org')).toEqual(['anna', 'ben']);
});

it('shows a few emoji large, and nothing else', () => {
  expect(['🎉', '👩‍👩‍👧 🌱', '☕️🌱🎈'].every(isEmojiOnly)).toBe(true);
  expect(['12', 'ok 🎉', '🎉🎉🎉🎉', ''].some(isEmojiOnly)).toBe(false);
});

it('proposes handles the server takes', () => {
  expect(handleFrom('Jürgen Groß')).toBe('juergen_gross');
  expect(handleFrom('Zoë  van der Berg!')).toBe('zoe_van_der_berg');
  expect(handleFrom('李')).toBe('');
});

it('takes initials from letters, not code units', () => {
  expect(initialsOf('mara lind')).toBe('ML');
  expect(initialsOf('𝒜da')).toBe('𝒜');
});
