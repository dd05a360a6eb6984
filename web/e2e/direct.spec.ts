import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

/** The button on somebody's profile that leads into the chat with them. */
async function write(from: Person, to: Person): Promise<void> {
  await from.page.goto(`/people/${to.handle}`);
  await from.page.getByRole('button', { name: 'Message', exact: true }).click();
  await expect(from.page).toHaveURL(/\/chats\/.+/);
}

const composer = (person: Person): Locator => person.page.getByRole('textbox', { name: /^Message to/ });
const requests = (person: Person): Locator => person.page.locator('summary', { hasText: 'Requests' });

test('two who are no friends: one message, and an answer or none', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await ben.page.goto('/chats');

  await write(anna, ben);
  await expect(anna.page.getByText(/You can send one message, without files/)).toBeVisible();
  await inspect(anna.page, 'direct-first');
  await anna.say('Do you remember the lake?');
  await expect(anna.page.getByText(/Your request is with Ben Ruiz/)).toBeVisible();
  await expect(composer(anna)).toHaveCount(0);
  await inspect(anna.page, 'direct-requested');

  // Quiet: in a section of its own, without a badge.
  await expect(requests(ben)).toContainText('Requests · 1');
  await expect(ben.page.getByText(/unread message/)).toHaveCount(0);
  await expect(ben.page.getByRole('link', { name: /Anna Berg/ })).toBeHidden();
  await requests(ben).click();
  await inspect(ben.page, 'direct-requests');
  await ben.page.getByRole('link', { name: /Anna Berg/ }).click();
  await expect(ben.bubble('Do you remember the lake?')).toBeVisible();
  await expect(composer(ben)).toHaveCount(0);
  await inspect(ben.page, 'direct-incoming');

  await ben.page.getByRole('button', { name: 'Decline' }).click();
  await expect(ben.page).toHaveURL(/\/chats$/);
  await expect(requests(ben)).toHaveCount(0);
  await expect(anna.page.getByText(/Your request is with Ben Ruiz/)).toBeVisible();

  // On second thoughts.
  await write(ben, anna);
  await ben.page.getByRole('button', { name: 'Accept' }).click();
  await ben.say('Of course I do');
  await expect(anna.bubble('Of course I do')).toBeVisible();
  await anna.say('Saturday, then');
  await expect(ben.bubble('Saturday, then')).toBeVisible();
  await inspect(ben.page, 'direct-open');

  // A block ends it for both, and tells one of them.
  await ben.page.goto('/people/anna');
  await ben.page.getByRole('button', { name: 'More about Anna Berg' }).click();
  await ben.page.getByRole('menuitem', { name: 'Block' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await expect(ben.page).toHaveURL(/\/people$/);
  await ben.page.goto('/chats');
  await ben.page.getByRole('link', { name: /Anna Berg/ }).click();
  await expect(ben.page.getByText(/You blocked Anna Berg/)).toBeVisible();
  await inspect(ben.page, 'direct-blocked');
  await anna.say('Are you there?');
  await expect(anna.bubble('Are you there?')).toHaveAttribute('data-state', 'failed');
  await ben.page.getByRole('button', { name: 'Unblock' }).click();
  await expect(composer(ben)).toBeVisible();
});

test('friends write to each other from the list', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.befriend(ben);
  await ben.befriend(anna);
  await anna.page.goto('/people');
  await anna.page.getByRole('button', { name: 'Message Ben Ruiz' }).click();
  await anna.say('Supper at eight?');
  await ben.page.goto('/chats');
  await ben.page.getByRole('link', { name: /Anna Berg/ }).click();
  await expect(ben.bubble('Supper at eight?')).toBeVisible();
  await ben.say('Gladly');
  await expect(anna.bubble('Gladly')).toBeVisible();
});
