import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.ts';
import { photo } from './media.ts';

const feedPosts = (person: Person) => person.page.getByRole('feed').getByRole('article');
const sign = (page: Page) => page.getByText(/^Offline · shown as of \d\d:\d\d$/);

async function installed(person: Person): Promise<void> {
  await expect.poll(() => person.page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
}
/** Rows of answers of the server that the browser keeps, as `account:place`. */
const keptRows = (page: Page): Promise<string[]> =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open('doorpost-device');
        opening.onerror = () => reject(opening.error!);
        opening.onsuccess = () => {
          const keys = opening.result.transaction('kept').objectStore('kept').getAllKeys();
          keys.onsuccess = () => {
            opening.result.close();
            resolve((keys.result as [string, string][]).map((key) => key.join(':')));
          };
        };
      })
  );
/** Moves the time at which everything was kept. */
const ageKept = (page: Page, byMs: number): Promise<void> =>
  page.evaluate(
    (byMs) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('doorpost-device');
        opening.onerror = () => reject(opening.error!);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('kept', 'readwrite');
          const rows = transaction.objectStore('kept');
          const all = rows.getAll();
          all.onsuccess = () => {
            for (const row of all.result as { at: number }[]) rows.put({ ...row, at: row.at - byMs });
          };
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    byMs
  );

test('the browser can install it: manifest, icons, shortcuts, share target', async ({ person }) => {
  const { page } = await person('Anna Berg');
  const session = await page.context().newCDPSession(page);
  const { errors, data } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const manifest = JSON.parse(data!) as {
    icons: { src: string; sizes: string; purpose: string }[];
    shortcuts: { url: string; icons: { src: string }[] }[];
    screenshots: { src: string; form_factor: string }[];
    share_target: object;
    launch_handler: object;
  };
  expect((await session.send('Page.getInstallabilityErrors')).installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
  expect(manifest.icons.map(({ purpose }) => purpose)).toContain('maskable');
  expect(manifest.shortcuts.map(({ url }) => url)).toEqual(['/new', '/chats']);
  expect(manifest.screenshots.map((shot) => shot.form_factor).sort()).toEqual(['narrow', 'wide']);
  expect(manifest.launch_handler).toEqual({ client_mode: ['focus-existing', 'auto'] });
  expect(manifest.share_target).toMatchObject({ action: '/share', method: 'POST' });
  const pictures = [...manifest.icons, ...manifest.shortcuts.flatMap(({ icons }) => icons), ...manifest.screenshots];
  for (const { src } of pictures) expect((await page.request.get(src)).headers()['content-type'], src).toMatch(/^image\//);
});

test('installing is offered to whoever comes back, and no is no', async ({ visitor, inspectBoth }) => {
  const anna = await visitor('Anna Berg');
  const { page } = anna;
  // The browser's own offer comes whenever it likes.
  await anna.context.addInitScript(() =>
    addEventListener('beforeinstallprompt', (event) => event.isTrusted && event.stopImmediatePropagation())
  );
  await anna.signUp();
  const main = page.getByRole('navigation', { name: 'Main' });
  const comeHome = async () => {
    await main.getByRole('link', { name: 'Friends' }).click();
    await expect(page).toHaveURL('/people');
    await main.getByRole('link', { name: 'Home' }).click();
    await expect(page.getByText('It’s quiet here')).toBeVisible();
  };
  /** As Chromium offers it. */
  const offer = () =>
    page.evaluate(() => {
      const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
        prompt: () => Promise.resolve((document.title = 'asked'))
      });
      dispatchEvent(event);
      return event.defaultPrevented;
    });
  expect(await offer()).toBe(true);
  const hint = page.getByRole('region', { name: 'Doorpost as an app' });
  await comeHome();
  await expect(hint).toHaveCount(0);
  await page.evaluate(() => localStorage.setItem('here-since', String(Date.now() - 2 * 24 * 3_600_000)));
  await page.reload();
  await expect(page.getByText('It’s quiet here')).toBeVisible();
  await offer();
  // Nothing appears under the reader's eye.
  await expect(hint).toHaveCount(0);
  await comeHome();
  await expect(hint).toBeVisible();
  await inspectBoth(anna, 'install');
  await hint.getByRole('button', { name: 'Not now' }).click();
  await expect(hint).toHaveCount(0);
  await page.reload();
  await expect(main).toBeVisible();
  await offer();
  await comeHome();
  await expect(hint).toHaveCount(0);

  // Whoever looks for it finds it in the settings.
  await main.getByRole('link', { name: 'You' }).click();
  await page.getByRole('region', { name: 'Doorpost as an app' }).getByRole('button', { name: 'Install' }).click();
  await expect(page).toHaveTitle('asked');
  await expect(page.getByRole('region', { name: 'Doorpost as an app' })).toHaveCount(0);
});

test('without a network there is what was there, and nothing that went', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.befriend(ben);
  await ben.befriend(anna);
  await anna.post('For everybody');
  await anna.post('For friends', { audience: 'Friends' });
  await ben.post('My own');
  await ben.page.goto('/people/ben');
  await expect(ben.card('My own')).toBeVisible();
  await ben.page.goto('/');
  await expect(feedPosts(ben)).toHaveCount(3);
  await installed(ben);

  await ben.context.setOffline(true);
  await ben.page.reload();
  await expect(feedPosts(ben)).toHaveCount(3);
  await expect(sign(ben.page)).toBeVisible();
  await inspectBoth(ben, 'feed-offline');
  await ben.page.goto('/people/ben');
  await expect(ben.card('My own')).toBeVisible();
  await expect(sign(ben.page)).toBeVisible();

  // Meanwhile one post goes out of sight. With the network it is gone, and does not come back without it.
  await anna.page.goto('/people/ben');
  await anna.page.getByRole('button', { name: 'More about Ben Ruiz', exact: true }).click();
  await anna.page.getByRole('menuitem', { name: 'Remove friend' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(anna.page.getByRole('button', { name: 'Add friend' })).toBeVisible();
  await ben.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Home' }).click();
  await expect(ben.card('For friends')).toBeVisible();
  await expect(sign(ben.page)).toBeVisible();
  await ben.context.setOffline(false);
  await expect(ben.card('For friends')).toHaveCount(0);
  await expect(feedPosts(ben)).toHaveCount(2);
  await expect(sign(ben.page)).toHaveCount(0);
  await ben.context.setOffline(true);
  await ben.page.reload();
  await expect(feedPosts(ben)).toHaveCount(2);
  await expect(ben.card('For friends')).toHaveCount(0);

  // What is too old is not shown.
  await ageKept(ben.page, 8 * 24 * 3_600_000);
  await ben.page.reload();
  await expect(ben.page.getByText('You’re offline. Please try again')).toBeVisible();
  await expect(feedPosts(ben)).toHaveCount(0);
});

test('who looks at something else keeps nothing that went', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Soon gone');
  await ben.page.goto('/');
  await expect(ben.card('Soon gone')).toBeVisible();
  await installed(ben);
  await ben.page.goto('/settings');
  await expect(ben.page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await anna.choose('Soon gone', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(anna.card('Soon gone')).toHaveCount(0);

  await expect
    .poll(async () => {
      await ben.context.setOffline(true);
      await ben.page.goto('/');
      await expect(ben.page.getByRole('main')).toBeVisible();
      const shown = await ben.card('Soon gone').count();
      await ben.context.setOffline(false);
      return shown;
    })
    .toBe(0);
});

test('signing out forgets it all; the next person finds nothing', async ({ person }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await anna.post('Only mine to see', { audience: 'Friends' });
  await page.goto('/people/anna');
  await expect(anna.card('Only mine')).toBeVisible();
  await expect.poll(async () => (await keptRows(page)).length).toBe(3);

  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign up' })).toBeVisible();
  await expect.poll(() => keptRows(page)).toEqual([]);

  // Somebody else in the same browser, who then loses the network.
  const cora = Object.assign(Object.create(Object.getPrototypeOf(anna) as object) as Person, anna, { name: 'Cora Lind', handle: 'cora' });
  await cora.signUpHere();
  await page.goto('/');
  await expect(page.getByText('It’s quiet here')).toBeVisible();
  await installed(cora);
  await expect.poll(async () => (await keptRows(page)).map((row) => row.split(':')[1])).toEqual(['feed']);
  await cora.context.setOffline(true);
  await page.reload();
  await expect(page.getByText('It’s quiet here')).toBeVisible();
  await expect(page.getByText('Only mine to see')).toHaveCount(0);
});

test('what is written without a network stays', async ({ person }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await installed(anna);
  await anna.context.setOffline(true);
  await page.goto('/new');
  const text = page.getByLabel('Text of the post');
  await text.fill('Written on the train');
  await expect(page.getByText('What you write stays here')).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText(/You’re offline/);
  await page.reload();
  await expect(text).toHaveValue('Written on the train');
  await anna.context.setOffline(false);
  await expect(page.getByText('What you write stays here')).toHaveCount(0);
  await page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('Written on the train')).toHaveCount(1);
});

test('what another app shares becomes a draft, once', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await installed(anna);
  await page.goto('/new');
  await page.getByLabel('Text of the post').fill('Begun before');
  const picture = [...(await photo(page, 200))];
  await page.goto('/');
  // As the system does it: a form to the address in the manifest.
  await page.evaluate((bytes) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = '/share';
    form.enctype = 'multipart/form-data';
    for (const [name, value] of [
      ['title', 'Hut to hut'],
      ['text', 'Look at this https://a.example/x'],
      ['url', 'https://a.example/x']
    ] as const) {
      const input = Object.assign(document.createElement('input'), { name, value, type: 'hidden' });
      form.append(input);
    }
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], 'lake.jpg', { type: 'image/jpeg' }));
    files.items.add(new File(['<script>1</script>'], 'page.html', { type: 'text/html' }));
    const input = Object.assign(document.createElement('input'), { name: 'photos', type: 'file', multiple: true });
    input.files = files.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  }, picture);
  await expect(page).toHaveURL('/new');
  const text = page.getByLabel('Text of the post');
  await expect(text).toHaveValue('Begun before\n\nHut to hut\nLook at this https://a.example/x');
  await expect(page.getByRole('textbox', { name: 'Description of photo 1' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Description of photo 2' })).toHaveCount(0);
  const post = page.getByRole('main').getByRole('button', { name: 'Post', exact: true });
  await expect(post).toBeEnabled();
  await inspectBoth(anna, 'shared');
  await page.reload();
  await expect(text).toHaveValue('Begun before\n\nHut to hut\nLook at this https://a.example/x');
  await post.click();
  await expect(anna.card('Hut to hut').getByRole('button', { name: /Photo 1/ })).toBeVisible();
});

test('the icon counts what is unread, and a link opens where one is', async ({ visitor, person }) => {
  const anna = await person('Anna Berg');
  const ben = await visitor('Ben Ruiz');
  await ben.context.addInitScript(() => {
    const badges: number[] = [];
    let consume: (params: { targetURL: string }) => void = () => undefined;
    Object.assign(navigator, {
      setAppBadge: (count: number) => Promise.resolve(void badges.push(count)),
      clearAppBadge: () => Promise.resolve(void badges.push(0))
    });
    Object.defineProperty(window, 'launchQueue', { value: { setConsumer: (next: typeof consume) => (consume = next) } });
    Object.assign(window, { badges, launch: (targetURL: string) => consume({ targetURL }) });
  });
  await ben.signUp();
  const badge = () => ben.page.evaluate(() => (window as unknown as { badges: number[] }).badges.at(-1));
  await anna.gather([ben], 'Chess club');
  await ben.page.goto('/people');
  await expect.poll(badge).toBe(0);
  await anna.say('First');
  await anna.say('Second');
  await expect.poll(badge).toBe(2);
  await anna.befriend(ben);
  await expect.poll(badge).toBe(3);

  // The running app goes there by itself: nothing is loaded again.
  await ben.page.evaluate(() => Object.assign(window, { same: true }));
  const launch = (path: string) =>
    ben.page.evaluate((path) => (window as unknown as { launch(url: string): void }).launch(new URL(path, location.href).href), path);
  await launch('/chats');
  await ben.page.getByRole('link', { name: /Chess club/ }).click();
  await expect(ben.bubble('Second')).toBeVisible();
  await expect.poll(badge).toBe(1);
  await launch('https://elsewhere.example/settings');
  await launch('/settings?from=shortcut#look');
  await expect(ben.page).toHaveURL('/settings?from=shortcut#look');
  expect(await ben.page.evaluate(() => 'same' in window)).toBe(true);

  await ben.page.getByRole('button', { name: 'Sign out' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(badge).toBe(0);
});
