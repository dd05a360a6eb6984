import { expect, test } from './fixtures.ts';

test('menus and sheets work by keyboard and give the focus back', async ({ person }) => {
  const anna = await person('Anna Berg');
  const { page } = anna;
  await anna.post('Hands off the mouse', { chat: 'Keys' });

  await page.reload();
  await expect(anna.card('Hands off')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();

  const trigger = anna.card('Hands off').getByRole('button', { name: /More about/ });
  await trigger.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Link and QR code' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Edit' })).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(trigger).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Link and QR code' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Link to the chat' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(trigger).toBeFocused();

  await anna.card('Hands off').getByRole('link', { name: 'Open chat' }).focus();
  await page.keyboard.press('Enter');
  const box = page.getByRole('textbox', { name: /Message to/ });
  await box.focus();
  await page.keyboard.type('Typed by hand');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(anna.bubble('Typed by hand').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
});

test('nothing runs out of the page from right to left', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  await anna.post('The same words, the other way round', { chat: 'Mirror' });
  const { page } = anna;
  for (const path of ['/', '/new', '/chats', '/people', '/settings']) {
    await page.goto(path);
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBe(0);
    if (path !== '/settings') await inspect(page, `rtl${path.replaceAll('/', '-')}`);
  }
});
