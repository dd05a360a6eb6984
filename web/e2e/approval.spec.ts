import { expect, test } from './fixtures.ts';

test('asking, answering, admitting some and declining others', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  const dora = await person('Dora Lim');
  await ben.befriend(anna);
  await anna.befriend(ben);

  await anna.post('Seedlings and tea', {
    chat: 'Winter beds',
    terms: async (page) => {
      await page.getByText('After approval').click();
      await page.getByRole('button', { name: 'Add a question' }).click();
      await page.getByLabel('Question 1', { exact: true }).fill('What do you bring?');
      await page.getByRole('switch', { name: 'Limited seats' }).check();
      await page.getByLabel('Number of seats').fill('5');
      await inspect(page, 'terms');
    }
  });

  for (const [guest, answer] of [
    [ben, 'Leeks'],
    [cleo, 'A spade'],
    [dora, 'Questions']
  ] as const) {
    await guest.page.goto('/');
    await guest.card('Winter beds').getByRole('button', { name: 'Ask to join' }).click();
    await guest.page.getByLabel('What do you bring?').fill(answer);
    if (guest === ben) await inspect(guest.page, 'answers');
    await guest.page.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
    await expect(guest.card('Winter beds').getByText('Requested', { exact: true })).toBeVisible();
  }

  // Withdrawn, and asked again.
  await dora.card('Winter beds').getByRole('button', { name: 'Withdraw' }).click();
  await dora.card('Winter beds').getByRole('button', { name: 'Ask to join' }).click();
  await dora.page.getByLabel('What do you bring?').fill('Ten questions');
  await dora.page.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
  await expect(dora.card('Winter beds').getByText('Requested', { exact: true })).toBeVisible();

  await anna.card('Winter beds').getByRole('link', { name: '3 people are waiting' }).click();
  await expect(anna.page.getByText('A spade')).toBeVisible();
  await inspect(anna.page, 'queue');
  await anna.page.getByRole('button', { name: 'Admit all my friends' }).click();
  await expect(anna.page.getByRole('link', { name: /Ben Ruiz/ })).toBeHidden();
  await anna.page.getByRole('checkbox', { name: 'Select Dora Lim' }).check();
  await anna.page.getByRole('region', { name: 'Selected people' }).getByRole('button', { name: 'Decline' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Give no reason' }).click();
  await expect(anna.page.getByRole('link', { name: /Dora Lim/ })).toBeHidden();
  await anna.page.getByRole('checkbox', { name: 'Select all' }).check();
  await anna.page.getByRole('region', { name: 'Selected people' }).getByRole('button', { name: 'Admit' }).click();
  await expect(anna.page.getByText('Nobody is waiting')).toBeVisible();

  // The notice of it goes once its reader is in the chat, long before its time is over.
  await expect(cleo.notice('You’re in: Winter beds')).toBeVisible();
  await cleo.card('Winter beds').getByRole('link', { name: 'Open chat' }).click();
  await expect(cleo.page).toHaveURL(/\/chats\//);
  await expect(cleo.notice('You’re in: Winter beds')).toHaveCount(0, { timeout: 1_000 });

  // The outcome reaches everybody without a second tap.
  await expect(ben.card('Winter beds').getByRole('link', { name: 'Open chat' })).toBeVisible();
  await expect(dora.card('Winter beds').getByText('Declined', { exact: true })).toBeVisible();
  await ben.card('Winter beds').getByRole('link', { name: 'Open chat' }).click();
  await ben.say('Hello from the leeks');
  await expect(cleo.bubble('Hello from the leeks')).toBeVisible();
});

test('full means full, and closing is in force at once', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await anna.post('One spare ticket', {
    chat: 'Ticket',
    terms: async (page) => {
      await page.getByRole('switch', { name: 'Limited seats' }).check();
      await page.getByLabel('Number of seats').fill('1');
    }
  });
  await cleo.page.goto('/');
  await expect(cleo.card('Ticket').getByText('1 of 1 seats left')).toBeVisible();
  await ben.page.goto('/');
  await ben.card('Ticket').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await expect(cleo.card('Ticket').getByText('Full', { exact: true })).toBeVisible();

  await anna.choose('Ticket', 'Close the door');
  await expect(cleo.card('Ticket').getByText('Closed', { exact: true })).toBeVisible();
});
