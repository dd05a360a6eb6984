import { expect, test, type Person } from './fixtures.ts';

const PAGE = 'https://soup.example/recipes/onion';
const CARD = { url: PAGE, title: 'Onion soup', description: 'For eight, in an hour.' };

/** The server says what is behind a link, whichever is asked about; gives the links that it was asked about. */
async function answering(person: Person, answer: () => Promise<unknown>): Promise<string[]> {
  const asked: string[] = [];
  await person.context.route('**/api/link-preview', async (route) => {
    asked.push((route.request().postDataJSON() as { url: string }).url);
    await route.fulfill({ json: await answer() });
  });
  return asked;
}

test('a link is looked up for its sender, and its readers fetch nothing', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.post('Come to Supper', { chat: 'Supper' });
  await ben.join('Supper');
  await anna.card('Supper').getByRole('link', { name: 'Open chat' }).click();
  const fetched: string[] = [];
  for (const { context } of [anna, ben]) context.on('request', (request) => fetched.push(request.url()));
  const asked = await answering(anna, () => Promise.resolve(CARD));

  const box = anna.page.getByRole('textbox', { name: /^Message to/ });
  const card = anna.page.getByRole('group', { name: 'Preview of the link' });
  await box.fill(`Look: ${PAGE}.`);
  await expect(card.getByText('Onion soup')).toBeVisible();
  await inspect(anna.page, 'previews-draft');
  await box.fill('Look');
  await expect(card).toHaveCount(0);
  await box.fill(`Look: ${PAGE} it is good`);
  await expect(card).toBeVisible();
  await anna.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(card).toHaveCount(0);
  const shown = ben.bubble('it is good').getByRole('link', { name: /Onion soup/ });
  await expect(shown).toContainText('For eight, in an hour.');
  await expect(shown).toHaveAttribute('href', PAGE);
  await inspect(ben.page, 'previews-shown');

  // Dropped, it stays away, and nobody asks again.
  await box.fill(`Again ${PAGE}`);
  await card.getByRole('button', { name: 'Send without the preview' }).click();
  await box.press('End');
  await box.pressSequentially(' plain');
  await anna.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(ben.bubble('plain')).toBeAttached();
  await expect(ben.bubble('plain').getByRole('link', { name: /Onion soup/ })).toHaveCount(0);
  expect(asked).toEqual([PAGE]);
  expect(fetched.filter((url) => url.includes('soup.example'))).toEqual([]);
});

test('a slow answer holds nothing up, and the look-up can be switched off for good', async ({ person }) => {
  const anna = await person('Anna Berg');
  await anna.post('Come to Supper', { chat: 'Supper' });
  await anna.card('Supper').getByRole('link', { name: 'Open chat' }).click();
  let answer!: (card: unknown) => void;
  const asked = await answering(anna, () => new Promise((resolve) => (answer = resolve)));
  const box = anna.page.getByRole('textbox', { name: /^Message to/ });
  await box.fill(`Now ${PAGE}`);
  await expect.poll(() => asked).toEqual([PAGE]);
  await anna.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(anna.bubble('Now')).toHaveAttribute('data-state', 'sent');
  answer(CARD);
  await expect(anna.page.getByText('Onion soup')).toHaveCount(0);

  await anna.page.goto('/settings');
  const choice = anna.page.getByRole('switch', { name: 'Link previews' });
  await choice.uncheck();
  await anna.page.reload();
  await expect(choice).not.toBeChecked();
});
