import { expect, test } from './fixtures.ts';

test('commented, replied to, named, reacted to, edited, deleted and closed', async ({ person, inspect, inspectBoth }) => {
  test.setTimeout(240_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await ben.befriend(anna);
  await anna.befriend(ben);
  await anna.post('Who lends me a canoe?');

  // From the card to its comments.
  await ben.page.goto('/');
  await ben.card('canoe').getByRole('link', { name: 'Comments' }).click();
  await expect(ben.page.getByText('No comments yet')).toBeVisible();
  await anna.card('canoe').getByRole('link', { name: 'Comments' }).click();

  // A name is proposed as it is typed, and becomes a link.
  const field = ben.page.getByRole('textbox', { name: 'Write a comment' });
  await field.fill('Ask ');
  await field.press('End');
  await field.pressSequentially('@an');
  await expect(ben.page.getByRole('option', { name: /Anna Berg/ })).toBeVisible();
  await inspect(ben.page, 'comment-name');
  await field.press('Enter');
  await field.pressSequentially('or @nobody_here');
  await expect(field).toHaveValue('Ask @anna or @nobody_here');
  await ben.page.getByRole('button', { name: 'Send comment' }).click();
  const said = ben.page.getByRole('group', { name: 'Comment by Ben Ruiz' });
  await expect(said.getByRole('link', { name: '@Anna Berg' })).toBeVisible();
  await expect(said).toContainText('or @nobody_here');
  await expect(said.getByRole('link', { name: '@nobody_here' })).toHaveCount(0);
  await expect(field).toHaveValue('');

  // It comes to whoever has the post open, who replies; the reply to that stands beside it and says whom it answers.
  const atAnna = anna.page.getByRole('group', { name: 'Comment by Ben Ruiz' });
  await expect(atAnna).toContainText('Ask @Anna Berg');
  await atAnna.getByRole('button', { name: 'Reply' }).click();
  await anna.page.getByRole('textbox', { name: 'Reply to Ben Ruiz' }).fill('Mine leaks');
  await anna.page.getByRole('textbox', { name: 'Reply to Ben Ruiz' }).press('Control+Enter');
  const reply = ben.page.getByRole('group', { name: 'Comment by Anna Berg' });
  await expect(reply).toContainText('Mine leaks');
  await reply.getByRole('button', { name: 'Reply' }).click();
  await ben.page.getByRole('textbox', { name: 'Reply to Anna Berg' }).fill('I can swim');
  await ben.page.getByRole('button', { name: 'Send comment' }).first().click();
  const answer = anna.page.getByRole('list', { name: 'Replies' }).getByRole('group', { name: 'Comment by Ben Ruiz' });
  await expect(answer).toContainText('@Anna Berg I can swim');

  // Reactions: one of each person.
  await answer.getByRole('button', { name: 'React' }).click();
  await inspect(anna.page, 'comment-react');
  await anna.page.getByRole('button', { name: '😂', exact: true }).click();
  await expect(answer.getByRole('button', { name: '😂 1 person' })).toHaveAttribute('aria-pressed', 'true');
  const own = ben.page.getByRole('group', { name: 'Comment by Ben Ruiz' }).filter({ hasText: 'I can swim' });
  await own.getByRole('button', { name: '😂 1 person' }).click();
  await expect(answer.getByRole('button', { name: '😂 2 people' })).toBeVisible();
  await ben.card('canoe').getByRole('button', { name: 'React' }).first().click();
  await ben.page.getByRole('button', { name: '👍', exact: true }).click();
  await expect(anna.card('canoe').getByRole('button', { name: '👍 1 person' })).toBeVisible();
  await anna.card('canoe').getByRole('button', { name: 'React' }).first().click();
  await anna.page.getByRole('button', { name: 'Who reacted' }).click();
  await expect(anna.page.getByRole('dialog').getByText('Ben Ruiz')).toBeVisible();
  await inspect(anna.page, 'comment-reacted');
  await anna.page.keyboard.press('Escape');
  await inspectBoth(anna, 'comments');

  // Changed, and deleted: its replies keep the place.
  const first = ben.page.getByRole('group', { name: 'Comment by Ben Ruiz' }).first();
  await first.getByRole('button', { name: /More about/ }).click();
  await ben.page.getByRole('menuitem', { name: 'Edit' }).click();
  await ben.page.getByRole('textbox', { name: 'Your comment' }).fill('Ask somebody else');
  await ben.page.getByRole('button', { name: 'Send comment' }).first().click();
  await expect(anna.page.getByText('Ask somebody else')).toBeVisible();
  await expect(anna.page.getByText('· edited')).toBeVisible();
  await first.getByRole('button', { name: /More about/ }).click();
  await ben.page.getByRole('menuitem', { name: 'Delete' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(anna.page.getByText('This comment is not here any more.')).toBeVisible();
  await expect(anna.page.getByText('Mine leaks')).toBeVisible();

  // The author takes no more.
  await anna.choose('canoe', 'No more comments');
  await expect(anna.page.getByText('No more comments here.')).toBeVisible();
  await expect(ben.page.getByText('No more comments here.')).toBeVisible();
  await expect(ben.page.getByRole('textbox', { name: 'Write a comment' })).toHaveCount(0);
  await inspect(ben.page, 'comments-closed');
  await anna.page.goto('/');
  await expect(anna.card('canoe').getByRole('link', { name: '2 comments' })).toBeVisible();
  await inspectBoth(anna, 'comments-card');
});

test('what has a hidden word is there for two alone', async ({ person, inspect, inspectBoth }) => {
  test.setTimeout(180_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await anna.page.goto('/settings');
  await anna.page.getByLabel('Word or phrase').fill('leaky boats');
  await anna.page.getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(anna.page.getByText('leaky boats')).toBeVisible();
  await anna.page.getByLabel('Word or phrase').scrollIntoViewIfNeeded();
  await inspectBoth(anna, 'hidden-words');
  await anna.post('Who lends me a canoe?');
  for (const who of [anna, ben, cleo]) {
    await who.page.goto('/');
    await who.card('canoe').getByRole('link', { name: 'Comments' }).click();
    await expect(who.page.getByText('No comments yet')).toBeVisible();
  }
  for (const text of ['I know all about LEAKY boats', 'Try the harbour']) {
    await ben.page.getByRole('textbox', { name: 'Write a comment' }).fill(text);
    await ben.page.getByRole('button', { name: 'Send comment' }).click();
    await expect(ben.page.getByText(text)).toBeVisible();
  }
  await expect(cleo.page.getByText('Try the harbour')).toBeVisible();
  await expect(cleo.page.getByText('LEAKY')).toHaveCount(0);
  await expect(anna.page.getByText('Hidden: it has one of your hidden words.')).toBeVisible();
  await expect(anna.page.getByText('LEAKY')).toHaveCount(0);
  await inspect(anna.page, 'comment-hidden');
  await anna.page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(anna.page.getByText('LEAKY')).toBeVisible();

  await anna.page.goto('/settings');
  await anna.page.getByRole('button', { name: 'Stop hiding “leaky boats”' }).click();
  await expect(anna.page.getByText('leaky boats')).toHaveCount(0);
  await cleo.page.reload();
  await expect(cleo.page.getByText('LEAKY')).toBeVisible();
});

test('what could not be sent is kept', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  await anna.post('Who lends me a canoe?');
  await anna.card('canoe').getByRole('link', { name: 'Comments' }).click();
  const field = anna.page.getByRole('textbox', { name: 'Write a comment' });
  await field.fill('Half a thought');
  await anna.page.route('**/api/posts/*/comments', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await anna.page.getByRole('button', { name: 'Send comment' }).click();
  await expect(anna.page.getByRole('alert').first()).toBeVisible();
  await inspect(anna.page, 'comment-failed');
  await anna.page.unroute('**/api/posts/*/comments');
  await anna.page.reload();
  await expect(field).toHaveValue('Half a thought');
  await anna.page.getByRole('button', { name: 'Send comment' }).click();
  await expect(anna.page.getByRole('group', { name: 'Comment by Anna Berg' })).toContainText('Half a thought');
});
