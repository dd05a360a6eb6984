import { expect, test as base } from './fixtures.ts';
import { Post } from './post.ts';

/** A server that hands mail to this test. */
const test = base.extend<{ post: Post }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures' names from the pattern
  post: async ({}, use) => {
    const post = await Post.start();
    await use(post);
    await post.end();
  },
  serverArgs: async ({ post }, use) => {
    await use(['--smtp-url', `smtp://127.0.0.1:${post.port}`, '--mail-from', 'Mill Lane <digest@mill.example>']);
  }
});

test('an address is confirmed with a code, and mails come when one wants them', async ({ person, visitor, post, inspectBoth }) => {
  const anna = await person('Anna Berg');
  await anna.page.goto('/settings/notifications');
  await anna.page.getByLabel('Your e-mail address').fill('anna@home.example');
  await inspectBoth(anna, 'email-address');
  await anna.page.getByRole('button', { name: 'Send the code' }).click();
  const code = anna.page.getByLabel('Code from the mail');
  await expect(code).toBeVisible();
  await expect.poll(() => post.mails.length).toBe(1);
  expect(post.mails[0]!.to).toBe('anna@home.example');
  const mailed = /^Subject: (\d{6}) is your code for Mill Lane/m.exec(post.mails[0]!.data)?.[1];
  await code.fill(mailed === '000000' ? '111111' : '000000');
  await anna.page.getByRole('button', { name: 'Confirm' }).click();
  await expect(anna.page.getByRole('alert')).toContainText('This is not the code');
  await inspectBoth(anna, 'email-code');
  await code.fill(mailed!);
  await anna.page.getByRole('button', { name: 'Confirm' }).click();
  await expect(anna.page.getByRole('main')).toContainText('Mails go to anna@home.example');
  await expect(anna.page.getByRole('alert')).toHaveCount(0);

  await anna.page.getByText('Weekly', { exact: true }).click();
  await anna.page.getByLabel('On Mondays at').selectOption('19');
  await inspectBoth(anna, 'email-digest');
  await anna.page.reload();
  await expect(anna.page.getByRole('radio', { name: 'Weekly' })).toBeChecked();
  await expect(anna.page.getByLabel('On Mondays at')).toHaveValue('19');

  // The page that a mail leads to asks nobody to sign in.
  const ben = await visitor('Ben Ruiz');
  await ben.page.goto('/api/email/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA');
  await expect(ben.page).toHaveURL('/unsubscribe#AAAAAAAAAAAAAAAAAAAAAA');
  await inspectBoth(ben, 'unsubscribe');
  await ben.page.getByRole('button', { name: 'Send no more mails' }).click();
  await expect(ben.page.getByRole('heading', { name: 'No more mails' })).toBeVisible();

  await anna.page.getByRole('button', { name: 'Remove address' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove address' }).click();
  await expect(anna.page.getByLabel('Your e-mail address')).toBeVisible();
});

base('a server without mail says nothing of it, and a browser is asked for leave to be pushed to', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  await anna.page.context().grantPermissions(['notifications']);
  // Chromium subscribes at a push service far away: the page gets a subscription of this test's, and all else is its own.
  await anna.page.addInitScript(() => {
    const bytes = (length: number) => new Uint8Array(length).fill(4).buffer;
    let subscription: unknown = null;
    const asked: unknown[] = [];
    Object.assign(window, { asked });
    Object.assign(PushManager.prototype, {
      getSubscription: async () => subscription,
      subscribe: async (options: PushSubscriptionOptionsInit) => {
        const key = options.applicationServerKey as Uint8Array;
        asked.push({ userVisibleOnly: options.userVisibleOnly, length: key.byteLength });
        subscription = {
          endpoint: 'https://push.example/1',
          getKey: (name: string) => bytes(name === 'auth' ? 16 : 65),
          unsubscribe: async () => {
            subscription = null;
            return true;
          }
        };
        return subscription;
      }
    });
  });
  const told: unknown[] = [];
  await anna.page.route('**/api/push/subscriptions', async (route) => {
    told.push([route.request().method(), (route.request().postDataJSON() as { endpoint: string }).endpoint]);
    await route.fulfill({ status: 204 });
  });
  await anna.page.goto('/settings/notifications');
  const here = anna.page.getByRole('switch', { name: 'Push on this device' });
  await expect(here).not.toBeChecked();
  await expect(anna.page.getByText('E-mail')).toHaveCount(0);
  await here.check();
  await expect(here).toBeChecked();
  await expect.poll(() => told).toEqual([['POST', 'https://push.example/1']]);
  const asked = await anna.page.evaluate(() => (window as unknown as { asked: unknown[] }).asked);
  expect(asked).toEqual([{ userVisibleOnly: true, length: 65 }]);

  await anna.page.getByLabel('Pushes an hour').selectOption('1');
  await anna.page.getByRole('switch', { name: 'Quiet hours' }).check();
  await inspectBoth(anna, 'notification-settings-push');
  await anna.page.reload();
  await expect(anna.page.getByLabel('Pushes an hour')).toHaveValue('1');
  await anna.page.getByRole('switch', { name: 'Quiet hours' }).uncheck();
});

base('whoever asked is told of a page’s new posts', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.page.goto('/pages');
  await anna.page.getByRole('button', { name: 'New page' }).click();
  await anna.page.getByRole('dialog').getByLabel('Name of the page').fill('Mill Lane Bakery');
  await anna.page.getByRole('dialog').getByLabel('Handle').fill('mill_lane_bakery');
  await anna.page.getByRole('button', { name: 'Create page' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Mill Lane Bakery' })).toBeVisible();

  await ben.page.goto('/people/mill_lane_bakery');
  const bell = ben.page.getByRole('button', { name: 'Notifications from Mill Lane Bakery' });
  await expect(ben.page.getByRole('button', { name: 'Follow Mill Lane Bakery' })).toBeVisible();
  await expect(bell).toHaveCount(0);
  await ben.page.getByRole('button', { name: 'Follow Mill Lane Bakery' }).click();
  await bell.click();
  await inspectBoth(ben, 'page-bell');
  await ben.page.getByRole('menuitem', { name: 'Tell me about new posts' }).click();
  await expect(ben.page.getByRole('status').filter({ hasText: 'You’ll be told when Mill Lane Bakery posts.' })).toBeAttached();

  await anna.page.getByRole('link', { name: 'Write a post' }).click();
  await anna.page.getByLabel('Text of the post').fill('Rye bread from six on.');
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await ben.page.goto('/notifications');
  await ben.page.getByRole('link', { name: /Mill Lane Bakery wrote a post/ }).click();
  await expect(ben.page.getByText('Rye bread from six on.')).toBeVisible();

  await ben.page.goto('/people/mill_lane_bakery');
  await bell.click();
  await ben.page.getByRole('menuitem', { name: 'Don’t tell me about new posts' }).click();
  await expect(ben.page.getByRole('status').filter({ hasText: 'You won’t be told when Mill Lane Bakery posts.' })).toBeAttached();
});
