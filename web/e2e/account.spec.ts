import { expect, test } from './fixtures.ts';
import { PASSWORD, virtualAuthenticator } from './person.ts';

test('the first account is told what it is, and mistakes are said in words', async ({ visitor, inspect }) => {
  const anna = await visitor('Anna Berg');
  await anna.page.goto('/');
  await expect(anna.page.getByRole('heading', { name: 'Welcome to your Doorpost' })).toBeVisible();
  await inspect(anna.page, 'first-run');
  await anna.page.getByRole('button', { name: 'Use a password instead' }).click();
  await anna.page.getByLabel('Password', { exact: true }).fill('short');
  await anna.page.getByRole('button', { name: 'Create account' }).click();
  await expect(anna.page.getByText('What should people call you?')).toBeVisible();
  await expect(anna.page.getByText('Please use at least 8 characters.')).toBeVisible();
  await anna.page.reload();
  await anna.signUpHere();

  const ben = await visitor('Ben Ruiz');
  await ben.page.goto('/');
  await inspect(ben.page, 'sign-in');
  await ben.page.getByLabel('Handle').fill('anna');
  await ben.page.getByLabel('Password', { exact: true }).fill('not the password');
  await ben.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(ben.page.getByText('That handle and password don’t match.')).toBeVisible();
  await ben.page.getByRole('button', { name: 'Sign up' }).click();
  await ben.page.getByLabel('Name', { exact: true }).fill('Not Anna');
  await ben.page.getByLabel('Handle').fill('anna');
  await ben.page.getByRole('button', { name: 'Use a password instead' }).click();
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ben.page.getByRole('button', { name: 'Create account' }).click();
  await expect(ben.page.getByText('Somebody already has that handle.')).toBeVisible();
});

test('a second device reads the chats, and is signed out from the first', async ({ person, visitor, inspect }) => {
  const anna = await person('Anna Berg');
  await anna.post('Choir on Monday', { chat: 'Choir' });
  await anna.card('Choir').getByRole('link', { name: 'Open chat' }).click();
  await anna.say('From the first device');
  await expect(anna.bubble('From the first').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();

  const other = await visitor('Anna Berg');
  await other.signIn();
  await other.page.goto('/chats');
  await other.page.getByRole('link', { name: /Choir/ }).click();
  await other.say('From the second device');
  await expect(other.bubble('From the second').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await expect(anna.bubble('From the second')).toBeVisible();

  await anna.page.goto('/settings');
  await expect(anna.page.getByText('This device', { exact: true }).first()).toBeVisible();
  await inspect(anna.page, 'settings');
  await anna.page.getByRole('button', { name: 'Sign out the other device' }).click();
  await expect(other.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await other.page.reload();
  await expect(other.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a device is linked by the code it shows, gets a name, and is removed', async ({ person, visitor, inspect }) => {
  const anna = await person('Anna Berg');
  await anna.post('Choir on Monday', { chat: 'Choir' });

  const tablet = await visitor('Anna Berg');
  await tablet.page.goto('/');
  await tablet.page.getByRole('button', { name: 'Sign in with another device' }).click();
  await expect(tablet.page.getByRole('img', { name: 'Code for linking this device' })).toBeVisible();
  await inspect(tablet.page, 'link-new-device');
  await tablet.page.getByRole('button', { name: 'Copy the code' }).click();
  const code = await tablet.page.evaluate(() => navigator.clipboard.readText());

  await anna.page.goto('/settings');
  await anna.page.getByRole('link', { name: 'Link another device' }).click();
  await anna.page.getByLabel('Code of the new device').fill('no code');
  await anna.page.getByRole('button', { name: 'Next' }).click();
  await expect(anna.page.getByText('That isn’t the code of a device')).toBeVisible();
  await anna.page.getByLabel('Code of the new device').fill(code);
  await inspect(anna.page, 'link-device');
  await anna.page.getByRole('button', { name: 'Next' }).click();
  const asking = anna.page.getByRole('dialog', { name: /^Link “.*”\?$/ });
  await expect(asking).toBeVisible();
  await inspect(anna.page, 'link-confirm');
  await asking.getByRole('button', { name: 'Link this device' }).click();

  await expect(tablet.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await tablet.page.goto('/chats');
  await tablet.page.getByRole('link', { name: /Choir/ }).click();
  await tablet.say('From the tablet');
  await expect(tablet.bubble('From the tablet').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();

  const devices = anna.page.getByRole('region', { name: 'Your devices' });
  await anna.page.goto('/settings');
  await expect(devices.getByRole('listitem')).toHaveCount(2);
  await devices
    .getByRole('button', { name: /^Rename/ })
    .last()
    .click();
  await anna.page.getByLabel('Name of the device').fill('Kitchen tablet');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(devices.getByText('Kitchen tablet')).toBeVisible();
  await inspect(anna.page, 'devices');
  await devices.getByRole('button', { name: 'Remove Kitchen tablet' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove device' }).click();
  await expect(anna.notice('Kitchen tablet is removed.')).toBeVisible();
  await expect(devices.getByRole('listitem')).toHaveCount(1);
  await expect(tablet.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a recovery code and the backup bring everything back', async ({ person, visitor, inspect }) => {
  const anna = await person('Anna Berg');
  await anna.post('Choir on Monday', { chat: 'Choir' });
  await anna.page.goto('/settings');
  const backup = anna.page.getByRole('region', { name: 'Backup' });
  await backup.getByRole('switch', { name: 'Back up my messages' }).check();
  await expect(backup.getByText(/^Since/)).toBeVisible();
  await backup.getByRole('button', { name: 'Create a recovery code' }).click();
  const sheet = anna.page.getByRole('dialog', { name: 'Recovery code' });
  const code = await sheet.getByText(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){7}$/).innerText();
  await inspect(anna.page, 'recovery-code');
  await sheet.getByRole('button', { name: 'I’ve written it down' }).click();
  await sheet.getByLabel('Type the code again').fill('wrong');
  await sheet.getByRole('button', { name: 'Done' }).click();
  await expect(sheet.getByText('That isn’t the code above.')).toBeVisible();
  await sheet.getByLabel('Type the code again').fill(code.toLowerCase());
  await sheet.getByRole('button', { name: 'Done' }).click();
  await expect(backup.getByRole('button', { name: 'Create a new recovery code' })).toBeVisible();
  await inspect(anna.page, 'backup');

  await anna.page.goto('/chats');
  await anna.page.getByRole('link', { name: /Choir/ }).click();
  await anna.say('Kept for later');
  const sizeBytes = () =>
    anna.page.evaluate(async () => ((await (await fetch('/api/backup')).json()) as { size_bytes: number }).size_bytes);
  await expect.poll(sizeBytes).toBeGreaterThan(0);
  await anna.context.close();

  const again = await visitor('Anna Berg');
  await again.page.goto('/');
  await again.page.getByRole('button', { name: 'Use a recovery code' }).click();
  await again.page.getByLabel('Handle').fill('anna');
  await again.page.getByLabel('Recovery code').fill(code);
  await again.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(again.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await again.page.goto('/chats');
  await again.page.getByRole('link', { name: /Choir/ }).click();
  await expect(again.bubble('Kept for later')).toBeVisible();
});

test('a passkey signs in again, and its key unlocks the chats', async ({ visitor, inspect }) => {
  const anna = await visitor('Anna Berg');
  await anna.signUp('passkey');
  await anna.post('Garden gate', { chat: 'Gate' });
  await anna.page.goto('/settings');
  await expect(anna.page.getByText(/Chrome/).first()).toBeVisible();
  await anna.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await anna.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(anna.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await anna.page.goto('/chats');
  await anna.page.getByRole('link', { name: /Gate/ }).click();
  await anna.say('Back again');
  await expect(anna.bubble('Back again').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await inspect(anna.page, 'chat-again');
});

test('without its key an account is locked, and can begin anew', async ({ person, visitor, inspect }) => {
  const anna = await person('Anna Berg');
  // A passkey whose key was never put into the vault: made on a device without the extension.
  const device = await virtualAuthenticator(anna.page, { prf: false });
  await anna.page.goto('/settings');
  await anna.page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(anna.notice('Passkey added.')).toBeVisible();
  const [credential] = await device.credentials();

  const other = await visitor('Anna Berg');
  const otherDevice = await virtualAuthenticator(other.page, { prf: false });
  await otherDevice.add(credential!);
  await other.page.goto('/');
  await other.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(other.page.getByRole('heading', { name: 'Unlock your chats' })).toBeVisible();
  await inspect(other.page, 'unlock');
  await other.page.reload();
  await expect(other.page.getByRole('heading', { name: 'Unlock your chats' })).toBeVisible();
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Unlock with the password' }).click();
  await expect(other.page.getByRole('navigation', { name: 'Main' })).toBeVisible();

  // A third device begins anew: the others are out.
  const third = await visitor('Anna Berg');
  const thirdDevice = await virtualAuthenticator(third.page, { prf: false });
  // Its counter is ahead of the one before: a lower one would look like a copied key.
  await thirdDevice.add(credential!, 100);
  await third.page.goto('/');
  await third.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await third.page.getByRole('button', { name: 'Start over' }).click();
  await third.page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(PASSWORD);
  await third.page.getByRole('dialog').getByRole('button', { name: 'Start over' }).click();
  await expect(third.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  for (const before of [anna, other]) {
    await before.page.goto('/');
    await expect(before.page.getByRole('heading', { name: /Sign in|Unlock your chats/ })).toBeVisible();
  }
});

test.describe('registration by code', () => {
  test.use({ serverArgs: ['--registration', 'code'] });
  test('the operator makes a code, and it lets one person in', async ({ person, visitor, inspect }) => {
    const anna = await person('Anna Berg');
    await anna.page.goto('/settings');
    await anna.page.getByRole('button', { name: 'Create a code' }).click();
    await expect(anna.notice('Code copied.')).toBeVisible();
    const code = await anna.page.evaluate(() => navigator.clipboard.readText());
    await anna.page.getByRole('heading', { name: 'Invitation codes' }).scrollIntoViewIfNeeded();

    const ben = await visitor('Ben Ruiz');
    await ben.page.goto('/');
    await ben.page.getByRole('button', { name: 'Sign up' }).click();
    await ben.page.getByLabel('Invitation code').fill('WRONG-CODE');
    await ben.askToSignUp();
    await expect(ben.page.getByText('That invitation code is unknown or already used.')).toBeVisible();
    await inspect(ben.page, 'sign-up-code');
    await ben.page.getByLabel('Invitation code').fill(code);
    await ben.page.getByRole('button', { name: 'Create account' }).click();
    await expect(ben.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  });
});

test.describe('registration closed', () => {
  test.use({ serverArgs: ['--registration', 'closed'] });
  test('says so', async ({ person, visitor }) => {
    await person('Anna Berg');
    const ben = await visitor('Ben Ruiz');
    await ben.page.goto('/');
    await ben.page.getByRole('button', { name: 'Sign up' }).click();
    await expect(ben.page.getByText('This server isn’t taking new accounts right now.')).toBeVisible();
  });
});

test('German, from the browser and by choice', async ({ visitor, inspect }) => {
  const anna = await visitor('Anna Berg', { locale: 'de-DE' });
  await virtualAuthenticator(anna.page);
  await anna.page.goto('/');
  await expect(anna.page.getByRole('heading', { name: 'Willkommen bei deinem Doorpost' })).toBeVisible();
  await anna.page.getByLabel('Name', { exact: true }).fill('Jürgen Groß');
  await expect(anna.page.getByLabel('Benutzername')).toHaveValue('juergen_gross');
  await anna.page.getByRole('button', { name: 'Konto mit Passkey anlegen' }).click();
  await expect(anna.page.getByText('Hier ist es noch ruhig')).toBeVisible();
  await inspect(anna.page, 'german');
  await anna.page.goto('/settings');
  await anna.page.getByRole('combobox', { name: 'Sprache' }).selectOption('English');
  await expect(anna.page.getByRole('heading', { name: 'Passkeys' })).toBeVisible();
  await anna.page.getByRole('radio', { name: 'Dark' }).check();
  await anna.page.reload();
  await expect(anna.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(anna.page.locator('html')).toHaveAttribute('lang', 'en');
});
