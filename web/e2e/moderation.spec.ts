import { expect, test, type Person } from './fixtures.ts';
import { photo } from './media.ts';

test('somebody is muted, a post is hidden, and both come back', async ({ person, inspect }) => {
  const ada = await person('Ada Lane');
  const bob = await person('Bob Reed');
  await bob.post('Loud words');
  await ada.post('Quiet words');
  await ada.page.goto('/');
  await ada.choose('Loud words', 'Hide this post');
  await expect(ada.page.getByText('The post is hidden from your feeds.').last()).toBeVisible();
  await expect(ada.card('Loud words')).toHaveCount(0);
  await ada.page.getByRole('button', { name: 'Undo' }).click();
  await expect(ada.card('Loud words')).toBeVisible();

  await ada.choose('Loud words', 'Mute Bob Reed');
  await expect(ada.card('Loud words')).toHaveCount(0);
  await expect(ada.card('Quiet words')).toBeVisible();
  await ada.page.goto('/people/bob');
  await expect(ada.card('Loud words')).toBeVisible();
  await ada.page.goto('/settings');
  await expect(ada.page.getByRole('heading', { name: 'Muted people' })).toBeVisible();
  await inspect(ada.page, 'settings-muted');
  await ada.page.getByRole('button', { name: 'Unmute Bob Reed' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Muted people' })).toHaveCount(0);
  await ada.page.goto('/');
  await expect(ada.card('Loud words')).toBeVisible();
});

test('a post is reported, removed, and its author hears of it and appeals', async ({ person, inspect, inspectBoth }) => {
  // The first to sign up runs the server.
  const olga = await person('Olga Stone');
  const mia = await person('Mia Vale');
  const bob = await person('Bob Reed');
  const cyd = await person('Cyd Hart');
  await olga.page.goto('/moderation');
  await olga.page.getByText('Rules', { exact: true }).click();
  await olga.page.getByLabel('Handle').fill('mia');
  await olga.page.getByRole('button', { name: 'Make moderator' }).click();
  await expect(olga.page.getByRole('link', { name: /Mia Vale/ })).toBeVisible();
  await olga.page.getByLabel('Domain').fill('https://Evil.Example/x');
  await olga.page.getByRole('button', { name: 'Block', exact: true }).click();
  await expect(olga.page.getByText('evil.example', { exact: true })).toBeVisible();
  await inspect(olga.page, 'moderation-rules');

  await bob.post('Foul words');
  await cyd.page.goto('/');
  await cyd.choose('Foul words', 'Report…');
  const sheet = cyd.page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(sheet.getByText('Choose a reason.')).toBeVisible();
  await sheet.getByRole('radio', { name: 'Hate' }).check();
  await sheet.getByRole('textbox', { name: 'Comment' }).fill('Please look');
  await inspect(cyd.page, 'public-report');
  await sheet.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(cyd.page.getByText('Somebody will look at it.').last()).toBeVisible();

  // The moderator's queue, and the case with its copy.
  await mia.page.goto('/settings');
  await mia.page.getByRole('link', { name: /Moderation/ }).click();
  await expect(mia.page.getByRole('article').filter({ hasText: 'Foul words' })).toContainText('Hate');
  await inspectBoth(mia, 'moderation-queue');
  await mia.page.getByRole('link', { name: 'Post by Bob Reed' }).click();
  await expect(mia.page.getByText('Please look')).toBeVisible();
  await inspectBoth(mia, 'moderation-case');
  await mia.page.getByRole('button', { name: 'What to do' }).click();
  await mia.page.getByRole('radio', { name: 'Suspend the account' }).check();
  await inspect(mia.page, 'moderation-decide');
  await mia.page.getByRole('radio', { name: 'Remove it' }).check();
  await mia.page.getByLabel('Note').fill('Be kind here.');
  await mia.page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
  await expect(mia.page.getByText('It was removed')).toBeVisible();
  await expect(cyd.card('Foul words')).toHaveCount(0);

  // The author is told which rule, and says something against it, once.
  await bob.page.goto('/');
  const notice = bob.page.getByRole('region', { name: 'From the people who run this server' });
  await expect(notice).toContainText('Something of yours was removed: Hate.');
  await expect(notice).toContainText('Be kind here.');
  await inspectBoth(bob, 'notice');
  await notice.getByRole('button', { name: 'Say something against it' }).click();
  await bob.page.getByLabel('What is wrong with it').fill('It was a joke');
  await bob.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(notice).toContainText('You have asked to look at it again.');
  await notice.getByRole('button', { name: 'Understood' }).click();
  await expect(notice).toHaveCount(0);

  await mia.page.goto('/moderation');
  await expect(mia.page.getByRole('article').filter({ hasText: 'It was a joke' })).toContainText('Appeal by Bob Reed');
  await mia.page.getByText('Log', { exact: true }).click();
  await expect(mia.page.getByText('Removed something by Bob Reed')).toBeVisible();
  await inspect(mia.page, 'moderation-log');

  // Nobody else gets there.
  await cyd.page.goto('/moderation');
  await expect(cyd.page.getByRole('heading', { name: 'Moderation' })).toHaveCount(0);
});

test('a suspended account reads and does not write', async ({ person, inspect }) => {
  const olga = await person('Olga Stone');
  const bob = await person('Bob Reed');
  await bob.post('Hello there');
  await olga.page.goto('/people/bob');
  await olga.page
    .getByRole('button', { name: /More about Bob Reed/ })
    .first()
    .click();
  await olga.page.getByRole('menuitem', { name: 'Report…' }).click();
  await olga.page.getByRole('radio', { name: 'Spam' }).check();
  await olga.page.getByRole('dialog').getByRole('button', { name: 'Report', exact: true }).click();
  await olga.page.goto('/moderation');
  await olga.page.getByRole('link', { name: 'Account of Bob Reed' }).click();
  await olga.page.getByRole('button', { name: 'What to do' }).click();
  await olga.page.getByRole('radio', { name: 'Suspend the account' }).check();
  await olga.page.getByRole('dialog').getByRole('button', { name: 'Suspend the account' }).click();
  await expect(olga.page.getByText('The account was suspended')).toBeVisible();

  await bob.page.goto('/new');
  await expect(bob.page.getByRole('region', { name: 'From the people who run this server' })).toContainText('suspended until');
  await bob.page.getByLabel('Text of the post').fill('Me again');
  await bob.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(bob.page.getByText('Your account is suspended for a time.').last()).toBeVisible();
  await inspect(bob.page, 'suspended');
  await bob.page.goto('/');
  await expect(bob.card('Hello there')).toBeVisible();
});

test('a picture is taken away, and a comment', async ({ person, inspect }) => {
  const olga = await person('Olga Stone');
  const bob = await person('Bob Reed');
  const ask = (who: Person, method: string, path: string, body?: object) =>
    who.page.evaluate(
      async ([method, path, body]) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
        const text = await answer.text();
        return text ? (JSON.parse(text) as Record<string, string>) : {};
      },
      [method, path, body] as const
    );
  const report = (target: object) => ask(olga, 'POST', '/api/reports/public', { report_id: crypto.randomUUID(), target, reason: 'hate' });
  const remove = async (name: string, action: string) => {
    await olga.page.goto('/moderation');
    await olga.page.getByRole('link', { name }).click();
    await olga.page.getByRole('button', { name: 'What to do' }).click();
    await olga.page.getByRole('radio', { name: action }).check();
    await inspect(olga.page, 'moderation-remove');
    await olga.page.getByRole('dialog').getByRole('button', { name: action }).click();
  };
  await bob.page.goto('/settings');
  const chooser = bob.page.waitForEvent('filechooser');
  await bob.page.getByRole('button', { name: 'Choose a picture' }).click();
  await (await chooser).setFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: await photo(bob.page, 20) });
  await expect(bob.page.getByText('Picture saved.').first()).toBeVisible();
  const { account_id } = await ask(bob, 'GET', '/api/me');
  const post_id = crypto.randomUUID();
  const comment_id = crypto.randomUUID();
  await ask(olga, 'POST', '/api/posts', { post_id, text: 'Hello there', audience: { kind: 'public' } });
  await ask(bob, 'POST', `/api/posts/${post_id}/comments`, { comment_id, text: 'Foul words' });

  await report({ kind: 'account', account_id });
  await remove('Account of Bob Reed', 'Remove the picture');
  await expect(olga.page.getByText('The picture was removed')).toBeVisible();
  await report({ kind: 'comment', comment_id });
  await remove('Comment by Bob Reed', 'Remove it');
  await expect(olga.page.getByText('It was removed')).toBeVisible();
  await olga.page.goto(`/posts/${post_id}`);
  await expect(olga.page.getByText('Hello there')).toBeVisible();
  await expect(olga.page.getByText('Foul words')).toHaveCount(0);

  await bob.page.goto('/');
  const notice = bob.page.getByRole('region', { name: 'From the people who run this server' });
  await expect(notice).toContainText('Something of yours was removed: Hate.');
  await notice.getByRole('button', { name: 'Understood' }).click();
  await expect(notice).toContainText('A picture of yours was removed: Hate.');
  await bob.page.goto('/people/bob');
  await expect(bob.page.locator('main .avatar').first()).toBeVisible();
  await expect(bob.page.locator('main .avatar img')).toHaveCount(0);
});
