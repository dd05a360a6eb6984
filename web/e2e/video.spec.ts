import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { expect, test, type Person } from './fixtures.ts';
import { film, photo, type Given } from './media.ts';

/** A video is made behind everything else, so a busy machine takes its time. */
const MAKING_MS = 60_000;

/** A film with a tone, as a phone held upright makes it. */
function upright(seconds: number): Given {
  const folder = mkdtempSync(join(tmpdir(), 'doorpost-video-'));
  const place = join(folder, 'made.mp4');
  const sources = [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=360x640:rate=30:duration=${seconds}`,
    '-f',
    'lavfi',
    '-i',
    `sine=duration=${seconds}`
  ];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...sources, ...codecs, place]);
  const buffer = readFileSync(place);
  rmSync(folder, { recursive: true });
  return { name: 'upright.mp4', mimeType: 'video/mp4', buffer };
}

async function add(person: Person, name: string | RegExp, ...given: Given[]): Promise<void> {
  const chooser = person.page.waitForEvent('filechooser');
  await person.page.getByRole('button', { name }).click();
  await (await chooser).setFiles(given);
}
const at = (video: Locator) => video.evaluate((film: HTMLVideoElement) => film.currentTime);
const isPaused = (video: Locator) => video.evaluate((film: HTMLVideoElement) => film.paused);
const postButton = (person: Person) => person.page.getByRole('main').getByRole('button', { name: 'Post', exact: true });
const tray = (person: Person) => person.page.getByRole('list', { name: 'Photos of this post' }).getByRole('listitem');

/** The status of an address in somebody's browser, and how the server calls it. */
const fetched = (person: Person, address: string, range = '') =>
  person.page.evaluate(
    async ([address, range]) => {
      const answer = await fetch(address!, { headers: range ? { range } : {} });
      return `${answer.status} ${answer.headers.get('content-type')}`;
    },
    [address, range]
  );

test('a video is posted, plays for friends alone, and goes with its post', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Park');
  await ben.befriend(anna);
  await anna.befriend(ben);

  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('A ball, and where it goes');
  await anna.page.getByRole('button', { name: /Who can see this/ }).click();
  await anna.page.getByRole('radio', { name: /^Friends/ }).check();
  await anna.page.getByRole('button', { name: 'Done' }).click();
  const recorded = { name: 'ball.webm', mimeType: 'video/webm', buffer: await film(anna.page) };
  const still = { name: 'still.jpg', mimeType: 'image/jpeg', buffer: await photo(anna.page, 20) };
  await add(anna, 'Add photos or a video', recorded, still);
  await expect(anna.page.getByText('A post has one video, or photos')).toBeVisible();
  await expect(tray(anna)).toHaveCount(1);
  await expect(anna.page.getByText('The video has no description yet')).toBeVisible();
  await anna.page.getByLabel('Description of the video').fill('A yellow ball rolls to the right');
  await expect(postButton(anna)).toBeEnabled({ timeout: MAKING_MS });
  await inspect(anna.page, 'compose-video');
  await postButton(anna).click();
  await expect(anna.page).toHaveURL('/');

  await ben.page.goto('/');
  const video = ben.card('A ball, and where it goes').locator('video');
  await expect(video).toHaveAttribute('aria-label', 'A yellow ball rolls to the right');
  await expect(video).toHaveAttribute('preload', 'none');
  await inspect(ben.page, 'feed-video');
  await video.evaluate((film: HTMLVideoElement) => film.play());
  await expect.poll(() => at(video)).toBeGreaterThan(0.3);
  const source = (await video.getAttribute('src')) ?? '';
  expect(await fetched(ben, source, 'bytes=0-99')).toBe('206 video/mp4');
  expect(await fetched(cleo, source)).toMatch(/^404 /);

  await anna.choose('A ball, and where it goes', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(ben.card('A ball, and where it goes')).toHaveCount(0);
  for (const one of [anna, ben]) expect(await fetched(one, source)).toMatch(/^404 /);
});

test('a draft keeps its video, and what is none is refused with a sentence', async ({ person }) => {
  const anna = await person('Anna Berg');
  await anna.page.goto('/new');
  const playlist = Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n');
  await add(anna, 'Add photos or a video', { name: 'holiday.mp4', mimeType: 'video/mp4', buffer: playlist });
  await expect(tray(anna)).toContainText('This isn’t a video we can show');
  await expect(postButton(anna)).toBeDisabled();
  await anna.page.getByRole('button', { name: 'Remove the video' }).click();

  // The network goes in the middle of the upload, and comes back.
  await anna.page.route('**/api/media/*/parts/*', (route) => route.abort());
  await add(anna, 'Add photos or a video', upright(1));
  await expect(tray(anna)).toContainText('You’re offline');
  await anna.page.unroute('**/api/media/*/parts/*');
  await anna.page.getByRole('button', { name: 'Try again' }).click();
  await anna.page.getByLabel('Description of the video').fill('Colours');
  await expect(postButton(anna)).toBeEnabled({ timeout: MAKING_MS });
  await anna.page.reload();
  await expect(anna.page.getByLabel('Description of the video')).toHaveValue('Colours');
  await postButton(anna).click();
  await expect(anna.page).toHaveURL('/');
  await expect(anna.page.getByRole('article').locator('video')).toHaveAttribute('aria-label', 'Colours');
});

test('a story’s video plays in silence, stops under a finger, and leads on when it is over', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const { page } = anna;
  await page.goto('/stories/new');
  await add(anna, 'Photo or video', upright(5));
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill('Look at this');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByLabel('Description of the video').fill('Colours that move');
  await expect(page.getByRole('button', { name: 'Share story' })).toBeEnabled({ timeout: MAKING_MS });
  await inspect(page, 'story-editor-video');
  await page.getByRole('button', { name: /Who can see this/ }).click();
  await page.getByRole('radio', { name: /^Everyone here/ }).check();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Share story' }).click();
  await expect(page).toHaveURL('/');

  await ben.page.goto('/stories/anna');
  const shown = ben.page.getByRole('dialog', { name: 'Story by Anna Berg' });
  const video = shown.locator('video');
  await expect(shown.getByText('Look at this')).toBeVisible();
  await expect(video).toHaveAttribute('aria-label', 'Colours that move');
  await expect.poll(() => at(video)).toBeGreaterThan(0.2);
  expect(await video.evaluate((film: HTMLVideoElement) => film.muted)).toBe(true);

  const box = (await video.boundingBox())!;
  await ben.page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.3);
  await ben.page.mouse.down();
  await expect.poll(() => isPaused(video)).toBe(true);
  const held = await at(video);
  await ben.page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.3 + 30);
  await ben.page.mouse.up();
  await expect.poll(() => at(video)).toBeGreaterThan(held);

  await shown.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => isPaused(video)).toBe(true);
  await inspect(ben.page, 'story-video');
  await shown.getByRole('button', { name: 'Sound on' }).click();
  await expect.poll(() => video.evaluate((film: HTMLVideoElement) => film.muted)).toBe(false);
  await shown.getByRole('button', { name: 'Play' }).click();
  await expect(ben.page).toHaveURL('/');
});

test('a story’s video waits for who wants nothing to move', async ({ person }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await page.goto('/stories/new');
  await add(anna, 'Photo or video', upright(1));
  await expect(page.getByRole('button', { name: 'Share story' })).toBeEnabled({ timeout: MAKING_MS });
  await page.getByRole('button', { name: 'Share story' }).click();
  await expect(page).toHaveURL('/');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/stories/anna');
  const shown = page.getByRole('dialog', { name: 'Story by Anna Berg' });
  const video = shown.locator('video');
  await shown.getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => at(video)).toBeGreaterThan(0.2);
  await expect(shown.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(video).toBeVisible();
});

test.describe('on a server without videos', () => {
  test.use({ serverArgs: ['--video', 'off'] });
  test('the picker takes photos alone', async ({ person }) => {
    const anna = await person('Anna Berg');
    await anna.page.goto('/new');
    await expect(anna.page.getByTestId('photos')).toHaveAttribute('accept', 'image/*');
    await expect(anna.page.getByRole('button', { name: 'Add photos', exact: true })).toBeVisible();
  });
});
