import { expect, test, type Person } from './fixtures.ts';

const line = (person: Person, text: string) => person.page.getByRole('log').getByText(text);

test('what a chat is called and how it is used', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Supper');

  const sheet = await anna.about();
  await sheet.getByRole('button', { name: 'Name and description' }).click();
  await anna.page.getByLabel('Name of the chat').fill('Late supper');
  await anna.page.getByRole('textbox', { name: 'Description' }).fill('Soup from nine. Bring a bowl.');
  await inspect(anna.page, 'hosts-profile');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(line(ben, 'Anna Berg updated the chat: “Late supper”')).toBeVisible();
  await expect(ben.page.getByRole('main').getByRole('button', { name: /^Late supper/ })).toBeVisible();

  // A photo becomes a small square, and all members see it.
  await sheet.getByRole('button', { name: 'Name and description' }).click();
  await anna.page.locator('dialog input[type=file]').setInputFiles('public/icons/icon-512.png');
  await expect(anna.page.getByRole('dialog').last().locator('img')).toBeVisible();
  await inspect(anna.page, 'hosts-picture');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(line(ben, 'Anna Berg changed the chat’s picture')).toBeVisible();
  const shown = ben.page
    .getByRole('main')
    .getByRole('button', { name: /^Late supper/ })
    .locator('img');
  await expect(shown).toHaveAttribute('src', /^data:image\/webp;base64,/);
  await expect(shown).toHaveJSProperty('naturalWidth', 96);
  await inspect(ben.page, 'hosts-picture-shown');

  await sheet.getByRole('button', { name: 'Chat settings' }).click();
  await anna.page.getByLabel('Messages disappear').selectOption('After 1 day');
  await expect(line(ben, 'Anna Berg set messages to disappear after 1 day')).toBeVisible();
  await anna.page.getByLabel('Slow mode').selectOption('1 hour between messages');
  await expect(line(ben, 'Anna Berg turned on slow mode: 1 hour between messages')).toBeVisible();
  await anna.page.getByLabel('What newcomers see').selectOption('Everything since the post');
  await expect(line(ben, 'Anna Berg changed what newcomers see: Everything since the post')).toBeVisible();
  await inspect(anna.page, 'hosts-settings');

  // What could not be changed is shown as it is.
  const slow = anna.page.getByLabel('Slow mode');
  await anna.context.setOffline(true);
  await slow.focus();
  await slow.selectOption('Off');
  await expect(slow.locator('option:checked')).toHaveText('1 hour between messages');
  await expect(slow).toBeFocused();
  await anna.context.setOffline(false);
  await expect(anna.page.getByText(/You’re offline/)).toHaveCount(0);

  // Slow mode counts down before whoever has just written.
  await ben.say('The first of the hour');
  await expect(ben.page.getByRole('timer')).toHaveText(/you can write again in (59:\d\d|1:00:00)/);
  await ben.page.getByRole('textbox', { name: /^Message to/ }).fill('Too soon');
  await expect(ben.page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await inspect(ben.page, 'hosts-slow');
  await anna.page.getByLabel('Slow mode').selectOption('Off');
  await expect(line(ben, 'Anna Berg turned off slow mode')).toBeVisible();
  await ben.page.getByRole('button', { name: 'Send' }).click();
  await expect(anna.bubble('Too soon')).toBeAttached();

  await anna.page.getByRole('switch', { name: 'Only hosts write' }).check();
  await expect(ben.page.getByText('Only hosts write here.')).toBeVisible();
  await expect(ben.page.getByRole('textbox', { name: /^Message to/ })).toHaveCount(0);
  await inspect(ben.page, 'hosts-quiet');
  const about = await ben.about();
  await expect(about.getByText('Soup from nine. Bring a bowl.')).toBeVisible();
  await expect(about.getByText('Messages disappear after 1 day')).toBeVisible();
  await expect(about.getByRole('button', { name: 'Chat settings' })).toHaveCount(0);
});

test('who hosts, who goes, and who is kept out', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await anna.gather([ben, cleo], 'Walk');

  const sheet = await anna.about();
  await inspect(anna.page, 'hosts-members');
  await anna.doesTo(cleo, 'Remove from chat');
  const asked = anna.page.getByRole('dialog', { name: 'Remove Cleo Marsh from the chat?' });
  await expect(asked.getByRole('switch', { name: 'Keep them out' })).toBeChecked();
  await inspect(anna.page, 'hosts-remove');
  await asked.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(cleo.page.getByText('A host removed you from this chat.')).toBeVisible();
  await expect(line(ben, 'Cleo Marsh was removed')).toBeVisible();

  await sheet.getByRole('button', { name: 'Kept out' }).click();
  await inspect(anna.page, 'hosts-banned');
  await anna.page.getByRole('button', { name: 'Allow Cleo Marsh back' }).click();
  await expect(anna.page.getByText('Nobody is kept out')).toBeVisible();
  await expect(line(ben, 'Anna Berg allowed Cleo Marsh back')).toBeVisible();
  await anna.page.keyboard.press('Escape');

  await anna.doesTo(ben, 'Make host');
  await expect(line(ben, 'Anna Berg made you a host')).toBeVisible();
  await anna.doesTo(ben, 'Remove as host');
  await expect(line(ben, 'You are no longer a host')).toBeVisible();

  // The only host hands the chat over.
  await sheet.getByRole('button', { name: 'Leave chat' }).click();
  const successor = anna.page.getByRole('dialog', { name: 'Who hosts from now on?' });
  await expect(successor.getByRole('button', { name: 'Hand over and leave' })).toBeDisabled();
  await successor.getByRole('radio').check();
  await inspect(anna.page, 'hosts-successor');
  await successor.getByRole('button', { name: 'Hand over and leave' }).click();
  await expect(anna.page).toHaveURL('/chats');
  await expect(line(ben, 'Anna Berg left')).toBeVisible();
  await expect((await ben.about()).getByText('Host', { exact: true })).toBeVisible();
});
