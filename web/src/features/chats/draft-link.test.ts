import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { core } from '$lib/core/core.svelte';
import { DraftLink } from './draft-link.svelte';

vi.mock('$lib/core/core.svelte', () => ({ core: { call: vi.fn() } }));
const PAGE = 'https://soup.example/onion';
const CARD = { url: PAGE, title: 'Onion soup' };
const call = vi.mocked(core.call);

beforeEach(() => {
  vi.useFakeTimers();
  call.mockReset().mockResolvedValue(CARD);
});
afterEach(() => vi.useRealTimers());
const pause = () => vi.runAllTimersAsync();

test('a link is looked up when typing pauses, and once', async () => {
  const link = new DraftLink();
  for (const text of ['https://soup.ex', 'https://soup.example', PAGE, `${PAGE}, good`]) link.follow(text);
  await pause();
  expect(link.preview).toEqual(CARD);
  link.follow('no link');
  expect(link.preview).toBeUndefined();
  link.follow(PAGE);
  await pause();
  expect(link.preview).toEqual(CARD);
  expect(call.mock.calls).toEqual([['link_preview', { url: PAGE }]]);
});

test('a card that was dropped stays away', async () => {
  const link = new DraftLink();
  link.follow(PAGE);
  await pause();
  link.drop();
  link.follow(`${PAGE} again`);
  await pause();
  expect(link.preview).toBeUndefined();
  expect(call).toHaveBeenCalledOnce();
});

test('what comes after the message was sent is not shown', async () => {
  let answer!: (card: typeof CARD) => void;
  call.mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const link = new DraftLink();
  link.follow(PAGE);
  await pause();
  link.end();
  answer(CARD);
  await pause();
  expect(link.preview).toBeUndefined();
});

test('a look-up that fails shows nothing', async () => {
  call.mockRejectedValue(new Error('away'));
  const link = new DraftLink();
  link.follow(PAGE);
  await pause();
  expect(link.preview).toBeUndefined();
});
