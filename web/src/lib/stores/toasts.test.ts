import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toasts } from './toasts.svelte';

const texts = () => toasts.all.map((toast) => toast.text);

describe('notices', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.runAllTimers();
    for (const toast of toasts.all) toasts.dismiss(toast.id);
    vi.useRealTimers();
  });

  it('go by themselves, later where there is something to press', () => {
    toasts.say('Posted.');
    toasts.say('You’re in: Band', { label: 'Open chat', run: () => undefined });
    vi.advanceTimersByTime(6_000);
    expect(texts()).toEqual(['You’re in: Band']);
    vi.advanceTimersByTime(6_000);
    expect(texts()).toEqual([]);
  });

  it('about a chat go once their reader is there', () => {
    toasts.say('You’re in: Winter beds', undefined, { about: 'winter' });
    toasts.say('You’re in: Band', undefined, { about: 'band' });
    toasts.settle('winter');
    expect(texts()).toEqual(['You’re in: Band']);
  });

  it('are few: the oldest goes', () => {
    for (const text of ['one', 'two', 'three', 'four']) toasts.say(text);
    expect(texts()).toEqual(['two', 'three', 'four']);
  });

  it('say the same thing once', () => {
    toasts.say('one');
    toasts.say('two');
    toasts.say('one');
    expect(texts()).toEqual(['two', 'one']);
  });
});
