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

  it('go by themselves, unless they stay until answered', () => {
    toasts.say('Posted.');
    toasts.say('A new version is ready.', { label: 'Update', run: () => undefined }, { stays: true });
    vi.advanceTimersByTime(60_000);
    expect(texts()).toEqual(['A new version is ready.']);
  });

  it('about a chat go once their reader is there', () => {
    toasts.say('You’re in: Winter beds', undefined, { about: 'winter' });
    toasts.say('You’re in: Band', undefined, { about: 'band' });
    toasts.settle('winter');
    expect(texts()).toEqual(['You’re in: Band']);
  });

  it('are few, and what waits for an answer is not pushed out', () => {
    toasts.say('Update', undefined, { stays: true });
    for (const text of ['one', 'two', 'three']) toasts.say(text);
    expect(texts()).toEqual(['Update', 'two', 'three']);
  });

  it('say the same thing once', () => {
    toasts.say('one');
    toasts.say('two');
    toasts.say('one');
    expect(texts()).toEqual(['two', 'one']);
  });
});
