import { expect, test, type Person } from './fixtures.ts';

async function ask(guest: Person, title: string, answer: string): Promise<void> {
  await guest.page.goto('/');
  await guest.card(title).getByRole('button', { name: 'Ask to join' }).click();
  await guest.page.getByLabel('Why?').fill(answer);
  await guest.page.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
  await expect(guest.card(title).getByText('Requested', { exact: true })).toBeVisible();
}

test('a reason for those who are declined, and rules for all who wait', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await anna.post('Seedlings', {
    chat: 'Beds',
    terms: async (page) => {
      await page.getByText('After approval').click();
      await page.getByRole('button', { name: 'Add a question' }).click();
      await page.getByLabel('Question 1', { exact: true }).fill('Why?');
    }
  });
  await ask(ben, 'Beds', 'Leeks');
  await ask(cleo, 'Beds', 'A spade');

  await anna.card('Beds').getByRole('link', { name: '2 people are waiting' }).click();
  await anna.page.getByRole('button', { name: 'Decline Ben Ruiz' }).click();
  await inspect(anna.page, 'queue-decline');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'There’s no room left.' }).click();
  await expect(anna.page.getByRole('link', { name: /Ben Ruiz/ })).toHaveCount(0);
  await expect(ben.card('Beds').getByText('There’s no room left.')).toBeVisible();
  await inspect(ben.page, 'queue-declined');

  await anna.page.getByRole('button', { name: 'By rule' }).click();
  await anna.page.getByRole('radio', { name: 'Everyone who answered all questions' }).check();
  await inspect(anna.page, 'queue-rule');
  await anna.page.getByRole('button', { name: 'Admit them all' }).click();
  await expect(anna.page.getByText('Nobody is waiting')).toBeVisible();
  await expect(cleo.card('Beds').getByRole('link', { name: 'Open chat' })).toBeVisible();
});
