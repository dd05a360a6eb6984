import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.ts';

const controller = (page: Page) => page.evaluate(() => navigator.serviceWorker.controller?.scriptURL ?? '');

/** A page of the same origin without the app and its CSP. */
async function blank(person: Person): Promise<Page> {
  const page = await person.context.newPage();
  await page.route('**/api/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Blank</title>' }));
  await page.goto('/api/blank');
  return page;
}

test('a newer version waits until it is asked for', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await expect.poll(() => controller(page)).toMatch(/\/sw\.js$/);
  const second = await anna.tab('/new');
  await second.getByLabel('Text of the post').fill('Half a thought');

  const other = await blank(anna);
  await other.evaluate(() => navigator.serviceWorker.register('/sw.js?newer', { scope: '/' }));
  await expect(page.getByText('New version')).toBeVisible();
  await inspectBoth(anna, 'update');
  // The old one stays in charge, and the page is still the one that was loaded.
  expect(await controller(page)).toMatch(/\/sw\.js$/);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Reload' }).click();
  await reloaded;
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  expect(await controller(page)).toMatch(/\/sw\.js\?newer$/);

  // The other tab is served by the new version, and was not touched.
  await expect.poll(() => controller(second)).toMatch(/\/sw\.js\?newer$/);
  await expect(second.getByLabel('Text of the post')).toHaveValue('Half a thought');
  await expect(second.getByText('New version')).toBeVisible();
});

test('a tab of an older version lets go of the core, and says so', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await anna.post('Chess', { chat: 'Chess club' });
  const other = await blank(anna);
  // As the worker of a newer build does when it starts.
  const owned = await other.evaluate(async () => {
    new BroadcastChannel('doorpost-core').postMessage({ type: 'hello', version: '/assets/core.worker-newer.js' });
    return navigator.locks.request('doorpost-core', () => true);
  });
  expect(owned).toBe(true);
  await expect(page.getByText('This tab is an older version')).toBeVisible();
  await inspectBoth(anna, 'outdated');

  // It does nothing any more, and says why; after a reload everything is there.
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Post', exact: true }).click();
  await page.getByLabel('Text of the post').fill('Half a thought');
  await page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText(/older version of Doorpost/);
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByText('This tab is an older version')).toHaveCount(0);
  await expect(page.getByLabel('Text of the post')).toHaveValue('Half a thought');
  await page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('Half a thought')).toBeVisible();
  await expect(anna.card('Chess club').getByRole('link', { name: 'Open chat' })).toBeVisible();
});
