import type { Locator } from '@playwright/test';
import { expect, test, type Person } from './fixtures.ts';
import { photo } from './media.ts';

type Given = { name: string; mimeType: string; buffer: Buffer };
async function add(person: Person, ...given: Given[]): Promise<void> {
  const chooser = person.page.waitForEvent('filechooser');
  await person.page.getByRole('button', { name: 'Add photos' }).click();
  await (await chooser).setFiles(given);
}
const jpeg = async (person: Person, hue: number): Promise<Given> => ({
  name: `${hue}.jpg`,
  mimeType: 'image/jpeg',
  buffer: await photo(person.page, hue)
});
const describe = (person: Person, n: number, words: string) => person.page.getByLabel(`Description of photo ${n}`).fill(words);
const postButton = (person: Person) => person.page.getByRole('main').getByRole('button', { name: 'Post', exact: true });
const tray = (person: Person) => person.page.getByRole('list', { name: 'Photos of this post' }).getByRole('listitem');
const isShown = (image: Locator) =>
  expect.poll(() => image.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);

/** What somebody's browser gets from an address: the status, and whether a camera's words are in it. */
const fetched = (person: Person, address: string) =>
  person.page.evaluate(async (address) => {
    const answer = await fetch(address);
    return { status: answer.status, hasExif: (await answer.text()).includes('Exif') };
  }, address);

test('photos are posted with words for who cannot see them, and friends alone get them', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Park');
  await ben.befriend(anna);
  await anna.befriend(ben);

  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('Two evenings at the lake');
  await anna.page.getByRole('button', { name: /Who can see this/ }).click();
  await anna.page.getByRole('radio', { name: /^Friends/ }).check();
  await anna.page.getByRole('button', { name: 'Done' }).click();
  await add(anna, await jpeg(anna, 20), await jpeg(anna, 200));
  await expect(tray(anna)).toHaveCount(2);
  await expect(anna.page.getByText('2 photos have no description yet')).toBeVisible();
  await describe(anna, 1, 'A red evening');
  await expect(anna.page.getByText('One photo has no description yet')).toBeVisible();
  await describe(anna, 2, 'A blue evening');
  await expect(anna.page.getByText('no description yet')).toHaveCount(0);
  await anna.page.getByRole('button', { name: 'Move photo 2 forward' }).click();
  await expect(anna.page.getByLabel('Description of photo 1')).toHaveValue('A blue evening');
  await expect(postButton(anna)).toBeEnabled();
  await inspect(anna.page, 'compose-photos');
  await postButton(anna).click();
  await expect(anna.page).toHaveURL('/');

  await ben.page.goto('/');
  const card = ben.card('Two evenings at the lake');
  const photos = card.getByRole('list', { name: 'Photos' }).getByRole('button');
  await expect(photos).toHaveCount(2);
  await expect(photos.first()).toHaveAccessibleName('A blue evening');
  await isShown(photos.first().locator('img'));
  await inspect(ben.page, 'feed-photos');
  const address = (await photos.first().locator('img').getAttribute('src')) ?? '';
  expect(await fetched(ben, address)).toEqual({ status: 200, hasExif: false });

  await photos.first().click();
  const viewer = ben.page.getByRole('dialog', { name: 'Picture' });
  await isShown(viewer.getByRole('img', { name: 'A blue evening' }));
  await ben.page.keyboard.press('ArrowRight');
  await isShown(viewer.getByRole('img', { name: 'A red evening' }));
  await expect(viewer.getByText('2 of 2')).toBeVisible();
  await inspect(ben.page, 'viewer-photos');
  await ben.page.keyboard.press('Escape');
  await expect(viewer).toHaveCount(0);
  await expect(photos.first()).toBeFocused();

  await cleo.page.goto('/');
  await expect(cleo.card('Two evenings at the lake')).toHaveCount(0);
  expect((await fetched(cleo, address)).status).toBe(404);

  await anna.choose('Two evenings at the lake', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(card).toHaveCount(0);
  for (const one of [anna, ben]) expect((await fetched(one, address)).status).toBe(404);
});

test('what is no photo is refused with a sentence, and the rest of the draft stays', async ({ person }) => {
  const anna = await person('Anna Berg');
  await anna.page.goto('/new');
  const liar = { name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html><script>alert(1)</script>') };
  await add(anna, liar, await jpeg(anna, 120));
  await expect(tray(anna).first()).toContainText('This isn’t a picture we can show');
  await expect(postButton(anna)).toBeDisabled();
  await anna.page.getByRole('button', { name: 'Remove photo 1' }).click();
  await describe(anna, 1, 'A green evening');
  await expect(postButton(anna)).toBeEnabled();

  await anna.page.reload();
  await expect(anna.page.getByLabel('Description of photo 1')).toHaveValue('A green evening');
  await isShown(tray(anna).locator('img'));
  await postButton(anna).click();
  await expect(anna.page).toHaveURL('/');
  await isShown(anna.page.getByRole('article').getByRole('button', { name: 'A green evening' }).locator('img'));
});

test('an upload goes on when the network is back, and photos are pasted and dropped', async ({ person }) => {
  const anna = await person('Anna Berg');
  await anna.page.goto('/new');
  const given = await jpeg(anna, 300);
  await anna.page.route('**/api/media/*/parts/*', (route) => route.abort());
  await add(anna, given);
  await expect(tray(anna)).toContainText('You’re offline');
  await anna.page.unroute('**/api/media/*/parts/*');
  await anna.page.getByRole('button', { name: 'Try again' }).click();
  await expect(postButton(anna)).toBeEnabled();

  const base64 = given.buffer.toString('base64');
  for (const kind of ['paste', 'drop']) {
    await anna.page.getByLabel('Text of the post').evaluate(
      (area, { base64, kind }) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], 'lake.jpg', { type: 'image/jpeg' }));
        const bubbling = { bubbles: true, cancelable: true };
        const event =
          kind === 'paste'
            ? new ClipboardEvent(kind, { ...bubbling, clipboardData: data })
            : new DragEvent(kind, { ...bubbling, dataTransfer: data });
        area.dispatchEvent(event);
      },
      { base64, kind }
    );
  }
  await expect(tray(anna)).toHaveCount(3);
  await expect(postButton(anna)).toBeEnabled();
});
