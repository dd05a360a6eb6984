import { expect, test, type Person } from './fixtures.ts';

test('answers, mentions, reactions, edits and deletions', async ({ person, inspect, form }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Supper');
  await anna.say('Soup or bread?');
  await expect(ben.bubble('Soup or bread')).toBeVisible();

  // An answer that names her.
  if (form === 'phone') await ben.swipe('Soup or bread');
  else await ben.does('Soup or bread', 'Reply');
  const box = ben.page.getByRole('textbox', { name: /^Message to/ });
  await expect(box).toBeFocused();
  await expect(ben.page.getByRole('button', { name: 'Cancel reply' })).toBeVisible();
  await box.pressSequentially('Both, @ber');
  await expect(ben.page.getByRole('option', { name: /Anna Berg/ })).toBeVisible();
  await inspect(ben.page, 'messages-mention');
  await box.press('Enter');
  await expect(box).toHaveValue('Both, @anna ');
  await box.pressSequentially('please');
  await ben.page.getByRole('button', { name: 'Send' }).click();
  await expect(anna.bubble('Both').getByRole('link', { name: '@Anna Berg' })).toBeVisible();

  const both = /(Anna Berg and Ben Ruiz|Ben Ruiz and Anna Berg)$/;
  // Reactions: from the menu, by the chip, from the set.
  if (form === 'phone') await anna.hold('Both,');
  else await anna.bubble('Both,').locator('.bubble').click({ button: 'right' });
  await inspect(anna.page, 'messages-menu');
  await anna.page.getByRole('menuitemcheckbox', { name: '👍' }).click();
  await ben.bubble('Both').getByRole('button', { name: '👍 from Anna Berg' }).click();
  await expect(anna.bubble('Both').getByRole('button', { name: both })).toHaveAttribute('aria-pressed', 'true');
  await anna.does('Both', 'Choose an emoji');
  await anna.page.getByRole('searchbox', { name: 'Search emoji' }).fill('cheese');
  await inspect(anna.page, 'messages-emoji');
  await anna.page.getByRole('dialog').getByRole('button', { name: /🧀/ }).click();
  await expect(ben.bubble('Both').getByRole('button', { name: '🧀 from Anna Berg' })).toBeVisible();
  await anna.does('Both', 'Info');
  await expect(anna.page.getByRole('dialog').getByText(both)).toBeVisible();
  await inspect(anna.page, 'messages-info');
  await anna.page.keyboard.press('Escape');
  await ben
    .bubble('Both')
    .getByRole('button', { name: /👍 from/ })
    .click();
  await expect(anna.bubble('Both').getByRole('button', { name: '👍 from Anna Berg', exact: true })).toBeVisible();

  // The newest of one's own by arrow key, changed.
  await box.focus();
  await box.press('ArrowUp');
  await expect(box).toHaveValue('Both, @anna please');
  await box.fill('Both, @anna, and thank you');
  await ben.page.getByRole('button', { name: 'Save' }).click();
  await expect(anna.bubble('thank you').getByText('edited')).toBeVisible();
  await expect(box).toHaveValue('');

  await anna.page.getByRole('button', { name: 'Go to the original message' }).click();
  await expect(anna.bubble('Soup or bread').first()).toHaveClass(/flash/);
  await inspect(anna.page, 'messages-chat');

  await anna
    .bubble('Soup or bread')
    .first()
    .getByRole('button', { name: /^What to do/ })
    .press('Enter');
  await anna.page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete for everyone' }).click();
  await expect(ben.page.getByRole('log').getByText('This message was deleted')).toHaveCount(2);
  await anna.does('thank you', 'Delete for everyone');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete for everyone' }).click();
  await expect(ben.bubble('Deleted by Anna Berg')).toBeVisible();
  await expect(ben.page.getByText('thank you')).toHaveCount(0);

  await ben.page.goto('/chats');
  await anna.page.getByRole('textbox', { name: /^Message to/ }).pressSequentially('Hello @ben');
  await anna.page.keyboard.press('Escape');
  await anna.page.getByRole('button', { name: 'Send' }).click();
  await expect(ben.page.getByRole('link', { name: /Supper.*1 unread mention of you/ })).toBeVisible();
});

test('polls, pins, drafts and quiet', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Walk');

  await anna.page.getByRole('button', { name: 'Add to the message' }).click();
  await anna.page.getByRole('menuitem', { name: 'Poll' }).click();
  await anna.page.getByLabel('Question', { exact: true }).fill('Which day suits you?');
  await anna.page.getByRole('textbox', { name: 'Answer 1' }).fill('Friday');
  await anna.page.getByRole('textbox', { name: 'Answer 2' }).fill('Friday');
  await expect(anna.page.getByText('Two answers are the same.')).toBeVisible();
  await anna.page.getByRole('textbox', { name: 'Answer 2' }).fill('Saturday');
  await anna.page.getByRole('button', { name: 'Add an answer' }).click();
  await expect(anna.page.getByRole('textbox', { name: 'Answer 3' })).toBeFocused();
  await anna.page.getByRole('textbox', { name: 'Answer 3' }).fill('Sunday, if it stays dry');
  await anna.page.getByRole('switch', { name: 'Several answers allowed' }).check();
  await inspect(anna.page, 'messages-poll-sheet');
  await anna.page.getByRole('button', { name: 'Start poll' }).click();

  const options = (one: Person) => one.page.getByRole('group', { name: 'Which day suits you?' });
  await options(ben)
    .getByRole('button', { name: /^Saturday/ })
    .click();
  await options(ben)
    .getByRole('button', { name: /^Sunday/ })
    .click();
  await options(anna)
    .getByRole('button', { name: /^Saturday/ })
    .click();
  await expect(options(ben).getByRole('button', { name: 'Saturday, 2 votes' })).toHaveAttribute('aria-pressed', 'true');
  await options(ben)
    .getByRole('button', { name: /^Saturday/ })
    .click();
  await expect(options(anna).getByRole('button', { name: 'Saturday, 1 vote' })).toBeVisible();
  await expect(options(anna).getByText('2 people voted')).toBeVisible();
  await inspect(ben.page, 'messages-poll');
  await anna.does('Which day', 'End poll');
  await expect(options(ben).getByText('Final results')).toBeVisible();
  await expect(options(ben).getByRole('button', { name: /^Friday/ })).toBeDisabled();

  await anna.say('Meet at the old bridge');
  await anna.does('old bridge', 'Pin');
  await anna.does('Which day', 'Pin');
  const bar = ben.page.getByRole('region', { name: 'Pinned message' });
  await expect(bar.getByText('Pinned message 1 of 2')).toBeVisible();
  await bar.getByRole('button').click();
  await expect(bar.getByText('Pinned message 2 of 2')).toBeVisible();
  await bar.getByRole('button').click();
  await expect(ben.bubble('old bridge')).toHaveClass(/flash/);
  await expect(ben.page.getByRole('button', { name: 'Unpin' })).toHaveCount(0);
  await anna.page.getByRole('button', { name: 'Unpin' }).click();
  await anna.page.getByRole('button', { name: 'Unpin' }).click();
  await expect(bar).toHaveCount(0);

  const box = ben.page.getByRole('textbox', { name: /^Message to/ });
  await ben.does('old bridge', 'Reply');
  await box.fill('I may be late, because');
  await ben.page.goto('/chats');
  await expect(ben.page.getByRole('link', { name: /Walk.*Draft:.*I may be late/ })).toBeVisible();
  await ben.page.getByRole('link', { name: /Walk/ }).click();
  await expect(box).toHaveValue('I may be late, because');
  await expect(ben.page.getByRole('button', { name: 'Cancel reply' })).toBeVisible();

  await ben.page.getByRole('button', { name: 'More about this chat' }).click();
  await ben.page.getByRole('menuitem', { name: 'Mute' }).click();
  await inspect(ben.page, 'messages-mute');
  await ben.page.getByRole('button', { name: 'For 8 hours' }).click();
  await expect(ben.page.getByRole('main').getByRole('img', { name: 'Muted' })).toBeVisible();
  await ben.page.getByRole('button', { name: 'More about this chat' }).click();
  await ben.page.getByRole('menuitem', { name: 'Unmute' }).click();
  await expect(ben.page.getByRole('main').getByRole('img', { name: 'Muted' })).toHaveCount(0);
});

test('unread, search and a day, far up in the chat', async ({ person, inspect, form }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.gather([ben], 'Log');
  await ben.page.goto('/people');
  await anna.say('A red kite over the barn');
  const LINES = 100;
  for (let line = 1; line <= LINES; line++) await anna.say(`Day ${line}: nothing but starlings`);
  await ben.page.goto('/chats');
  await expect(ben.page.getByRole('link', { name: /Log.*101 unread messages/ })).toBeVisible();

  // Opened where reading stopped.
  await ben.page.getByRole('link', { name: /Log/ }).click();
  await expect(ben.bubble('red kite')).toBeInViewport();
  await expect(ben.page.getByText('New messages', { exact: true })).toBeInViewport();
  await expect(ben.page.getByRole('button', { name: /^\d+ new$/ })).toBeVisible();
  await inspect(ben.page, 'messages-unread');
  await ben.page.getByRole('button', { name: /^\d+ new$/ }).click();
  await expect(ben.bubble(`Day ${LINES}:`)).toBeInViewport();
  await expect(ben.page.getByRole('button', { name: /new$|newest/ })).toHaveCount(0);

  // Found, and shown among its neighbours.
  await ben.page.getByRole('button', { name: 'Search in this chat' }).click();
  await ben.page.getByRole('searchbox', { name: 'Search in this chat' }).fill('RED kit');
  await expect(ben.page.getByRole('list', { name: 'Results' }).locator('mark')).toHaveText(['red', 'kite']);
  await inspect(ben.page, 'messages-search');
  await ben.page.getByRole('list', { name: 'Results' }).getByRole('button').click();
  await expect(ben.bubble('red kite')).toBeInViewport();
  await expect(ben.bubble('Day 1:')).toBeVisible();
  await expect(ben.bubble(`Day ${LINES}:`)).toHaveCount(0);
  // Down from there without a jump: what follows comes in below.
  const log = ben.page.getByRole('log');
  await log.hover();
  for (let turn = 0; turn < 60 && !(await ben.bubble(`Day ${LINES}:`).isVisible()); turn++) {
    await ben.page.mouse.wheel(0, 600);
    await ben.page.waitForTimeout(60);
  }
  await expect(ben.bubble(`Day ${LINES}:`)).toBeVisible();
  await expect.poll(() => log.evaluate((element) => element.querySelectorAll('[data-id]').length)).toBeLessThan(80);

  await ben.page.getByRole('button', { name: 'More about this chat' }).click();
  await ben.page.getByRole('menuitem', { name: 'Go to date' }).click();
  await inspect(ben.page, 'messages-date');
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Go', exact: true }).click();
  await expect(ben.page.getByText('You joined')).toBeInViewport();
  // One's own words are always said at the end.
  await ben.say('I saw it too');
  await expect(ben.bubble('I saw it too')).toBeInViewport();

  if (form === 'phone') await ben.page.getByRole('link', { name: 'Back' }).click();
  const list = form === 'phone' ? ben.page.getByRole('main') : ben.page.getByRole('complementary');
  await list.getByRole('searchbox', { name: 'Search messages' }).fill('starlings 42');
  await expect(list.getByRole('list', { name: 'Results' }).getByRole('button')).toHaveCount(1);
  await inspect(ben.page, 'messages-search-all');
  await list.getByRole('list', { name: 'Results' }).getByRole('button').click();
  await expect(ben.bubble('Day 42:')).toBeInViewport();
  await expect(ben.bubble('Day 42:')).toHaveClass(/flash/);
});

test('writing and having read, among friends', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await ben.befriend(anna);
  await anna.befriend(ben);
  await anna.gather([ben], 'Duet');
  const box = ben.page.getByRole('textbox', { name: /^Message to/ });
  // A sign of typing that finds its reader busy is gone; the next one comes while one goes on.
  await expect(async () => {
    await box.pressSequentially('Hm, ');
    await expect(anna.page.getByRole('main').getByText('Ben Ruiz is typing…')).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await inspect(anna.page, 'messages-typing');
  await box.fill('Shall we begin?');
  await ben.page.getByRole('button', { name: 'Send' }).click();
  await expect(anna.bubble('Shall we begin')).toBeVisible();
  await expect(anna.page.getByText('Ben Ruiz is typing…')).toHaveCount(0);
  await anna.page.bringToFront();
  await ben.page.bringToFront();
  await expect(ben.bubble('Shall we begin').getByRole('img', { name: 'Read by 1 person' })).toBeVisible();
  await ben.does('Shall we begin', 'Info');
  await expect(ben.page.getByRole('dialog').getByRole('link', { name: /Anna Berg/ })).toBeVisible();
  await ben.page.keyboard.press('Escape');

  await ben.page.getByRole('button', { name: 'More about this chat' }).click();
  await ben.page.getByRole('menuitem', { name: 'Read receipts' }).click();
  await ben.page.getByRole('radio', { name: /^Never/ }).check();
  await inspect(ben.page, 'messages-receipts');
  await ben.page.keyboard.press('Escape');
  await ben.page.goto('/settings');
  const typing = ben.page.getByRole('switch', { name: 'Typing' });
  await expect(typing).toBeChecked();
  await typing.uncheck();
  await ben.page.reload();
  await expect(typing).not.toBeChecked();
});
