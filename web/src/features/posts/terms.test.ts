import { expect, it } from 'vitest';
import { changeOf, openTerms, tidied } from './terms';

it('sends what is different, and takes bounds away by name', () => {
  const before = { ...openTerms(), seats: 20, expires_at: 1_000 };
  expect(changeOf(before, { ...before })).toBeUndefined();
  expect(changeOf(before, { ...before, seats: null, expires_at: null })).toEqual({ clear_seats: true, clear_expiry: true });
  expect(changeOf(before, { ...before, seats: 5, admission: 'approval' })).toEqual({ seats: 5, admission: 'approval' });
});

it('drops questions left empty', () => {
  expect(tidied({ ...openTerms(), questions: [' a ', '', '  '] }).questions).toEqual(['a']);
});
