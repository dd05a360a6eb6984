import { expect, test } from './fixtures.ts';

test('a closed group: asked into, posted in, moderated, left', async ({ person, inspect }) => {
  test.setTimeout(180_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await cleo.befriend(anna);
  await anna.befriend(cleo);

  // Made in one sheet.
  await anna.page.goto('/groups');
  await expect(anna.page.getByText('You’re in no group yet')).toBeVisible();
  await inspect(anna.page, 'groups-empty');
  await anna.page.getByRole('button', { name: 'New group' }).first().click();
  const sheet = anna.page.getByRole('dialog');
  await sheet.getByLabel('Name of the group').fill('Mill Lane rowers');
  await sheet.getByLabel('Description').fill('Four boats, one cox.');
  await sheet.getByLabel('Rules').fill('Life vests on.');
  await sheet.getByRole('button', { name: 'Add a question' }).click();
  await sheet.getByLabel('Question 1', { exact: true }).fill('Can you swim?');
  await sheet.getByRole('switch', { name: 'Approve posts first' }).check();
  await inspect(anna.page, 'group-new');
  await sheet.getByRole('button', { name: 'Create group' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Mill Lane rowers' })).toBeVisible();
  await expect(anna.page.getByText('No posts yet')).toBeVisible();

  // Found, asked into, and seen but not read.
  await ben.page.goto('/groups');
  await ben.page.getByRole('searchbox').fill('mill');
  await ben.page.getByRole('link', { name: /Mill Lane rowers/ }).click();
  await expect(ben.page.getByText('Life vests on.')).toBeVisible();
  await ben.page.getByRole('button', { name: 'Ask to join' }).click();
  await ben.page.getByLabel('Can you swim?').fill('Like a fish');
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
  await expect(ben.page.getByRole('main').getByText('Requested', { exact: true })).toBeVisible();
  await inspect(ben.page, 'group-asked');

  // Let in by a moderator, with the answer in view.
  await anna.page.getByText('To do (1)').click();
  await expect(anna.page.getByText('Like a fish')).toBeVisible();
  await inspect(anna.page, 'group-requests');
  await anna.page.getByRole('button', { name: 'Accept Ben Ruiz' }).click();
  await expect(anna.page.getByText('Nothing to do')).toBeVisible();
  await expect(ben.page.getByRole('main').getByText('Member', { exact: true })).toBeVisible();

  // Invited, accepted.
  await anna.page.getByRole('button', { name: 'Invite friends' }).click();
  await anna.page.getByRole('checkbox', { name: /Cleo Marsh/ }).check();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Add 1 friend' }).click();
  await cleo.page.goto('/groups');
  await expect(cleo.page.getByText('Anna Berg invites you')).toBeVisible();
  await inspect(cleo.page, 'groups-invited');
  await cleo.page.getByRole('button', { name: 'Accept invitation: Mill Lane rowers' }).click();
  await expect(cleo.page.getByRole('heading', { name: 'Your groups' })).toBeVisible();

  // A member's chat post waits, is let through, and others come into its chat.
  await ben.page.getByRole('link', { name: 'Write something to the group' }).click();
  await ben.page.getByLabel('Text of the post').fill('Who rows on Sunday?');
  await ben.page.getByRole('button', { name: 'Add a chat' }).click();
  await ben.page.getByLabel('Name of the chat').fill('Sunday crew');
  await inspect(ben.page, 'group-compose');
  await ben.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(ben.page.getByRole('heading', { name: 'Your posts waiting for approval' })).toBeVisible();
  await cleo.page.getByRole('link', { name: /Mill Lane rowers/ }).click();
  await expect(cleo.page.getByText('No posts yet')).toBeVisible();
  await anna.page.getByText('To do (1)').click();
  await anna.page.getByRole('button', { name: 'Approve the post by Ben Ruiz' }).click();
  await expect(cleo.card('Who rows on Sunday?')).toBeVisible();
  await expect(cleo.card('Who rows on Sunday?').getByRole('button', { name: 'Join chat' })).toBeVisible();
  await inspect(cleo.page, 'group-feed');
  await cleo.card('Who rows on Sunday?').getByRole('button', { name: 'Join chat' }).click();
  await expect(cleo.page.getByText('You joined')).toBeVisible();
  await cleo.page.goto('/');
  await expect(cleo.card('Who rows on Sunday?')).toContainText('Mill Lane rowers');

  // Pinned.
  await anna.page.getByText('Posts', { exact: true }).click();
  await anna.choose('Who rows on Sunday?', 'Pin to the top');
  await expect(anna.page.getByRole('heading', { name: 'Pinned' })).toBeVisible();

  // A member taken out reads no more.
  await anna.page.getByText('Members', { exact: true }).click();
  await anna.page.getByRole('searchbox', { name: 'Search members' }).fill('ben');
  await expect(anna.page.getByRole('link', { name: /Cleo Marsh/ })).toHaveCount(0);
  await anna.page.getByRole('button', { name: 'What to do about Ben Ruiz' }).click();
  await inspect(anna.page, 'group-members');
  await anna.page.getByRole('menuitem', { name: 'Remove from group' }).click();
  await anna.page.getByRole('switch', { name: 'Keep them out' }).check();
  await inspect(anna.page, 'group-remove');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove from group' }).click();
  await expect(anna.page.getByText('Nobody of that name is in this group.')).toBeVisible();
  await expect(ben.page.getByText('You can’t join this group')).toBeVisible();
  await expect(ben.card('Who rows on Sunday?')).toHaveCount(0);

  // The only owner hands over before leaving.
  await anna.page.getByRole('button', { name: 'More about Mill Lane rowers' }).click();
  await anna.page.getByRole('menuitem', { name: 'Leave group' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
  await anna.page.getByRole('button', { name: 'Make Cleo Marsh the owner and leave' }).click();
  await expect(anna.page.getByRole('button', { name: 'Ask to join' })).toBeVisible();
  await cleo.page.goto('/groups');
  await cleo.page.getByRole('link', { name: /Mill Lane rowers/ }).click();
  await expect(cleo.page.getByRole('main').getByText('Owner', { exact: true })).toBeVisible();
});

test('a secret group is there for those who are invited alone', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.page.goto('/groups');
  await anna.page.getByRole('button', { name: 'New group' }).first().click();
  await anna.page.getByLabel('Name of the group').fill('Surprise party');
  await anna.page.getByRole('radio', { name: /Secret/ }).check();
  await anna.page.getByRole('button', { name: 'Create group' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Surprise party' })).toBeVisible();
  await ben.page.goto(new URL(anna.page.url()).pathname);
  await expect(ben.page.getByText('There’s nothing here')).toBeVisible();
  await ben.page.goto('/groups');
  await ben.page.getByRole('searchbox').fill('surprise');
  await expect(ben.page.getByText('No group of that name.')).toBeVisible();
});
