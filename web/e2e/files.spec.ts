import { expect, test } from './fixtures.ts';
import { attach, bytes, photo, photoOf, PLACE, saved, send } from './media.ts';

test('photos lose what the camera wrote, and are looked at', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Lake');
  const taken = await photo(anna.page, 200, 3_000, 2_000);

  await attach(anna, 'Photo or video', { name: 'lake.jpg', mimeType: 'image/jpeg', buffer: taken });
  await expect(anna.page.getByRole('list', { name: 'Files to send' }).getByText('lake.jpg')).toBeVisible();
  await anna.page.getByRole('textbox', { name: /^Message to/ }).fill('The lake this morning');
  await inspect(anna.page, 'files-tray');
  await send(anna);
  await expect(photoOf(ben, 'lake.jpg')).toBeVisible();
  await expect(ben.bubble('The lake this morning').locator('img[src^="blob:"]')).toBeVisible();

  await attach(ben, 'Photo or video', { name: 'shore.jpg', mimeType: 'image/jpeg', buffer: await photo(ben.page, 30) });
  await ben.page.getByRole('checkbox', { name: 'Send as file' }).check();
  await send(ben);
  await expect(anna.page.getByRole('log').locator('img[src^="blob:"]')).toHaveCount(2);
  await inspect(anna.page, 'files-photos');

  await photoOf(anna, 'lake.jpg').click();
  const viewer = anna.page.getByRole('dialog', { name: 'Picture' });
  await expect(viewer.getByRole('status')).toHaveText('1 of 2');
  await expect(viewer.getByText('The lake this morning')).toBeVisible();
  await inspect(anna.page, 'files-viewer');
  expect((await saved(anna, 'lake.jpg')).includes('Exif')).toBe(false);
  await anna.page.keyboard.press('ArrowRight');
  await expect(viewer.getByRole('status')).toHaveText('2 of 2');
  expect((await saved(anna, 'shore.jpg')).includes(Buffer.from(PLACE, 'latin1'))).toBe(true);
  await viewer.locator('img').dblclick();
  await expect(viewer.locator('img')).toHaveCSS('scale', '2.5');
  await anna.page.keyboard.press('Escape');
  await expect(viewer).toHaveCount(0);

  // All of them in one place, and again after a reload.
  await ben.page.reload();
  await ben.page.getByRole('button', { name: 'More about this chat' }).click();
  await ben.page.getByRole('menuitem', { name: 'Photos and files' }).click();
  await expect(ben.page.getByRole('dialog').getByRole('button', { name: /^Photo:/ })).toHaveCount(2);
  await inspect(ben.page, 'files-gallery');
});

test('any file, pasted and dropped ones too, and what cannot be sent', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Papers');
  const plan = bytes(700_000);
  await attach(anna, 'File', { name: 'Garden plan.pdf', mimeType: 'application/pdf', buffer: plan });
  await send(anna);
  await expect(ben.page.getByRole('button', { name: 'Save Garden plan.pdf' })).toBeVisible();
  expect((await saved(ben, 'Garden plan.pdf')).equals(plan)).toBe(true);

  const give = (type: 'paste' | 'drop', name: string) =>
    anna.page.getByRole('textbox', { name: /^Message to/ }).evaluate(
      (area, [type, name]) => {
        const data = new DataTransfer();
        data.items.add(new File([`words in ${name}`], name!, { type: 'text/plain' }));
        const init = { bubbles: true, cancelable: true };
        area.dispatchEvent(
          type === 'paste'
            ? new ClipboardEvent('paste', { ...init, clipboardData: data })
            : new DragEvent('drop', { ...init, dataTransfer: data })
        );
      },
      [type, name]
    );
  await give('paste', 'pasted.txt');
  await give('drop', 'dropped.txt');
  await expect(anna.page.getByRole('list', { name: 'Files to send' }).getByRole('listitem')).toHaveCount(2);
  await send(anna);
  await expect(ben.page.getByRole('button', { name: 'Save dropped.txt' })).toBeVisible();
  expect((await saved(ben, 'pasted.txt')).toString()).toBe('words in pasted.txt');
  await inspect(ben.page, 'files-any');

  // Nothing in it: a sentence, and what was written stays.
  await anna.page.getByRole('textbox', { name: /^Message to/ }).fill('See for yourself');
  await attach(anna, 'File', { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
  await expect(anna.page.getByText('“empty.txt” is empty. Choose another file.')).toBeVisible();
  await expect(anna.page.getByRole('textbox', { name: /^Message to/ })).toHaveValue('See for yourself');
});

test.describe('where files are small', () => {
  test.use({ serverArgs: ['--file-size-max-mib', '1'] });
  test('a file over the limit is said so', async ({ person, inspect }) => {
    const anna = await person('Anna Berg');
    await anna.post('Come to Film', { chat: 'Film' });
    await anna.card('Film').getByRole('link', { name: 'Open chat' }).click();
    await anna.page.getByRole('textbox', { name: /^Message to/ }).fill('The film');
    await attach(anna, 'File', { name: 'film.bin', mimeType: 'application/octet-stream', buffer: bytes(1_100_000) });
    await expect(anna.page.getByText('“film.bin” is too large. This server takes files up to 1 MB.')).toBeVisible();
    await inspect(anna.page, 'files-too-large');

    // What only the core can tell, since a photo may become smaller: everything is given back.
    await attach(anna, 'Photo or video', { name: 'big.gif', mimeType: 'image/gif', buffer: bytes(1_200_000) });
    await send(anna);
    await expect(anna.page.getByText('“big.gif” is too large. This server takes files up to 1 MB.')).toBeVisible();
    await expect(anna.page.getByRole('list', { name: 'Files to send' }).getByText('big.gif')).toBeVisible();
    await expect(anna.page.getByRole('textbox', { name: /^Message to/ })).toHaveValue('The film');
  });
});

test('uploads and downloads go on after a reload, or are called off', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Maps');
  for (const one of [anna, ben]) await expect.poll(() => one.page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
  const map = bytes(2_500_000);

  await ben.context.setOffline(true);
  await expect(ben.page.getByText(/You’re offline/)).toBeVisible();
  await attach(ben, 'File', { name: 'map.bin', mimeType: 'application/octet-stream', buffer: map });
  await send(ben);
  await attach(ben, 'File', { name: 'wrong.bin', mimeType: 'application/octet-stream', buffer: map });
  await send(ben);
  await expect(ben.page.getByRole('log').getByRole('button', { name: 'Cancel' })).toHaveCount(2);
  await inspect(ben.page, 'files-sending');
  await ben.page.reload();
  await ben.bubble('wrong.bin').getByRole('button', { name: 'Cancel' }).click();
  await expect(ben.bubble('wrong.bin')).toHaveCount(0);
  await expect(ben.bubble('map.bin').getByRole('progressbar')).toBeVisible();
  await ben.context.setOffline(false);
  await expect(ben.bubble('map.bin').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();

  await expect(anna.page.getByRole('button', { name: 'Save map.bin' })).toBeVisible();
  await anna.context.setOffline(true);
  await anna.page.getByRole('button', { name: 'Save map.bin' }).click();
  await expect(anna.bubble('map.bin').getByRole('progressbar', { name: 'Loading' })).toBeVisible();
  await anna.page.reload();
  await expect(anna.bubble('map.bin').getByRole('progressbar', { name: 'Loading' })).toBeVisible();
  await anna.context.setOffline(false);
  await expect(anna.bubble('map.bin').getByRole('progressbar')).toHaveCount(0);
  expect((await saved(anna, 'map.bin')).equals(map)).toBe(true);
});

test('voice messages are spoken and heard', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Radio');
  await anna.page.getByRole('button', { name: 'Record a voice message' }).click();
  await expect(anna.page.getByRole('timer')).toHaveText('0:02');
  await inspect(anna.page, 'files-recording');
  await anna.page.getByRole('button', { name: 'Send voice message' }).click();

  await expect(ben.page.getByRole('button', { name: 'Play Voice message' })).toBeVisible();
  await expect(ben.page.getByRole('slider', { name: 'Position in Voice message' })).toBeEnabled();
  await inspect(ben.page, 'files-voice');
  await ben.page.getByRole('button', { name: 'Play Voice message' }).click();
  await expect(ben.page.getByRole('button', { name: 'Pause Voice message' })).toBeVisible();
  await expect(ben.page.getByRole('button', { name: 'Play Voice message' })).toBeVisible();

  // Thrown away: nothing is sent.
  await anna.page.getByRole('button', { name: 'Record a voice message' }).click();
  await anna.page.getByRole('button', { name: 'Discard recording' }).click();
  await expect(anna.page.getByRole('textbox', { name: /^Message to/ })).toBeFocused();
  await expect(anna.page.getByRole('log').locator('[data-state]')).toHaveCount(1);
});
