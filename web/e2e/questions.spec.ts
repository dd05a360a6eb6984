import { expect, test } from './fixtures.ts';

test('asked, answered in confidence, shown with consent, and talked about in a chat', async ({ person, inspect }) => {
  test.setTimeout(180_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');

  await anna.page.goto('/new');
  await anna.page.getByLabel('Text of the post').fill('Who lends me a canoe?');
  await anna.page.getByRole('button', { name: 'Ask a question' }).click();
  await anna.page.getByRole('radio', { name: 'Only me' }).check();
  await inspect(anna.page, 'question-ask');
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('canoe')).toContainText('Answers go to the asker alone');

  for (const [who, answer] of [
    [ben, 'Take mine'],
    [cleo, 'I have a leaky one']
  ] as const) {
    await who.page.goto('/');
    await who.card('canoe').getByRole('link', { name: 'Answer' }).click();
    await who.page.getByLabel('Your answer').fill(answer);
    if (who === ben) await who.page.getByRole('switch', { name: 'May be shown to others' }).check();
    await inspect(who.page, 'question-answer');
    await who.page.getByRole('main').getByRole('button', { name: 'Answer', exact: true }).click();
    await expect(who.page.getByText(answer)).toBeVisible();
  }
  await expect(cleo.page.getByText('Take mine')).toHaveCount(0);

  // Anna reads both, and shows the one whose writer agrees.
  await anna.card('canoe').getByRole('link', { name: 'Answers' }).click();
  await expect(anna.page.getByText('I have a leaky one')).toBeVisible();
  await expect(anna.page.getByRole('button', { name: 'Show to everyone' })).toHaveCount(1);
  await anna.page.getByRole('button', { name: 'Show to everyone' }).click();
  await expect(anna.page.getByRole('button', { name: 'Stop showing' })).toBeVisible();
  await expect(cleo.page.getByText('Take mine')).toBeVisible();
  await inspect(anna.page, 'question-answers');

  // A chat for the two who answered, in one press and a look.
  await anna.page.getByRole('button', { name: 'Open a chat with those who answered' }).click();
  await expect(anna.page.getByLabel('Text of the post')).toHaveValue(/canoe/);
  await inspect(anna.page, 'question-chat');
  await anna.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(anna.card('Let’s go on here')).toBeVisible();
  await ben.page.goto('/');
  await ben
    .card('Let’s go on here')
    .getByRole('button', { name: /Join chat/ })
    .click();
  await expect(ben.page).toHaveURL(/\/chats\//);

  // Taken back: gone for everybody.
  await cleo.page.getByRole('button', { name: 'Take back' }).click();
  await expect(cleo.page.getByText('I have a leaky one')).toHaveCount(0);
});
