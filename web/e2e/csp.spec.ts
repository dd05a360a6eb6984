import { expect, test } from './fixtures.ts';

/** Every page of the app but those of one post, story or chat, which are visited by name. */
const PAGES = [
  '/',
  '/new',
  '/stories/new',
  '/stories/archive',
  '/chats',
  '/people',
  '/people/anna',
  '/lists',
  '/link',
  '/settings',
  '/nowhere'
];

test('no page breaks the policy, and the watch for it sees what does', async ({ visitor }) => {
  const anna = await visitor('Anna Berg');
  const { page } = anna;
  const policies = new Set<string | undefined>();
  anna.context.on('response', (response) => {
    if (response.request().resourceType() === 'document') policies.add(response.headers()['content-security-policy']);
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Welcome to your Doorpost' })).toBeVisible();
  await anna.signUp();
  await anna.post('Chess, anybody? https://a.example', { chat: 'Chess club' });
  await page.goto('/');
  const post = await anna
    .card('Chess')
    .getByRole('link', { name: /now|ago/ })
    .getAttribute('href');
  const chat = await anna.card('Chess').getByRole('link', { name: 'Open chat' }).getAttribute('href');
  for (const path of [...PAGES, post!, `${post!}/edit`, chat!, `${chat!}/requests`]) {
    await page.goto(path);
    await expect(page.getByRole('main').first(), path).toBeVisible();
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  }
  expect(policies.size).toBe(1);
  const [policy] = policies;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain('unsafe-inline');
  expect(policy).not.toContain("'unsafe-eval'");
  expect(anna.problems).toEqual([]);

  // The shell that starts without a network has the same policy.
  await expect.poll(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
  await anna.context.setOffline(true);
  await page.goto('/settings');
  await expect(page.getByRole('main')).toBeVisible();
  expect(policies.size).toBe(1);
  const refused = await page.evaluate(() => {
    document.body.setAttribute('style', 'color: red');
    try {
      document.createElement('script').text = '1';
      return false;
    } catch {
      return true;
    }
  });
  expect(refused).toBe(true);
  const seen = () => anna.problems.filter((problem) => /CSP (style-src|require-trusted-types)/.test(problem)).length;
  await expect.poll(seen).toBe(2);
  anna.problems.length = 0;
});
