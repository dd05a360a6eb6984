import { expect, test, vi } from 'vitest';
import { core } from '$lib/core/core.svelte';
import { privacy } from './privacy.svelte';

vi.mock('$lib/core/core.svelte', () => ({ core: { call: vi.fn() } }));
const before = { typing: true, receipts: true, previews: true };

test('a choice is shown at once, and taken back when the core does not take it', async () => {
  vi.mocked(core.call).mockResolvedValueOnce(before);
  await privacy.load();
  let refuse = (_: Error) => {};
  vi.mocked(core.call).mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
  const choosing = privacy.choose({ typing: false });
  expect(privacy.chosen).toEqual({ ...before, typing: false });
  refuse(new Error('the store is full'));
  await expect(choosing).rejects.toThrow('the store is full');
  expect(privacy.chosen).toEqual(before);
});
