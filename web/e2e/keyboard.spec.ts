import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Opens a sheet from its button by keyboard: it takes the focus, keeps it over a round of Tab, and gives it back on Escape. */
async function comesAndGoes(trigger: Locator, title: string | RegExp, item?: string): Promise<void> {
  const page = trigger.page();
  await trigger.focus();
  await page.keyboard.press('Enter');
  if (item) {
    await page.getByRole('menuitem', { name: item }).focus();
    await page.keyboard.press('Enter');
  }
  const sheet = page.getByRole('dialog', { name: title });
  await expect(sheet.locator(':focus')).toHaveCount(1);
  const stops = await sheet.locator('a, button:enabled, input:enabled, select, textarea, [tabindex="0"]').count();
  for (let step = 0; step < stops + 2; step++) {
    await page.keyboard.press('Tab');
    // At its ends the focus passes the browser's own controls, which the page sees as its body.
    expect(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement?.closest('dialog')))).toBe(
      true
    );
  }
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await expect(trigger).toBeFocused();
}

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

test('every sheet takes the focus and gives it back', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await ben.befriend(anna);
  await anna.befriend(ben);
  const { page } = anna;

  await page.goto('/new');
  await comesAndGoes(page.getByRole('button', { name: /Who can see this/ }), 'Who can see this?');
  await page.getByRole('button', { name: 'Add a chat' }).click();
  await comesAndGoes(page.getByRole('button', { name: /How people join/ }), 'How people join');
  await page.getByRole('button', { name: 'Remove chat' }).click();

  await anna.post('Tools to share', {
    chat: 'Shed',
    terms: async () => {
      await page.getByRole('button', { name: 'Add a question' }).click();
      await page.getByLabel('Question 1', { exact: true }).fill('Which tool?');
    }
  });
  const more = anna.card('Shed').getByRole('button', { name: /More about/ });
  await comesAndGoes(more, 'Link to the chat', 'Link and QR code');
  await comesAndGoes(more, 'Delete this post?', 'Delete');

  await ben.page.goto('/');
  const join = ben.card('Shed').getByRole('button', { name: 'Join chat' });
  await comesAndGoes(join, 'Shed');
  await join.click();
  await expect(ben.page.getByLabel('Which tool?')).toBeFocused();
  await ben.page.keyboard.type('A saw');
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();

  await anna.card('Shed').getByRole('link', { name: 'Open chat' }).click();
  await expect(page.getByText('Ben Ruiz joined')).toBeVisible();
  const about = page.getByRole('button', { name: /Shed.*End-to-end/ });
  await comesAndGoes(about, 'Shed');
  await about.click();
  await comesAndGoes(page.getByRole('button', { name: 'More about Ben Ruiz' }), /^Remove Ben Ruiz/, 'Remove from chat');
  // The row is gone, and its button with it: the focus stays on the sheet.
  await anna.doesTo(ben, 'Remove from chat');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('heading', { name: '1 person' })).toBeVisible();
  await expect(page.getByRole('dialog', { name: 'Shed' }).locator(':focus')).toHaveCount(1);

  await page.goto('/lists');
  const newList = page.getByRole('button', { name: 'New list' });
  await comesAndGoes(newList, 'New list');
  await newList.click();
  await expect(page.getByLabel('Name of the list')).toBeFocused();
  await page.keyboard.type('Neighbours');
  await page.keyboard.press('Enter');
  await comesAndGoes(page.getByRole('button', { name: 'Add friends' }), 'Add friends');
  const list = page.getByRole('button', { name: 'More about Neighbours' });
  await comesAndGoes(list, 'Rename', 'Rename');
  await comesAndGoes(list, 'Delete “Neighbours”?', 'Delete list');

  await page.goto('/settings');
  await comesAndGoes(page.getByRole('button', { name: 'Sign out', exact: true }), 'Sign out of this device?');
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
