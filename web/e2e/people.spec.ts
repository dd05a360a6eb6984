import { expect, test } from './fixtures.ts';

test('friends, lists and what each sees', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');

  // Found by handle, asked, accepted.
  await ben.page.goto('/people');
  await inspect(ben.page, 'people-empty');
  await ben.page.getByRole('searchbox').fill('@anna');
  await ben.page.getByRole('button', { name: 'Find' }).click();
  await ben.page.getByRole('button', { name: 'Add friend' }).click();
  await expect(ben.page.getByRole('heading', { name: 'Requests you sent' })).toBeVisible();
  await anna.page.goto('/people');
  await anna.page.getByRole('button', { name: 'Accept Ben Ruiz' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Friends · 1' })).toBeVisible();
  await expect(ben.page.getByRole('heading', { name: 'Friends · 1' })).toBeVisible();
  await cleo.befriend(anna);
  await anna.befriend(cleo);

  // A list with Ben alone.
  await anna.page.goto('/lists');
  await inspect(anna.page, 'lists-empty');
  await anna.page.getByRole('button', { name: 'New list' }).click();
  await anna.page.getByLabel('Name of the list').fill('Rowing club');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await anna.page.getByRole('button', { name: 'Add friends' }).click();
  await anna.page.getByRole('checkbox', { name: /Ben Ruiz/ }).check();
  await anna.page.getByRole('button', { name: 'Add 1 friend' }).click();
  await expect(anna.page.getByRole('link', { name: /Ben Ruiz/ })).toBeVisible();
  await inspect(anna.page, 'list');

  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('Boat leaves at six');
  await anna.page.getByRole('button', { name: /Who can see this/ }).click();
  await anna.page.getByRole('radio', { name: /Some lists/ }).check();
  await anna.page.getByRole('checkbox', { name: /Rowing club/ }).check();
  await inspect(anna.page, 'audience');
  await anna.page.getByRole('button', { name: 'Done' }).click();
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('Boat leaves')).toContainText('Rowing club');

  await ben.page.goto('/');
  await expect(ben.card('Boat leaves')).toBeVisible();
  await expect(ben.card('Boat leaves')).not.toContainText('Rowing club');
  await cleo.page.goto('/');
  await expect(cleo.page.getByText('It’s quiet here')).toBeVisible();

  // Off the list: out of sight at the next look.
  await anna.page.goto('/people/ben');
  await anna.page.getByRole('checkbox', { name: 'Rowing club' }).uncheck();
  await inspect(anna.page, 'person');
  await ben.page.reload();
  await expect(ben.page.getByText('It’s quiet here')).toBeVisible();
  await expect(ben.card('Boat leaves')).toHaveCount(0);

  // Named people, friend or not.
  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('Only for Cleo');
  await anna.page.getByRole('button', { name: /Who can see this/ }).click();
  await anna.page.getByRole('radio', { name: /Chosen people/ }).check();
  await anna.page.getByRole('checkbox', { name: /Cleo Marsh/ }).check();
  await anna.page.getByRole('button', { name: 'Done' }).click();
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('Only for Cleo')).toBeVisible();
  await cleo.page.goto('/');
  await expect(cleo.card('Only for Cleo')).toBeVisible();

  // A block beats everything, both ways.
  await cleo.page.goto('/people/anna');
  await cleo.page.getByRole('button', { name: 'More about Anna Berg' }).click();
  await cleo.page.getByRole('menuitem', { name: 'Block' }).click();
  await cleo.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await expect(cleo.page).toHaveURL(/\/people$/);
  await anna.page.goto('/people/cleo');
  await expect(anna.page.getByText('There’s nothing here')).toBeVisible();
  await cleo.page.goto('/settings');
  await cleo.page.getByRole('button', { name: 'Unblock Anna Berg' }).click();
  await expect(cleo.page.getByText('Blocked people')).toBeHidden();
});
