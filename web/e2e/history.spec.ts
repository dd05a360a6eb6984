import { expect, test, type Person } from './fixtures.ts';

const PENDING = /^Earlier messages are on their way/;

/** A second post that leads into the chat that is open. */
async function invite(host: Person, text: string): Promise<void> {
  await (await host.about()).getByRole('link', { name: 'Invite people with a post' }).click();
  await host.page.getByLabel('Text of the post').fill(text);
  await host.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(host.card(text)).toBeVisible();
}

test('a newcomer reads what the chat lets newcomers read, once a member is there to pass it on', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('A walk', { chat: 'Walk' });
  await anna.card('A walk').getByRole('link', { name: 'Open chat' }).click();
  await (await anna.about()).getByRole('button', { name: 'Chat settings' }).click();
  await anna.page.getByLabel('What newcomers see').selectOption('Everything since the post');
  await expect(anna.page.getByRole('log').getByText(/changed what newcomers see/)).toBeAttached();
  await anna.page.keyboard.press('Escape');
  await anna.page.keyboard.press('Escape');
  await anna.say('Nobody else needs to know this');
  await expect(anna.bubble('Nobody else').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await invite(anna, 'Who walks along on Sunday?');
  await anna.card('on Sunday').getByRole('link', { name: 'Open chat' }).click();
  await anna.say('We meet at the bridge');
  await anna.say('At nine');
  await expect(anna.bubble('At nine').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  const chat = anna.page.url();

  // Nobody is there who could pass anything on.
  await anna.page.goto('about:blank');
  await ben.page.goto('/');
  await ben.card('on Sunday').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await expect(ben.page.getByText(PENDING)).toBeVisible();
  await ben.say('Hello, is anybody there?');
  await inspect(ben.page, 'history-pending');

  await anna.page.goto(chat);
  await expect(ben.bubble('We meet at the bridge')).toBeVisible();
  await expect(ben.bubble('At nine')).toBeVisible();
  await expect(ben.page.getByText(PENDING)).toHaveCount(0);
  await expect(ben.page.getByText('Nobody else needs to know this')).toHaveCount(0);
  await expect(ben.page.getByRole('log').locator('[data-state]')).toHaveText([/bridge/, /At nine/, /anybody there/]);
  await inspect(ben.page, 'history-here');

  // Who vouches for it, by tap and by keyboard; one's own words need nobody.
  await ben.bubble('At nine').getByRole('button', { name: 'Passed on by Anna Berg' }).click();
  const info = ben.page.getByRole('dialog', { name: 'Info' });
  await expect(info.getByText('Passed on by Anna Berg')).toBeVisible();
  await inspect(ben.page, 'history-info');
  await ben.page.keyboard.press('Escape');
  await ben.does('bridge', 'Info');
  await expect(info.getByText('Passed on by Anna Berg')).toBeVisible();
  await ben.page.keyboard.press('Escape');
  await expect(ben.bubble('anybody there').getByRole('button', { name: /^Passed on/ })).toHaveCount(0);

  // Everybody can see what the next ones will read.
  await expect((await ben.about()).getByText('Newcomers see everything since the post they came by')).toBeVisible();
  await inspect(ben.page, 'history-about');
  await ben.page.keyboard.press('Escape');

  await ben.page.reload();
  await expect(ben.page.getByRole('log').locator('[data-state]')).toHaveText([/bridge/, /At nine/, /anybody there/]);
});
