import { expect, test, type Person } from './fixtures.ts';
import { photo } from './media.ts';

async function choose(person: Person, name: string, hue: number): Promise<void> {
  const chooser = person.page.waitForEvent('filechooser');
  await person.page.getByRole('button', { name }).click();
  await (await chooser).setFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: await photo(person.page, hue) });
  await expect(person.page.getByText('Picture saved.').first()).toBeVisible();
}
/** The picture inside something; it is there for eyes alone, beside a name. */
const pictureIn = (person: Person, where: string) => person.page.locator(where).locator('.avatar img').first();
const address = async (person: Person, where: string) => (await pictureIn(person, where).getAttribute('src')) ?? '';
const status = (person: Person, path: string) => person.page.evaluate(async (path) => (await fetch(path)).status, path);

test('people and pages have pictures, for those who see them', async ({ person, inspect, inspectBoth }) => {
  test.setTimeout(240_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Who waters the garden?');
  await anna.page.goto('/settings');
  await choose(anna, 'Choose a picture', 20);
  await expect(pictureIn(anna, 'main')).toBeVisible();
  const [width, height] = await pictureIn(anna, 'main').evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]);
  expect(width).toBe(height);
  await inspectBoth(anna, 'picture-settings');

  // In the feed and on the profile; one question for all who stand on a page.
  const asked: string[] = [];
  ben.page.on('request', (request) => {
    if (request.url().includes('/api/pictures')) asked.push(request.url());
  });
  await ben.page.goto('/');
  await expect(ben.card('Who waters').locator('.avatar img')).toBeVisible();
  expect(asked.length).toBeLessThanOrEqual(2);
  await inspect(ben.page, 'picture-feed');
  await ben.page.goto('/people/anna');
  await expect(pictureIn(ben, 'main')).toBeVisible();
  await inspect(ben.page, 'picture-profile');
  const first = await address(ben, 'main');
  expect(await status(ben, first)).toBe(200);

  // Another one has another address, and the one before is gone.
  await choose(anna, 'Change picture', 200);
  await expect.poll(() => address(anna, 'main')).not.toBe(first);
  const second = await address(anna, 'main');
  expect(await status(ben, first)).toBe(404);
  expect(await status(ben, second)).toBe(200);

  // A page's, by its admin.
  await anna.page.goto('/pages');
  await anna.page.getByRole('button', { name: 'New page' }).click();
  const sheet = anna.page.getByRole('dialog');
  await sheet.getByLabel('Name of the page').fill('Seed bank');
  await sheet.getByLabel('Handle').fill('seed_bank');
  await sheet.getByRole('button', { name: 'Create page' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Seed bank' })).toBeVisible();
  await choose(anna, 'Choose a picture', 100);
  await inspectBoth(anna, 'picture-page');
  await ben.page.goto('/people/seed_bank');
  await expect(pictureIn(ben, 'main')).toBeVisible();
  await expect(ben.page.getByRole('button', { name: 'Change picture' })).toHaveCount(0);

  // Who is blocked gets what never was; removed, it is gone for all.
  await anna.page.evaluate(() => fetch('/api/blocks/ben', { method: 'PUT' }));
  expect(await status(ben, second)).toBe(404);
  await anna.page.evaluate(() => fetch('/api/blocks/ben', { method: 'DELETE' }));
  expect(await status(ben, second)).toBe(200);
  await anna.page.goto('/settings');
  await anna.page.getByRole('button', { name: 'Remove picture' }).click();
  await expect(anna.page.getByText('Picture removed.').first()).toBeVisible();
  expect(await status(ben, second)).toBe(404);
});
