import { expect, test } from './fixtures.ts';

test('a chat post leads its viewer into a private chat', async ({ visitor, inspect }) => {
  const anna = await (await visitor('Anna Berg')).signUp('passkey');
  const ben = await (await visitor('Ben Ruiz')).signUp('password');

  await anna.post('Who is in for Saturday? Bring warm socks.', { chat: 'Saturday at the lake' });

  // It comes to Ben's open feed by itself.
  const card = ben.card('Saturday at the lake');
  await expect(card.getByText('1 person')).toBeVisible();
  await inspect(ben.page, 'why-feed');
  await card.getByRole('button', { name: 'Join chat' }).click();

  await expect(ben.page).toHaveURL(/\/chats\/[0-9a-f-]{36}$/);
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await ben.say('Hi Anna, I bring tea');
  await expect(ben.bubble('I bring tea').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();

  // Anna's card turned into the way to the chat; she reads and answers.
  await anna.card('Saturday at the lake').getByRole('link', { name: 'Open chat' }).click();
  await expect(anna.page.getByText('Ben Ruiz joined')).toBeVisible();
  await expect(anna.bubble('I bring tea')).toBeVisible();
  await anna.say('Wonderful! 🎉 See you at ten.');
  await expect(ben.bubble('See you at ten')).toBeVisible();
  // The page is as high as the screen; only the messages scroll.
  expect(await anna.page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await inspect(anna.page, 'why-chat');
  await inspect(ben.page, 'why-chat-joined');

  // After a reload everything is there, from the local store.
  await ben.page.reload();
  await expect(ben.bubble('See you at ten')).toBeVisible();
  await expect(ben.bubble('I bring tea')).toHaveCount(1);

  // The feed's button tells Ben the truth now.
  await ben.page.goto('/');
  await expect(ben.card('Saturday at the lake').getByRole('link', { name: 'Open chat' })).toBeVisible();
});

test('joining works while the host is away, and the host reads it later', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Soup at mine', { chat: 'Soup night' });
  await anna.page.goto('about:blank');

  await ben.page.goto('/');
  await ben.card('Soup night').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await ben.say('Is there garlic in it?');
  await expect(ben.bubble('garlic').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();

  await anna.page.goto('/chats');
  await expect(anna.page.getByRole('link', { name: /Soup night.*garlic/ })).toBeVisible();
  await anna.page.getByRole('link', { name: /Soup night/ }).click();
  await expect(anna.bubble('garlic')).toBeVisible();
});

test('three in one chat, a member removed, another leaves', async ({ person, form, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await anna.post('Band practice', { chat: 'Band' });
  for (const guest of [ben, cleo]) {
    await guest.page.goto('/');
    await guest.card('Band practice').getByRole('button', { name: 'Join chat' }).click();
    await expect(guest.page.getByText('You joined')).toBeVisible();
  }
  await anna.card('Band practice').getByRole('link', { name: 'Open chat' }).click();
  await cleo.say('I have the drums');
  for (const reader of [anna, ben]) await expect(reader.bubble('I have the drums')).toBeVisible();

  await anna.page.getByRole('button', { name: /Band/ }).click();
  await anna.doesTo(ben, 'Remove from chat');
  await anna.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(anna.page.getByText('Ben Ruiz was removed')).toBeVisible();
  await expect(ben.page.getByText('A host removed you from this chat.')).toBeVisible();
  await expect(cleo.page.getByText('Ben Ruiz was removed')).toBeVisible();

  // What is over can be taken off the list, and put back.
  const gone = ben.page.getByRole('main').getByRole('link', { name: /Band/ });
  await inspect(ben.page, 'chat-removed');
  await ben.page.getByRole('button', { name: 'Remove from my chats' }).click();
  await expect(ben.page.getByText('No chats yet')).toBeVisible();
  await ben.page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click();
  await gone.click();
  await ben.page.getByRole('button', { name: 'Remove from my chats' }).click();
  await expect(ben.page.getByText('No chats yet')).toBeVisible();
  await ben.page.reload();
  await expect(ben.page.getByText('No chats yet')).toBeVisible();

  await cleo.page.getByRole('button', { name: /Band/ }).click();
  await cleo.page.getByRole('button', { name: 'Leave chat' }).click();
  await expect(cleo.page).toHaveURL(/\/chats$/);
  await anna.page.getByRole('button', { name: 'Close' }).click();
  await expect(anna.page.getByText('Cleo Marsh left')).toBeVisible();
  if (form === 'phone') await expect(anna.page.getByRole('link', { name: 'Back' })).toBeVisible();
});
