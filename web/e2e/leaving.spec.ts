import { expect, test } from './fixtures.ts';
import { PASSWORD } from './person.ts';

test('who deletes their account is gone for everybody, and hands over first what others need', async ({ person, inspect }) => {
  test.setTimeout(240_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await ben.befriend(anna);
  await anna.befriend(ben);
  await ben.post('Seedlings to give away');
  await anna.post('Who waters the garden?');
  await ben.page.goto('/');
  await ben.card('Who waters').getByRole('link', { name: 'Comments' }).click();
  await ben.page.getByRole('textbox', { name: 'Write a comment' }).fill('I do, on Mondays');
  await ben.page.getByRole('button', { name: 'Send comment' }).click();
  await expect(ben.page.getByText('I do, on Mondays')).toBeVisible();
  await anna.page.goto('/');
  await expect(anna.card('Seedlings')).toBeVisible();

  // A page has to be handed over, or to go.
  await ben.page.goto('/pages');
  await ben.page.getByRole('button', { name: 'New page' }).click();
  const sheet = ben.page.getByRole('dialog');
  await sheet.getByLabel('Name of the page').fill('Seed bank');
  await sheet.getByLabel('Handle').fill('seed_bank');
  await sheet.getByRole('button', { name: 'Create page' }).click();
  await expect(ben.page.getByRole('heading', { name: 'Seed bank' })).toBeVisible();
  await ben.page.goto('/settings');
  await ben.page.getByRole('button', { name: 'Delete account…' }).click();
  const asking = ben.page.getByRole('dialog', { name: 'Delete your account?' });
  await expect(asking.getByText('Page “Seed bank”')).toBeVisible();
  await expect(asking.getByRole('button', { name: 'Delete account' })).toHaveCount(0);
  await inspect(ben.page, 'leaving-unsettled');
  await ben.page.evaluate(() => fetch('/api/pages/seed_bank', { method: 'DELETE' }));

  await ben.page.reload();
  await ben.page.getByRole('button', { name: 'Delete account…' }).click();
  await expect(asking.getByText('This can’t be undone.')).toBeVisible();
  const action = asking.getByRole('button', { name: 'Delete account' });
  await expect(action).toBeDisabled();
  await asking.getByLabel(/Type your handle/).fill('ben');
  await asking.getByLabel('Password', { exact: true }).fill('not the password');
  await inspect(ben.page, 'leaving');
  await action.click();
  await expect(asking.getByText('That isn’t your password or your passkey.')).toBeVisible();
  await asking.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await action.click();
  await expect(ben.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  // Anna's browser sees nobody.
  await anna.page.goto('/people/ben');
  await expect(anna.page.getByRole('heading', { name: 'There’s nothing here' })).toBeVisible();
  await anna.page.goto('/');
  await expect(anna.card('Who waters')).toBeVisible();
  await expect(anna.card('Seedlings')).toHaveCount(0);
  await anna.card('Who waters').getByRole('link', { name: 'Comments' }).click();
  await expect(anna.page.getByText('I do, on Mondays')).toHaveCount(0);

  // Signing in says what it says to who never was.
  await ben.page.getByLabel('Handle').fill('ben');
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ben.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(ben.page.getByText('That handle and password don’t match.')).toBeVisible();
});

test('who signs in with a passkey deletes with it, and is out of the chats', async ({ visitor, person }) => {
  test.setTimeout(240_000);
  const anna = await person('Anna Berg');
  await anna.post('Choir on Monday', { chat: 'Choir' });
  const cleo = await (await visitor('Cleo Marsh')).signUp('passkey');
  await cleo.page.goto('/');
  await cleo.join('Choir');
  await cleo.say('I sing alto');
  await anna.card('Choir').getByRole('link', { name: 'Open chat' }).click();
  await expect(anna.bubble('I sing alto')).toBeVisible();
  await expect(anna.page.getByText('2 people').first()).toBeVisible();

  await cleo.page.goto('/settings');
  await cleo.page.getByRole('button', { name: 'Delete account…' }).click();
  const asking = cleo.page.getByRole('dialog', { name: 'Delete your account?' });
  await asking.getByLabel(/Type your handle/).fill('cleo');
  await expect(asking.getByText('You’ll be asked for your passkey.')).toBeVisible();
  await asking.getByRole('button', { name: 'Delete account' }).click();
  await expect(cleo.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  // Who talked with her keeps what she said; she is in no chat any more, and her place is free.
  await expect(anna.page.getByText('1 person').first()).toBeVisible();
  await expect(anna.bubble('I sing alto')).toBeVisible();
  await anna.say('The altos are missing');
  await expect(anna.bubble('The altos').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
});
