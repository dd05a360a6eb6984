import { expect, test, type Person } from './fixtures.ts';

/** Fills in what every report asks for. */
async function report(person: Person, text: string, to: RegExp, comment: string): Promise<void> {
  await person.does(text, 'Report…');
  const sheet = person.page.getByRole('dialog', { name: 'Report messages' });
  await sheet.getByRole('radio', { name: to }).check();
  await sheet.getByLabel('What is wrong').selectOption('Harassment');
  await sheet.getByLabel('Comment').fill(comment);
}

test('a foul message is shown to the hosts and to the operator, and nothing else is', async ({ person, inspect }) => {
  // Who signs up first runs the server.
  const otto = await person('Otto Stern');
  const anna = await person('Anna Berg');
  const bea = await person('Bea Lund');
  const cleo = await person('Cleo Marsh');
  await anna.post('Come to Supper', { chat: 'Supper' });
  for (const guest of [bea, cleo]) await guest.join('Supper');
  await anna.card('Supper').getByRole('link', { name: 'Open chat' }).click();
  await bea.say('Hello from Bea');
  await bea.say('Cleo is a rotten liar');
  await expect(cleo.bubble('rotten liar')).toBeAttached();
  await cleo.say('That is not nice');

  // Nobody reports themselves.
  await cleo
    .bubble('not nice')
    .getByRole('button', { name: /^What to do/ })
    .press('Enter');
  await expect(cleo.page.getByRole('menuitem', { name: 'Delete' })).toBeVisible();
  await expect(cleo.page.getByRole('menuitem', { name: 'Report…' })).toHaveCount(0);
  await cleo.page.keyboard.press('Escape');

  await report(cleo, 'rotten liar', /The chat’s hosts/, 'Every day.');
  const sheet = cleo.page.getByRole('dialog', { name: 'Report messages' });
  await expect(sheet.getByRole('checkbox')).toHaveCount(2);
  await expect(sheet.getByRole('checkbox', { name: /Hello from Bea/ })).not.toBeChecked();
  await expect(sheet.getByText('1 message will be shown, nothing else from the chat.')).toBeVisible();
  await inspect(cleo.page, 'reports-sheet');
  await sheet.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(cleo.notice('The chat’s hosts now see what you reported.')).toBeVisible();

  await report(cleo, 'rotten liar', /Who runs the server/, 'Please look.');
  await sheet.getByRole('checkbox', { name: /Hello from Bea/ }).check();
  await expect(sheet.getByText('2 messages will be shown')).toBeVisible();
  await sheet.getByRole('checkbox', { name: /Hello from Bea/ }).uncheck();
  await sheet.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(cleo.notice('The people who run the server now see what you reported.')).toBeVisible();

  // The host is told, reads it, deletes what was said, and is done with it.
  await anna.page
    .getByRole('main')
    .getByRole('button', { name: /^1 report/ })
    .click();
  const hosts = anna.page.getByRole('dialog', { name: 'Reports' });
  const shown = hosts.getByRole('article', { name: 'Harassment' });
  await expect(shown.getByText('Reported by Cleo Marsh')).toBeVisible();
  await expect(shown.getByText('Every day.')).toBeVisible();
  await expect(shown.getByRole('listitem')).toHaveCount(1);
  await expect(shown.getByText('Cleo is a rotten liar')).toBeVisible();
  await expect(shown.getByText('Sent exactly like this')).toBeVisible();
  await expect(shown.getByRole('button', { name: 'Remove Bea Lund' })).toBeVisible();
  await inspect(anna.page, 'reports-hosts');
  await shown.getByRole('button', { name: 'Delete for everyone' }).click();
  await expect(shown.getByText('Deleted for everyone')).toBeVisible();
  await expect(cleo.bubble('rotten liar')).toHaveCount(0);
  await shown.getByRole('button', { name: 'Done' }).click();
  await expect(hosts.getByText('No open reports')).toBeVisible();
  await anna.page.keyboard.press('Escape');
  await expect(anna.page.getByRole('main').getByRole('button', { name: /^1 report/ })).toHaveCount(0);
  await expect((await anna.about()).getByRole('button', { name: 'Reports' })).toBeVisible();

  // The operator is no member, and sees this one message.
  await otto.page.goto('/settings');
  await otto.page
    .getByRole('main')
    .getByRole('link', { name: /Moderation/ })
    .click();
  await otto.page.getByRole('link', { name: 'Messages by Bea Lund' }).click();
  await expect(otto.page.getByText('Please look.')).toBeVisible();
  await expect(otto.page.getByText('Cleo is a rotten liar')).toBeVisible();
  await expect(otto.page.getByText('Hello from Bea')).toHaveCount(0);
  await inspect(otto.page, 'reports-operator');
  await otto.page.getByRole('button', { name: 'What to do' }).click();
  await otto.page.getByRole('radio', { name: 'Warn' }).check();
  await otto.page.getByRole('dialog').getByRole('button', { name: 'Warn' }).click();
  await expect(otto.page.getByText('They were warned')).toBeVisible();
  await otto.page.goto('/moderation');
  await expect(otto.page.getByText('Nothing to look at')).toBeVisible();
});
