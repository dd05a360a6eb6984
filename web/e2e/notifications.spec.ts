import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

/** The bell, wherever this width has it, with how many are unread. */
const bell = (person: Person, count: number, page = person.page) =>
  page.getByRole('link', { name: count ? new RegExp(`^Notifications ?, ${count} new`) : /^Notifications$/ });

test('a request rings the bell, leads to who asks, and is read on every page', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');

  await anna.page.goto('/notifications');
  await expect(anna.page.getByText('Nothing new')).toBeVisible();
  await inspectBoth(anna, 'notifications-empty');
  await anna.page.goto('/');
  await expect(bell(anna, 0)).toBeVisible();
  const other = await anna.tab('/');
  await expect(bell(anna, 0, other)).toBeVisible();

  // Both ask; what they do is one row.
  await ben.befriend(anna);
  await expect(bell(anna, 1)).toBeVisible();
  await cleo.befriend(anna);
  await bell(anna, 1).click();
  const row = anna.page.getByRole('link', { name: /Cleo Marsh and Ben Ruiz want to be friends/ });
  await expect(row).toBeVisible();
  await expect(row).toContainText('Unread');
  await inspectBoth(anna, 'notifications');

  // Read on one page is read on the other.
  await expect(bell(anna, 0, other)).toBeVisible();
  await row.click();
  await expect(anna.page).toHaveURL('/people');

  // Accepted: that rings for who asked, and there is nothing left to be told here.
  await anna.befriend(ben);
  await ben.page.goto('/notifications');
  await ben.page.getByRole('link', { name: /Anna Berg accepted your friend request/ }).click();
  await expect(ben.page).toHaveURL('/people/anna');
});

test('an answer is told while the page is open, and not any more once it is taken back', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('Who lends me a canoe?');
  await anna.page.getByRole('button', { name: 'Ask a question' }).click();
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('canoe')).toBeVisible();
  await anna.page.goto('/notifications');
  await expect(anna.page.getByText('Nothing new')).toBeVisible();

  await ben.page.goto('/');
  await ben.card('canoe').getByRole('link', { name: 'Answer' }).click();
  await ben.page.getByLabel('Your answer').fill('Take mine');
  await ben.page.getByRole('main').getByRole('button', { name: 'Answer', exact: true }).click();
  const row = anna.page.getByRole('link', { name: /Ben Ruiz answered your question/ });
  await expect(row).toContainText('Who lends me a canoe?');
  await row.click();
  await expect(anna.page.getByText('Take mine')).toBeVisible();

  await ben.page.getByRole('button', { name: 'Take back' }).click();
  await expect(ben.page.getByText('Take mine')).toHaveCount(0);
  await anna.page.goto('/notifications');
  await expect(anna.page.getByText('Nothing new')).toBeVisible();
});

test('what one is told, and when it is quiet, is chosen and kept', async ({ person, inspectBoth }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.page.goto('/settings');
  await anna.page.getByRole('link', { name: 'Notifications', exact: true }).last().click();
  await expect(anna.page).toHaveURL('/settings/notifications');
  await anna.page.getByRole('switch', { name: 'Quiet hours' }).check();
  await anna.page.getByLabel('From', { exact: true }).fill('21:30');
  await anna.page.getByLabel('From', { exact: true }).blur();
  const asked = anna.page.getByRole('checkbox', { name: 'Friend requests: In the app' });
  await asked.uncheck();
  await expect(anna.page.getByRole('checkbox', { name: 'Friend requests: Push' })).toBeDisabled();
  await inspectBoth(anna, 'notification-settings');
  await anna.page.reload();
  await expect(asked).not.toBeChecked();
  await expect(anna.page.getByLabel('From', { exact: true })).toHaveValue('21:30');

  // What one does not want to be told does not ring.
  await ben.befriend(anna);
  await anna.page.goto('/notifications');
  await expect(anna.page.getByText('Nothing new')).toBeVisible();
});
