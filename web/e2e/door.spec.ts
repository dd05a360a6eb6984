import { expect, test } from './fixtures.ts';

test('a link leads a stranger through sign-up to the door and in', async ({ person, visitor, inspect }) => {
  const anna = await person('Anna Berg');
  await anna.post('Come and see the new workshop', { chat: 'Workshop' });
  await anna.choose('Workshop', 'Link and QR code');
  await expect(anna.page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await inspect(anna.page, 'link');
  const link = await anna.page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(link).toMatch(/\/j\/[0-9a-f-]{36}#[A-Za-z0-9_-]{43}$/);
  await anna.page.getByRole('button', { name: 'Copy link' }).click();
  expect(await anna.page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  const ben = await visitor('Ben Ruiz');
  const sent: string[] = [];
  ben.page.on('request', (request) => sent.push(request.url()));
  await ben.page.goto(link);
  await expect(ben.page.getByRole('heading', { name: 'You’re invited to a chat' })).toBeVisible();
  await inspect(ben.page, 'door-signed-out');
  await ben.signUpHere();
  await expect(ben.page.getByText('Anna Berg invites you to a chat')).toBeVisible();
  await inspect(ben.page, 'door');
  await ben.page.getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  // The secret never went over the wire in an address.
  const secret = link.split('#')[1]!;
  expect(sent.filter((url) => new URL(url).href.split('#')[0]!.includes(secret))).toEqual([]);
});
