import { brotliCompressSync } from 'node:zlib';
import { expect, test } from './fixtures.ts';

/** What a reader waits for before the first post, compressed. */
const SCRIPT_MAX_BYTES = 150 * 1024;

test('the feed comes before the core, with little script', async ({ person }) => {
  const anna = await person('Anna Berg');
  await anna.post('Short and sweet');
  // A first visit: nothing of the app is in a cache.
  await anna.page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  });
  const asked: string[] = [];
  anna.context.on('request', (request) => {
    // What the service worker keeps for later nobody waits for.
    if (!request.serviceWorker()) asked.push(new URL(request.url()).pathname);
  });
  await anna.page.goto('/');
  await expect(anna.card('Short and sweet')).toBeVisible();
  const scripts = asked.filter((path) => path.endsWith('.js') && !/core\.worker|\/sw\.js/.test(path));
  let bytes = 0;
  for (const path of new Set(scripts)) bytes += brotliCompressSync(await (await anna.page.request.get(path)).body()).length;
  console.log(`script before the first post: ${(bytes / 1024).toFixed(1)} KB in ${new Set(scripts).size} files`);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(SCRIPT_MAX_BYTES);

  const firstOf = (pattern: RegExp) => asked.findIndex((path) => pattern.test(path));
  await expect.poll(() => firstOf(/core\.worker/)).toBeGreaterThan(-1);
  expect(firstOf(/^\/api\/feed/)).toBeGreaterThan(-1);
  expect(firstOf(/core\.worker/)).toBeGreaterThan(firstOf(/^\/api\/feed/));
});
