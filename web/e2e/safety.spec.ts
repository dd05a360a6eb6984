import { expect, test } from './fixtures.ts';

test('two people compare their safety number', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Come to Tea', { chat: 'Tea' });
  await ben.join('Tea');
  await anna.card('Tea').getByRole('link', { name: 'Open chat' }).click();
  await expect(anna.page.getByText('Ben Ruiz joined')).toBeVisible();

  await anna.about();
  await anna.doesTo(ben, 'Safety number');
  await ben.about();
  await ben.doesTo(anna, 'Safety number');
  const digits = async (page: typeof anna.page) =>
    (await page.getByRole('group', { name: 'Safety number', exact: true }).innerText()).replaceAll(/\D/g, '');
  const seen = await digits(anna.page);
  expect(seen).toMatch(/^\d{60}$/);
  expect(await digits(ben.page)).toBe(seen);
  await inspect(anna.page, 'safety-number');

  // Other digits are said to differ, the same ones are remembered.
  const other = seen.startsWith('0') ? `1${seen.slice(1)}` : `0${seen.slice(1)}`;
  await anna.page.getByLabel('Their digits').fill(other);
  await anna.page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(anna.page.getByText('The numbers differ.')).toBeVisible();
  await anna.page.getByLabel('Their digits').fill(seen.replaceAll(/(\d{5})/g, '$1 '));
  await anna.page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(anna.page.getByText('You have verified Ben Ruiz.')).toBeVisible();
  await inspect(anna.page, 'safety-verified');
  await anna.page.keyboard.press('Escape');
  await expect(anna.page.getByRole('dialog').getByRole('img', { name: 'Verified' })).toBeVisible();
  await anna.page.keyboard.press('Escape');
  await expect(anna.page.getByRole('img', { name: 'You verified everyone in this chat' })).toBeVisible();
  await inspect(anna.page, 'safety-chat');

  // Ben says so by hand, and takes it back.
  await ben.page.getByRole('button', { name: 'Mark as verified' }).click();
  await expect(ben.page.getByText('You have verified Anna Berg.')).toBeVisible();
  await ben.page.getByRole('button', { name: 'Undo verification' }).click();
  await expect(ben.page.getByText('You have verified Anna Berg.')).toHaveCount(0);
});
