import { expect, test } from './fixtures.ts';

test('reads and queues without a network, and sends once', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Hut to hut', { chat: 'Hike' });
  await ben.page.goto('/');
  await ben.card('Hike').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await ben.say('Which hut first?');
  await expect(ben.bubble('Which hut').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await expect.poll(() => ben.page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);

  await ben.context.setOffline(true);
  await expect(ben.page.getByText(/You’re offline/)).toBeVisible();
  await ben.say('I think the upper one');
  await expect(ben.bubble('upper one').getByRole('img', { name: 'Sending' })).toBeVisible();
  await inspect(ben.page, 'offline');
  // The whole app starts without a network and still has it all.
  await ben.page.reload();
  await expect(ben.bubble('Which hut first?')).toBeVisible();
  await expect(ben.bubble('upper one').getByRole('img', { name: 'Sending' })).toBeVisible();

  await ben.context.setOffline(false);
  await expect(ben.bubble('upper one').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await anna.card('Hike').getByRole('link', { name: 'Open chat' }).click();
  await expect(anna.bubble('upper one')).toHaveCount(1);
});

test('the server restarts, and both go on', async ({ person, server }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Film night', { chat: 'Film' });
  await ben.page.goto('/');
  await ben.card('Film').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await anna.card('Film').getByRole('link', { name: 'Open chat' }).click();

  await server.down();
  await expect(ben.page.getByText(/You’re offline/)).toBeVisible();
  await ben.say('Written while the server was away');
  await server.up();
  await expect(anna.bubble('server was away')).toBeVisible();
  await expect(ben.bubble('server was away').getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
});

test('several tabs share one core, and the next takes over', async ({ person }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Chess', { chat: 'Chess club' });
  await ben.page.goto('/');
  await ben.card('Chess club').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  const path = new URL(ben.page.url()).pathname;

  const second = await ben.tab(path);
  await ben.say('From the second tab', second);
  await expect(ben.bubble('From the second tab')).toBeVisible();
  await expect(ben.bubble('From the second tab', second).getByRole('img', { name: 'Sent', exact: true })).toBeVisible();

  // The tab that owned the core goes.
  await ben.page.close();
  await ben.say('After the take-over', second);
  await expect(ben.bubble('After the take-over', second).getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await anna.card('Chess club').getByRole('link', { name: 'Open chat' }).click();
  for (const text of ['From the second tab', 'After the take-over']) await expect(anna.bubble(text)).toHaveCount(1);
});
