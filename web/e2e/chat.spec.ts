import { expect, test } from './fixtures.ts';

test('a long chat opens at its end and holds still for its reader', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Long story', { chat: 'Story' });
  await ben.page.goto('/');
  await ben.card('Story').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await anna.card('Story').getByRole('link', { name: 'Open chat' }).click();
  const LINES = 90;
  for (let line = 1; line <= LINES; line++) await anna.say(`Line ${line} of the story, which goes on and on for a while`);
  await expect(ben.bubble(`Line ${LINES} of`)).toBeVisible();

  await ben.page.reload();
  await expect(ben.bubble(`Line ${LINES} of`)).toBeVisible();
  const log = ben.page.getByRole('log');
  const fromEnd = () => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await expect.poll(fromEnd).toBeLessThan(3);
  expect(await log.locator('[data-id]').count()).toBeLessThan(60);

  // Scrolled up: what comes in is counted, and nothing moves.
  await log.hover();
  for (let turn = 0; turn < 6; turn++) {
    await ben.page.mouse.wheel(0, -500);
    await ben.page.waitForTimeout(60);
  }
  await ben.page.waitForTimeout(400);
  const place = () =>
    log.evaluate((element) => {
      const top = element.getBoundingClientRect().top;
      const row = [...element.querySelectorAll<HTMLElement>('[data-id]')].find((one) => one.getBoundingClientRect().top > top + 80)!;
      return { id: row.dataset.id!, y: row.getBoundingClientRect().top };
    });
  const before = await place();
  await anna.say('And then a knock on the door');
  await expect(ben.page.getByRole('button', { name: '1 new' })).toBeVisible();
  const y = await log.evaluate((element, id) => element.querySelector(`[data-id="${id}"]`)!.getBoundingClientRect().top, before.id);
  expect(Math.abs(y - before.y)).toBeLessThan(1);
  await ben.page.getByRole('button', { name: '1 new' }).click();
  await expect(ben.bubble('knock on the door')).toBeVisible();
  await expect.poll(fromEnd).toBeLessThan(65);

  // All the way up, older pages come in on the way.
  await log.hover();
  for (let turn = 0; turn < 40 && !(await ben.page.getByText('You joined').isVisible()); turn++) {
    await ben.page.mouse.wheel(0, -1500);
    await ben.page.waitForTimeout(80);
  }
  await expect(ben.page.getByText('You joined')).toBeVisible();
});

test('unread counts rise, and fall when read', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Tea?', { chat: 'Tea' });
  await ben.page.goto('/');
  await ben.card('Tea').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await ben.page.goto('/chats');
  await anna.card('Tea').getByRole('link', { name: 'Open chat' }).click();
  await anna.say('Green');
  await anna.say('Or black?');
  await expect(ben.page.getByRole('main').getByRole('link', { name: /Tea.*2 unread messages/ })).toBeVisible();
  await expect(ben.page).toHaveTitle(/^\(2\)/);
  await inspect(ben.page, 'chats-unread');
  await ben.page.getByRole('main').getByRole('link', { name: /Tea/ }).click();
  await expect(ben.page.getByText('New messages')).toBeVisible();
  await ben.page.goto('/chats');
  await expect(ben.page.getByRole('main').getByRole('link', { name: /Tea/ })).not.toContainText('unread');

  // A draft is kept for its chat.
  await ben.page.getByRole('main').getByRole('link', { name: /Tea/ }).click();
  await ben.page.getByRole('textbox', { name: /Message to/ }).fill('Hmm, let me think');
  await ben.page.goto('/chats');
  await expect(ben.page.getByText('Hmm, let me think')).toBeVisible();
});
