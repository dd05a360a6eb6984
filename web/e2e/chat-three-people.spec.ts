import { expect, test, type Person } from './fixtures.ts';
import { PASSWORD, virtualAuthenticator } from './person.ts';
import { choose, closeAll, line, three } from './three.ts';

// Devices, hosts, chats of two and new keys, among two at their desks and one with a phone; what is said: chat-three.spec.ts.

test.use({ form: 'desktop', scheme: 'light' });
test.describe.configure({ timeout: 240_000 });

test('one of three has two devices, numbers are compared, and all of it comes back when the devices are gone', async ({
  person,
  visitor,
  inspectBoth
}) => {
  const anna = await person('Anna Berg');
  const [ben, phone] = await Promise.all([person('Ben Ruiz'), visitor('Anna Berg', { form: 'phone' })]);
  await anna.gather([ben], 'Choir');

  await phone.page.goto('/');
  await phone.page.getByRole('button', { name: 'Sign in with another device' }).click();
  await expect(phone.page.getByRole('img', { name: 'Code for linking this device' })).toBeVisible();
  await inspectBoth(phone, 'three-link-code');
  await phone.page.getByRole('button', { name: 'Copy the code' }).click();
  const linkCode = await phone.page.evaluate(() => navigator.clipboard.readText());
  await anna.page.goto('/link');
  await anna.page.getByLabel('Code of the new device').fill(linkCode);
  await anna.page.getByRole('button', { name: 'Next' }).click();
  const asking = anna.page.getByRole('dialog', { name: /^Link “.*”\?$/ });
  await expect(asking).toBeVisible();
  await inspectBoth(anna, 'three-link-confirm');
  await asking.getByRole('button', { name: 'Link this device' }).click();
  await expect(phone.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await phone.page.goto('/chats');
  await phone.page.getByRole('link', { name: /Choir/ }).click();
  await phone.say('From my phone');
  await expect(ben.bubble('From my phone').getByText('Anna Berg')).toBeAttached();

  // One person has one number, on whichever device.
  const digits = async ({ page }: Person) => {
    const number = page.getByRole('group', { name: 'Safety number', exact: true });
    await expect(number).toHaveText(/\d{5}/);
    return (await number.innerText()).replaceAll(/\D/g, '');
  };
  await ben.about();
  await ben.doesTo(anna, 'Safety number');
  const seen = await digits(ben);
  expect(seen).toMatch(/^\d{60}$/);
  await phone.about();
  await phone.doesTo(ben, 'Safety number');
  expect(await digits(phone)).toBe(seen);
  await inspectBoth(phone, 'three-safety');
  await phone.page.getByLabel('Their digits').fill(seen);
  await phone.page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(phone.page.getByText('You have verified Ben Ruiz.')).toBeInViewport();
  await inspectBoth(phone, 'three-safety-verified');
  await closeAll(phone);
  await expect(phone.page.getByRole('img', { name: 'You verified everyone in this chat' })).toBeVisible();

  await anna.page.goto('/settings');
  const devices = anna.page.getByRole('region', { name: 'Your devices' });
  await expect(devices.getByRole('listitem')).toHaveCount(2);
  await devices
    .getByRole('button', { name: /^Rename/ })
    .last()
    .click();
  await anna.page.getByLabel('Name of the device').fill('Pocket phone');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(devices.getByText('Pocket phone')).toBeVisible();
  const backup = anna.page.getByRole('region', { name: 'Backup' });
  await backup.getByRole('switch', { name: 'Back up my messages' }).check();
  await expect(backup.getByText(/^Since/)).toBeVisible();
  await backup.getByRole('button', { name: 'Create a recovery code' }).click();
  const sheet = anna.page.getByRole('dialog', { name: 'Recovery code' });
  const recoveryCode = await sheet.getByText(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){7}$/).innerText();
  await inspectBoth(anna, 'three-recovery-code');
  await sheet.getByRole('button', { name: 'I’ve written it down' }).click();
  await sheet.getByLabel('Type the code again').fill(recoveryCode);
  await sheet.getByRole('button', { name: 'Done' }).click();
  await expect(backup.getByRole('button', { name: 'Create a new recovery code' })).toBeVisible();
  await devices.scrollIntoViewIfNeeded();
  await inspectBoth(anna, 'three-devices');
  const size = () => anna.page.evaluate(async () => ((await (await fetch('/api/backup')).json()) as { size_bytes: number }).size_bytes);
  await expect.poll(size).toBeGreaterThan(0);

  // The phone is lost: out at once. Then the other device too.
  await devices.getByRole('button', { name: 'Remove Pocket phone' }).click();
  await inspectBoth(anna, 'three-device-remove');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove device' }).click();
  await expect(devices.getByRole('listitem')).toHaveCount(1);
  await expect(phone.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await anna.context.close();

  const again = phone.page;
  await again.getByRole('button', { name: 'Use a recovery code' }).click();
  await again.getByLabel('Handle').fill('anna');
  await again.getByLabel('Recovery code').fill(recoveryCode);
  await inspectBoth(phone, 'three-recover');
  await again.getByRole('button', { name: 'Sign in', exact: true }).click();
  // On the page where the device was put out, which shows the chat again.
  await expect(phone.bubble('From my phone')).toBeVisible();
  await closeAll(ben);
  await ben.say('Welcome back');
  await expect(phone.bubble('Welcome back')).toBeVisible();
});

test('chats of two: a request declined on the phone, one accepted, a block', async ({ person, inspectBoth }) => {
  const [anna, ben, cleo] = await three(person);
  const write = async (from: Person, to: Person) => {
    await from.page.goto(`/people/${to.handle}`);
    await from.page.getByRole('button', { name: 'Message', exact: true }).click();
    await expect(from.page).toHaveURL(/\/chats\/.+/);
  };
  await cleo.page.goto('/chats');
  await write(anna, cleo);
  await expect(anna.page.getByText(/You can send one message, without files/)).toBeVisible();
  await expect(anna.page.getByRole('button', { name: 'Record a voice message' })).toHaveCount(0);
  await inspectBoth(anna, 'three-direct-first');
  await anna.say('Do you sell the old bicycle?');
  await expect(anna.page.getByText(/Your request is with Cleo Marsh/)).toBeVisible();
  await write(ben, cleo);
  await ben.say('Tea on Sunday?');
  await expect(ben.page.getByText(/Your request is with Cleo Marsh/)).toBeVisible();

  const requests = cleo.page.locator('summary', { hasText: 'Requests' });
  await expect(requests).toContainText('Requests · 2');
  await requests.click();
  await inspectBoth(cleo, 'three-direct-requests');
  await cleo.page.getByRole('link', { name: /Anna Berg/ }).click();
  await expect(cleo.bubble('old bicycle')).toBeVisible();
  await inspectBoth(cleo, 'three-direct-incoming');
  await cleo.page.getByRole('button', { name: 'Decline' }).click();
  await expect(requests).toContainText('Requests · 1');
  await requests.click();
  await cleo.page.getByRole('link', { name: /Ben Ruiz/ }).click();
  await cleo.page.getByRole('button', { name: 'Accept' }).click();
  await cleo.say('With pleasure');
  await expect(ben.bubble('With pleasure')).toBeVisible();
  await ben.say('At four, then');
  await expect(cleo.bubble('At four, then')).toBeVisible();
  await inspectBoth(cleo, 'three-direct-open');
  // Whom the words are from can be made sure of here too.
  await cleo.page
    .getByRole('main')
    .getByRole('button', { name: /End-to-end encrypted/ })
    .click();
  await inspectBoth(cleo, 'three-direct-about');
  await cleo.page.getByRole('dialog').getByRole('button', { name: 'Safety number' }).click();
  await cleo.page.getByRole('button', { name: 'Mark as verified' }).click();
  await expect(cleo.page.getByText('You have verified Ben Ruiz.')).toBeVisible();
  await closeAll(cleo);
  await expect(anna.page.getByText(/Your request is with Cleo Marsh/)).toBeVisible();

  await cleo.page.goto('/people/ben');
  await cleo.page.getByRole('button', { name: 'More about Ben Ruiz' }).click();
  await cleo.page.getByRole('menuitem', { name: 'Block' }).click();
  await cleo.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await expect(cleo.page).toHaveURL(/\/people$/);
  await cleo.page.goto('/chats');
  await cleo.page.getByRole('link', { name: /Ben Ruiz/ }).click();
  await expect(cleo.page.getByText(/You blocked Ben Ruiz/)).toBeVisible();
  await inspectBoth(cleo, 'three-direct-blocked');
  await ben.say('Still there?');
  await expect(ben.bubble('Still there?')).toHaveAttribute('data-state', 'failed');
  await inspectBoth(ben, 'three-direct-failed');
});

test('hosts: policy, reports, hosting shared and handed over, kept out and let back', async ({ person, inspectBoth }) => {
  const [anna, ben, cleo] = await three(person);
  await anna.gather([ben, cleo], 'Supper');
  await ben.say('Cleo cannot cook');
  await ben.say('And I like Mondays');

  await cleo.does('cannot cook', 'Report…');
  const report = cleo.page.getByRole('dialog', { name: 'Report messages' });
  await report.getByRole('radio', { name: /The chat’s hosts/ }).check();
  await report.getByLabel('What is wrong').selectOption('Harassment');
  await inspectBoth(cleo, 'three-report');
  await report.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(cleo.notice('The chat’s hosts now see what you reported.')).toBeVisible();
  await cleo.does('like Mondays', 'Report…');
  await report.getByRole('radio', { name: /Who runs the server/ }).check();
  await report.getByLabel('What is wrong').selectOption('Spam');
  await report.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(cleo.notice('The people who run the server now see what you reported.')).toBeVisible();

  await anna.page
    .getByRole('main')
    .getByRole('button', { name: /^1 report/ })
    .click();
  const shown = anna.page.getByRole('dialog', { name: 'Reports' }).getByRole('article', { name: 'Harassment' });
  await expect(shown.getByText('Cleo cannot cook')).toBeVisible();
  await inspectBoth(anna, 'three-reports-hosts');
  await shown.getByRole('button', { name: 'Delete for everyone' }).click();
  await expect(cleo.bubble('cannot cook')).toHaveCount(0);
  await shown.getByRole('button', { name: 'Done' }).click();
  await closeAll(anna);
  const supper = anna.page.url();
  await anna.page.goto('/moderation');
  await anna.page.getByRole('link', { name: /^Messages by/ }).click();
  await expect(anna.page.getByText('And I like Mondays')).toBeVisible();
  await expect(anna.page.getByText('cannot cook')).toHaveCount(0);
  await inspectBoth(anna, 'three-reports-operator');
  await anna.page.getByRole('button', { name: 'What to do' }).click();
  await anna.page.getByRole('radio', { name: 'Nothing to do' }).check();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Nothing to do' }).click();
  await expect(anna.page.getByText('Nothing was done')).toBeVisible();
  await anna.page.goto('/moderation');
  await expect(anna.page.getByText('Nothing to look at')).toBeVisible();

  await anna.page.goto(supper);
  const sheet = await anna.about();
  await sheet.getByRole('button', { name: 'Name and description' }).click();
  await anna.page.getByLabel('Name of the chat').fill('Late supper');
  await anna.page.getByRole('textbox', { name: 'Description' }).fill('Soup from nine. Bring a bowl.');
  await anna.page.locator('dialog input[type=file]').setInputFiles('public/icons/icon-512.png');
  await expect(anna.page.getByRole('dialog').last().locator('img')).toBeVisible();
  await inspectBoth(anna, 'three-profile');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(line(cleo, 'Anna Berg updated the chat: “Late supper”')).toBeVisible();
  await sheet.getByRole('button', { name: 'Chat settings' }).click();
  await choose(anna, 'Slow mode', '1 hour between messages');
  await expect(line(cleo, 'Anna Berg turned on slow mode: 1 hour between messages')).toBeVisible();
  await cleo.say('The first of the hour');
  await expect(cleo.page.getByRole('timer')).toHaveText(/you can write again in (59:\d\d|1:00:00)/);
  await inspectBoth(cleo, 'three-slow');
  await choose(anna, 'Slow mode', 'Off');
  await anna.page.getByRole('switch', { name: 'Only hosts write' }).check();
  await expect(cleo.page.getByText('Only hosts write here.')).toBeVisible();
  await inspectBoth(anna, 'three-settings');
  await inspectBoth(cleo, 'three-quiet');
  // The topmost alone.
  await anna.page.keyboard.press('Escape');

  await anna.doesTo(cleo, 'Make host');
  await expect(line(cleo, 'Anna Berg made you a host')).toBeVisible();
  await cleo.say('A host writes');
  await expect(ben.bubble('A host writes')).toBeVisible();
  // The second host puts somebody out, and the first one lets them back.
  await cleo.about();
  await inspectBoth(cleo, 'three-members');
  await cleo.doesTo(ben, 'Remove from chat');
  await inspectBoth(cleo, 'three-remove');
  await cleo.page
    .getByRole('dialog', { name: /^Remove Ben Ruiz/ })
    .getByRole('button', { name: 'Remove', exact: true })
    .click();
  await expect(ben.page.getByText('A host removed you from this chat.')).toBeVisible();
  await inspectBoth(ben, 'three-removed');
  await sheet.getByRole('button', { name: 'Kept out' }).click();
  await anna.page.getByRole('button', { name: 'Allow Ben Ruiz back' }).click();
  await expect(anna.page.getByText('Nobody is kept out')).toBeVisible();
  await expect(line(cleo, 'Anna Berg allowed Ben Ruiz back')).toBeVisible();
  await ben.page.goto('/');
  await ben.card('Come to Supper').getByRole('button', { name: 'Join chat' }).click();
  await expect(line(cleo, 'Ben Ruiz joined').last()).toBeVisible();

  // Two hosts: one just goes. The last one hands over first.
  await anna.page.keyboard.press('Escape');
  await sheet.getByRole('button', { name: 'Leave chat' }).click();
  await expect(anna.page).toHaveURL('/chats');
  await expect(line(cleo, 'Anna Berg left')).toBeVisible();
  await cleo.page.getByRole('dialog').getByRole('button', { name: 'Leave chat' }).click();
  const successor = cleo.page.getByRole('dialog', { name: 'Who hosts from now on?' });
  await successor.getByRole('radio').check();
  await inspectBoth(cleo, 'three-successor');
  await successor.getByRole('button', { name: 'Hand over and leave' }).click();
  await expect(cleo.page).toHaveURL('/chats');
  await expect(line(ben, 'Cleo Marsh made you a host')).toBeVisible();
  await expect(line(ben, 'Cleo Marsh left')).toBeVisible();
});

test('somebody starts over with a new key: a chat without a host, and a change that is shown', async ({ person, visitor, inspectBoth }) => {
  const [anna, ben, cleo] = await three(person);
  await cleo.gather([anna, ben], 'Reading');
  await ben.gather([cleo], 'Garden');
  await anna.page.getByRole('textbox', { name: /^Message to/ }).waitFor();

  // A passkey whose key was never put into the vault: it signs in and opens nothing.
  const authenticator = await virtualAuthenticator(cleo.page, { prf: false });
  await cleo.page.goto('/settings');
  await cleo.page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(cleo.notice('Passkey added.')).toBeVisible();
  const [credential] = await authenticator.credentials();
  const anew = await visitor('Cleo Marsh', { form: 'phone' });
  await (await virtualAuthenticator(anew.page, { prf: false })).add(credential!);
  await anew.page.goto('/');
  await anew.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(anew.page.getByRole('heading', { name: 'Unlock your chats' })).toBeVisible();
  await inspectBoth(anew, 'three-unlock');
  await anew.page.getByRole('button', { name: 'Start over' }).click();
  await anew.page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(PASSWORD);
  await inspectBoth(anew, 'three-start-over');
  await anew.page.getByRole('dialog').getByRole('button', { name: 'Start over' }).click();
  await expect(anew.page.getByRole('navigation', { name: 'Main' })).toBeVisible();

  await anew.page.goto('/');
  await anew
    .card('Come to Garden')
    .getByRole('button', { name: /Join chat|Ask to join/ })
    .click();
  await expect(line(ben, /Cleo Marsh’s security key has changed/)).toBeVisible();
  await inspectBoth(ben, 'three-key-changed');
  await ben.page.getByRole('button', { name: 'Compare safety numbers with Cleo Marsh' }).click();
  await expect(ben.page.getByRole('dialog', { name: 'Safety number with Cleo Marsh' })).toBeVisible();
  await closeAll(ben);
  await anew.say('It is me, with a new phone');
  await expect(ben.bubble('with a new phone')).toBeVisible();

  // Whoever was the only host is a member now, and nobody is in their place.
  await anew.page.goto('/');
  await anew.card('Come to Reading').getByRole('button', { name: 'Join chat' }).click();
  await expect(anna.page.getByText('This chat has no host any more.')).toBeVisible();
  await inspectBoth(anna, 'three-no-host');
  await anna.say('Who chooses the next book, then?');
  await expect(anna.bubble('next book').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
});
