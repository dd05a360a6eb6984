import { expect, test } from './fixtures.ts';

test('a newer version waits until it is asked for', async ({ person }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  const controller = () => page.evaluate(() => navigator.serviceWorker.controller?.scriptURL ?? '');
  await expect.poll(controller).toMatch(/\/sw\.js$/);

  // Another page of the same origin, without the app's CSP, brings the same scope a newer service worker.
  const other = await anna.context.newPage();
  await other.route('**/api/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Blank</title>' }));
  await other.goto('/api/blank');
  await other.evaluate(() => navigator.serviceWorker.register('/sw.js?newer', { scope: '/' }));

  await expect(anna.notice('A new version is ready.')).toBeVisible();
  // The old one stays in charge, and the page is still the one that was loaded.
  expect(await controller()).toMatch(/\/sw\.js$/);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Update' }).click();
  await reloaded;
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  expect(await controller()).toMatch(/\/sw\.js\?newer$/);
});
