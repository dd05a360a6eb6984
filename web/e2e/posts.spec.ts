import { expect, test } from './fixtures.ts';

test('posts come live without a jump, are edited and deleted', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  for (const text of ['First frost this morning', 'Second thoughts about kale']) await anna.post(text);
  await ben.page.goto('/');
  await expect(ben.card('First frost')).toBeVisible();

  const before = await ben.card('Second thoughts').boundingBox();
  for (const text of ['Third time lucky', 'Fourth and last', 'Fifth gear']) await anna.post(text);
  await expect(ben.page.getByRole('button', { name: '3 new posts' })).toBeVisible();
  expect((await ben.card('Second thoughts').boundingBox())?.y).toBe(before?.y);
  await expect(ben.card('Fifth gear')).toHaveCount(0);
  await inspect(ben.page, 'feed-fresh');
  await ben.page.getByRole('button', { name: '3 new posts' }).click();
  await expect(ben.page.getByRole('article').first()).toContainText('Fifth gear');

  await anna.choose('First frost', 'Edit');
  await anna.page.getByLabel('Text of the post').fill('First frost, last tomatoes');
  await inspect(anna.page, 'edit');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(ben.card('last tomatoes')).toContainText('edited');

  await anna.choose('Fifth gear', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(anna.card('Fifth gear')).toHaveCount(0);
  await expect(ben.card('Fifth gear')).toHaveCount(0);
});

test('a draft survives a reload', async ({ person }) => {
  const anna = await person('Anna Berg');
  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('Half a thought');
  await anna.page.getByRole('button', { name: 'Add a chat' }).click();
  await anna.page.getByLabel('Name of the chat').fill('Half a chat');
  await anna.page.reload();
  await expect(anna.page.getByLabel('Text of the post')).toHaveValue('Half a thought');
  await expect(anna.page.getByLabel('Name of the chat')).toHaveValue('Half a chat');
});

test('what is unknown looks the same, whatever it is', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.page.goto('/new');
  await anna.post('For friends alone', { chat: 'Secret supper', audience: 'Friends' });
  await anna
    .card('Secret supper')
    .getByRole('link', { name: /ago|now/ })
    .click();
  await expect(anna.page).toHaveURL(/\/posts\//);
  const hidden = new URL(anna.page.url()).pathname;

  const pages: string[] = [];
  const never = '/posts/0192d3a4-0000-7000-8000-000000000000';
  for (const path of [
    hidden,
    never,
    '/j/0192d3a4-0000-7000-8000-000000000000#x',
    '/chats/0192d3a4-0000-7000-8000-000000000000',
    '/people/nobody_here',
    '/no/such/page'
  ]) {
    await ben.page.goto(path);
    await expect(ben.page.getByRole('heading', { name: 'There’s nothing here' })).toBeVisible();
    pages.push(await ben.page.getByText('It never existed').innerText());
  }
  expect(new Set(pages).size).toBe(1);
  await inspect(ben.page, 'unknown');
});

test('a chat takes more people through a second post, and its terms can be changed', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Rehearsal room found', { chat: 'Orchestra' });
  await anna.card('Orchestra').getByRole('link', { name: 'Open chat' }).click();
  await anna.say('Anybody here?');
  await anna.page.getByRole('button', { name: /Orchestra.*End-to-end/ }).click();
  await anna.page.getByRole('link', { name: 'Invite people with a post' }).click();
  await expect(anna.page.getByRole('combobox', { name: 'Which chat' })).toContainText('Orchestra');
  await anna.page.getByLabel('Text of the post').fill('Violas wanted');
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('Violas wanted').getByRole('link', { name: 'Open chat' })).toBeVisible();

  await anna.choose('Violas wanted', 'Edit');
  await anna.page.getByRole('button', { name: /How people join/ }).click();
  await anna.page.getByRole('switch', { name: 'Limited seats' }).check();
  await anna.page.getByLabel('Number of seats').fill('3');
  await anna.page.getByRole('button', { name: 'Done' }).click();
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(anna.card('Violas wanted')).toContainText('3 of 3 seats left');

  await ben.page.goto('/');
  await ben.card('Violas wanted').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await ben.say('I play the viola');
  await anna.card('Violas wanted').getByRole('link', { name: 'Open chat' }).click();
  await expect(anna.bubble('I play the viola')).toBeVisible();
  await ben.page.goto('/');
  await expect(ben.card('Violas wanted')).toContainText('2 of 3 seats left');
});
