import { expect, test } from './fixtures.ts';

/** Every screen as a picture and through axe, in each of the four looks. */
test('every screen', async ({ visitor, person, inspect }) => {
  test.setTimeout(240_000);
  const anna = await visitor('Anna Berg');
  await anna.page.goto('/');
  await expect(anna.page.getByRole('heading', { name: 'Welcome to your Doorpost' })).toBeVisible();
  await inspect(anna.page, 'screen-01-first-run');
  await anna.signUpHere();
  await expect(anna.page.getByText('It’s quiet here')).toBeVisible();
  await inspect(anna.page, 'screen-02-feed-empty');
  await anna.page.goto('/chats');
  await expect(anna.page.getByText('No chats yet')).toBeVisible();
  await inspect(anna.page, 'screen-03-chats-empty');

  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  for (const other of [ben, cleo]) await other.befriend(anna);
  await anna.page.goto('/people');
  await expect(anna.page.getByRole('button', { name: 'Accept Cleo Marsh' })).toBeVisible();
  await inspect(anna.page, 'screen-04-people');
  await anna.befriend(ben);
  await inspect(anna.page, 'screen-05-person');
  await anna.befriend(cleo);

  await anna.page.goto('/new');
  await anna.page.getByRole('button', { name: 'Add a chat' }).click();
  await inspect(anna.page, 'screen-06-compose');
  await anna.page.getByRole('button', { name: /Who can see this/ }).click();
  await anna.page.getByRole('radio', { name: /Chosen people/ }).check();
  await inspect(anna.page, 'screen-07-audience');
  await anna.page.getByRole('radio', { name: /Everyone here/ }).check();
  await anna.page.getByRole('button', { name: 'Done' }).click();
  await anna.page.getByRole('button', { name: 'Remove chat' }).click();

  await anna.post('Ladders, gloves and a warm hat: we take the swing down before the storm.');
  await ben.post('Film night is back. Tell me what you want to see.', { chat: 'Film night: pick the next three' });
  await anna.post('Who brings the seedlings, who brings the tea? Saturday from ten, rain or shine.', {
    chat: 'Planting the winter beds',
    terms: async (page) => {
      await page.getByText('After approval').click();
      await page.getByRole('button', { name: 'Add a question' }).click();
      await page.getByLabel('Question 1', { exact: true }).fill('What do you bring?');
      await page.getByRole('switch', { name: 'Limited seats' }).check();
      await page.getByRole('combobox', { name: 'Open until' }).selectOption('For 3 days');
      await inspect(page, 'screen-08-terms');
    }
  });
  for (const guest of [ben, cleo]) {
    await guest.page.goto('/');
    await guest.card('Planting').getByRole('button', { name: 'Ask to join' }).click();
    await guest.page.getByLabel('What do you bring?').fill(guest === ben ? 'Leeks and a thermos' : 'Two hands');
    if (guest === ben) await inspect(guest.page, 'screen-09-answers');
    await guest.page.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
    await expect(guest.card('Planting').getByText('Requested', { exact: true })).toBeVisible();
  }
  await inspect(cleo.page, 'screen-10-requested');
  await anna.page.goto('/');
  await anna.card('Film night').getByRole('button', { name: 'Join chat' }).click();
  await expect(anna.page.getByText('You joined')).toBeVisible();
  await anna.page.goto('/');
  await expect(anna.card('Planting').getByText('2 people are waiting')).toBeVisible();
  await inspect(anna.page, 'screen-11-feed');
  await anna
    .card('Planting')
    .getByRole('button', { name: /More about/ })
    .click();
  await inspect(anna.page, 'screen-12-menu');
  await anna.page.getByRole('menuitem', { name: 'Link and QR code' }).click();
  await expect(anna.page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await inspect(anna.page, 'screen-13-link');
  const link = await anna.page.getByRole('textbox', { name: 'Link' }).inputValue();
  await anna.page.getByRole('button', { name: 'Close' }).click();
  await cleo.page.goto(link);
  await expect(cleo.page.getByText('Anna Berg invites you to a chat')).toBeVisible();
  await inspect(cleo.page, 'screen-14-door');

  await anna.card('Planting').getByRole('link', { name: '2 people are waiting' }).click();
  await expect(anna.page.getByText('Leeks and a thermos')).toBeVisible();
  await anna.page.getByRole('checkbox', { name: 'Select Ben Ruiz' }).check();
  await inspect(anna.page, 'screen-15-queue');
  await anna.page.getByRole('region', { name: 'Selected people' }).getByRole('button', { name: 'Admit' }).click();
  await expect(ben.card('Planting').getByRole('link', { name: 'Open chat' })).toBeVisible();
  await ben.card('Planting').getByRole('link', { name: 'Open chat' }).click();
  await ben.say('Hello! I have leeks, a tray of lamb’s lettuce and far too many radishes.');
  await anna.page.goto('/chats');
  await expect(anna.page.getByText(/far too many radishes/)).toBeVisible();
  await inspect(anna.page, 'screen-16-chats');
  await anna.page
    .getByRole('main')
    .getByRole('link', { name: /Planting/ })
    .click();
  await expect(anna.bubble('radishes')).toBeVisible();
  await anna.say('Perfect. I bring the big kettle; the spades are in the shed.');
  await anna.say('https://example.org/weather says it stays dry');
  await expect(anna.bubble('stays dry').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await ben.say('Then nothing can go wrong');
  await expect(anna.bubble('go wrong')).toBeVisible();
  await anna.does('radishes', 'Reply');
  await anna.say('Radishes go into the soup, then.');
  await ben
    .bubble('into the soup')
    .getByRole('button', { name: /^What to do/ })
    .press('Enter');
  await ben.page.getByRole('menuitemcheckbox', { name: '❤️' }).click();
  await anna.does('big kettle', 'Pin');
  await ben.page.getByRole('button', { name: 'Add to the message' }).click();
  await ben.page.getByRole('menuitem', { name: 'Poll' }).click();
  await ben.page.getByLabel('Question', { exact: true }).fill('Soup or cake afterwards?');
  await ben.page.getByRole('textbox', { name: 'Answer 1' }).fill('Soup');
  await ben.page.getByRole('textbox', { name: 'Answer 2' }).fill('Cake, and plenty of it');
  await ben.page.getByRole('button', { name: 'Start poll' }).click();
  await anna.page.getByRole('button', { name: /^Cake/ }).click();
  await expect(anna.page.getByText('1 person voted')).toBeVisible();
  await expect(anna.bubble('into the soup').getByRole('button', { name: '❤️ from Ben Ruiz' })).toBeVisible();
  await inspect(anna.page, 'screen-17-chat');
  await anna
    .bubble('into the soup')
    .getByRole('button', { name: /^What to do/ })
    .press('Enter');
  await inspect(anna.page, 'screen-17-message');
  await anna.page.keyboard.press('Escape');
  await anna.page.getByRole('button', { name: /Planting.*End-to-end/ }).click();
  await expect(anna.page.getByRole('button', { name: 'More about Ben Ruiz' })).toBeVisible();
  await inspect(anna.page, 'screen-18-members');

  await anna.page.goto('/lists');
  await anna.page.getByRole('button', { name: 'New list' }).click();
  await anna.page.getByLabel('Name of the list').fill('Garden circle');
  await inspect(anna.page, 'screen-19-list-name');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await anna.page.getByRole('button', { name: 'Add friends' }).click();
  await anna.page.getByRole('checkbox', { name: /Ben Ruiz/ }).check();
  await inspect(anna.page, 'screen-20-pick');
  await anna.page.getByRole('button', { name: 'Add 1 friend' }).click();
  await expect(anna.page.getByRole('link', { name: /Ben Ruiz/ })).toBeVisible();
  await inspect(anna.page, 'screen-21-list');
  await anna.page.goto('/lists');
  await expect(anna.page.getByRole('link', { name: /Garden circle/ })).toBeVisible();
  await inspect(anna.page, 'screen-22-lists');
  await anna.page.goto('/settings');
  // Among the devices, and among the sessions.
  await expect(anna.page.getByText('This device', { exact: true })).toHaveCount(2);
  await inspect(anna.page, 'screen-23-settings');
  await anna.page.goto('/nowhere');
  await expect(anna.page.getByText('There’s nothing here')).toBeVisible();
  await inspect(anna.page, 'screen-24-unknown');
});
