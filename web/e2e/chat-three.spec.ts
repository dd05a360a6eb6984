import { expect, test, type Person } from './fixtures.ts';
import { attach, bytes, film, photo, photoOf, saved, send, tone } from './media.ts';
import { choose, closeAll, composer, line, menu, three } from './three.ts';

// Each feature of private chats once, among two at their desks and one with a phone.

test.use({ form: 'desktop', scheme: 'light' });
test.describe.configure({ timeout: 240_000 });

test('a door for a list: asked, answered under seal, withdrawn, declined, admitted by rule', async ({ person, inspectBoth }) => {
  const [anna, ben, cleo] = await three(person);
  for (const guest of [ben, cleo]) {
    await guest.befriend(anna);
    await anna.befriend(guest);
  }
  await anna.page.goto('/lists');
  await anna.page.getByRole('button', { name: 'New list' }).click();
  await anna.page.getByLabel('Name of the list').fill('Garden circle');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await anna.page.getByRole('button', { name: 'Add friends' }).click();
  await anna.page.getByRole('checkbox', { name: /Ben Ruiz/ }).check();
  await anna.page.getByRole('button', { name: 'Add 1 friend' }).click();
  await expect(anna.page.getByRole('link', { name: /Ben Ruiz/ })).toBeVisible();

  await anna.post('Who helps with the winter beds?', {
    chat: 'Winter beds',
    audience: 'Some lists',
    list: 'Garden circle',
    terms: async (page) => {
      await page.getByText('After approval').click();
      await page.getByRole('button', { name: 'Add a question' }).click();
      await page.getByLabel('Question 1', { exact: true }).fill('What do you bring?');
    }
  });
  const ask = async (guest: Person, answer: string) => {
    await guest.card('Winter beds').getByRole('button', { name: 'Ask to join' }).click();
    await guest.page.getByLabel('What do you bring?').fill(answer);
    if (guest === cleo) await inspectBoth(cleo, 'three-door-answers');
    await guest.page.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
    await expect(guest.card('Winter beds').getByText('Requested', { exact: true })).toBeVisible();
  };
  await ben.page.goto('/');
  await ask(ben, 'Leeks');
  await ben.card('Winter beds').getByRole('button', { name: 'Withdraw' }).click();
  await ask(ben, 'Leeks, and a spade');

  // Not on the list, nothing to see; put on it later, the same post is there.
  await cleo.page.goto('/');
  await expect(cleo.page.getByText('It’s quiet here')).toBeVisible();
  await anna.page.goto('/people/cleo');
  await anna.page.getByRole('checkbox', { name: 'Garden circle' }).check();
  await expect(async () => {
    await cleo.page.reload();
    await expect(cleo.card('Winter beds')).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await ask(cleo, 'Two hands');
  await inspectBoth(cleo, 'three-door-requested');

  await anna.page.goto('/');
  await anna.card('Winter beds').getByRole('link', { name: '2 people are waiting' }).click();
  await expect(anna.page.getByText('Leeks, and a spade')).toBeVisible();
  await expect(anna.page.getByText('Two hands')).toBeVisible();
  await inspectBoth(anna, 'three-door-queue');
  await anna.page.getByRole('button', { name: 'Decline Ben Ruiz' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'There’s no room left.' }).click();
  await expect(ben.card('Winter beds').getByText('There’s no room left.')).toBeVisible();
  await inspectBoth(ben, 'three-door-declined');
  await anna.page.getByRole('button', { name: 'By rule' }).click();
  await anna.page.getByRole('radio', { name: 'Everyone on my list “Garden circle”' }).check();
  await inspectBoth(anna, 'three-door-rule');
  await anna.page.getByRole('button', { name: 'Admit them all' }).click();
  await expect(anna.page.getByText('Nobody is waiting')).toBeVisible();

  // In without a second tap.
  await cleo.card('Winter beds').getByRole('link', { name: 'Open chat' }).click();
  await cleo.say('Hello from the phone');
  await anna.page.goto('/');
  await anna.card('Winter beds').getByRole('link', { name: 'Open chat' }).click();
  await expect(anna.bubble('Hello from the phone')).toBeVisible();
});

test('what was written before is on its way, from whoever is there; found by unread line, word and day', async ({
  person,
  inspectBoth
}) => {
  const [anna, ben, cleo] = await three(person);
  await anna.gather([ben], 'Harbour');
  await anna.about();
  await anna.page.getByRole('button', { name: 'Chat settings' }).click();
  await choose(anna, 'What newcomers see', 'Everything since the post');
  await expect(line(ben, 'Anna Berg changed what newcomers see: Everything since the post')).toBeVisible();
  await closeAll(anna);
  await anna.say('A grey heron on the jetty');
  const LINES = 24;
  for (let day = 1; day <= LINES; day++) await ben.say(`Day ${day}: two boats in, one boat out, and a lot of rain in between`);
  await expect(anna.bubble(`Day ${LINES}:`)).toBeVisible();
  const harbour = ben.page.url();
  for (const away of [anna, ben]) await away.page.goto('about:blank');

  await cleo.join('Harbour');
  await expect(cleo.page.getByText(/^Earlier messages are on their way/)).toBeVisible();
  await inspectBoth(cleo, 'three-history-pending');
  // No host is needed to pass it on.
  await ben.page.goto(harbour);
  await expect(cleo.bubble(`Day ${LINES}:`)).toBeVisible();
  await expect(cleo.page.getByText(/^Earlier messages are on their way/)).toHaveCount(0);
  await expect(cleo.bubble(`Day ${LINES}:`).getByRole('button', { name: 'Passed on by Ben Ruiz' })).toBeVisible();
  await inspectBoth(cleo, 'three-history-here');

  // Away for a while: opened where reading stopped.
  await cleo.page.getByRole('link', { name: 'Back' }).click();
  for (let hour = 1; hour <= 12; hour++) await ben.say(`Hour ${hour}: still raining on the harbour, and nobody goes out`);
  await expect(cleo.page.getByRole('link', { name: /Harbour.*12 unread messages/ })).toBeVisible();
  await cleo.page.getByRole('link', { name: /Harbour/ }).click();
  await expect(cleo.page.getByText('New messages', { exact: true })).toBeInViewport();
  await expect(cleo.bubble('Hour 1:')).toBeInViewport();
  await inspectBoth(cleo, 'three-unread');
  await cleo.page.getByRole('button', { name: /^\d+ new$|newest/ }).click();
  await expect(cleo.bubble('Hour 12:')).toBeInViewport();

  await cleo.page.getByRole('button', { name: 'Search in this chat' }).click();
  await cleo.page.getByRole('searchbox', { name: 'Search in this chat' }).fill('grey heron');
  await expect(cleo.page.getByRole('list', { name: 'Results' }).getByRole('button')).toHaveCount(1);
  await inspectBoth(cleo, 'three-search');
  await cleo.page.getByRole('list', { name: 'Results' }).getByRole('button').click();
  await expect(cleo.bubble('A grey heron')).toBeInViewport();
  await cleo.page.getByRole('button', { name: 'Jump to the newest message' }).click();
  await expect(cleo.bubble('Hour 12:')).toBeInViewport();
  await menu(cleo, 'Go to date');
  await inspectBoth(cleo, 'three-date');
  await cleo.page.getByRole('dialog').getByRole('button', { name: 'Go', exact: true }).click();
  await expect(cleo.bubble('A grey heron')).toBeInViewport();
});

test('words: typing, names, replies, reactions, edits, deletions, polls, pins, receipts, quiet, drafts', async ({
  person,
  inspectBoth
}) => {
  const [anna, ben, cleo] = await three(person);
  await anna.gather([ben, cleo], 'Supper');

  await expect(async () => {
    for (const writer of [anna, ben]) await composer(writer).pressSequentially('Hm, ');
    await expect(cleo.page.getByRole('main').getByText('2 people are typing…')).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await inspectBoth(cleo, 'three-typing');
  for (const writer of [anna, ben]) await composer(writer).fill('');

  await composer(ben).pressSequentially('Soup or bread, @cl');
  await expect(ben.page.getByRole('option', { name: /Cleo Marsh/ })).toBeVisible();
  await inspectBoth(ben, 'three-mention');
  await composer(ben).press('Enter');
  await composer(ben).press('Enter');
  await expect(cleo.bubble('Soup or bread').getByRole('link', { name: '@Cleo Marsh' })).toBeVisible();
  await cleo.swipe('Soup or bread');
  await composer(cleo).fill('Soup, with the bread in it');
  await inspectBoth(cleo, 'three-reply');
  await send(cleo);
  const quote = anna.bubble('with the bread').getByRole('button', { name: 'Go to the original message' });
  await expect(quote).toContainText('Ben Ruiz');

  await cleo.hold('Soup or bread');
  await inspectBoth(cleo, 'three-menu');
  await cleo.page.getByRole('menuitemcheckbox', { name: '❤️' }).click();
  await anna.bubble('Soup or bread').first().getByRole('button', { name: '❤️ from Cleo Marsh' }).click();
  const both = /^❤️ from (Cleo Marsh and Anna Berg|Anna Berg and Cleo Marsh)$/;
  await expect(ben.bubble('Soup or bread').first().getByRole('button', { name: both })).toContainText('2');

  await composer(ben).press('ArrowUp');
  await composer(ben).fill('Soup or dumplings, @cleo?');
  await ben.page.getByRole('button', { name: 'Save' }).click();
  await expect(cleo.bubble('dumplings').first().getByText('edited')).toBeVisible();
  await ben.say('Wrong chat, sorry');
  await anna.does('Wrong chat', 'Delete for everyone');
  await inspectBoth(anna, 'three-delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete for everyone' }).click();
  await expect(cleo.bubble('Deleted by Anna Berg')).toBeVisible();

  await anna.page.getByRole('button', { name: 'Add to the message' }).click();
  await anna.page.getByRole('menuitem', { name: 'Poll' }).click();
  await anna.page.getByLabel('Question', { exact: true }).fill('Which day suits you all?');
  await anna.page.getByRole('textbox', { name: 'Answer 1' }).fill('Friday');
  await anna.page.getByRole('textbox', { name: 'Answer 2' }).fill('Saturday, from noon until whenever the pot is empty');
  await anna.page.getByRole('button', { name: 'Start poll' }).click();
  for (const voter of [ben, cleo]) await voter.page.getByRole('button', { name: /^Saturday/ }).click();
  await expect(anna.page.getByText('2 people voted')).toBeVisible();
  await anna.does('Which day', 'Pin');
  await expect(cleo.page.getByRole('region', { name: 'Pinned message' })).toBeVisible();
  await inspectBoth(cleo, 'three-poll');
  await anna.does('Which day', 'End poll');
  await expect(cleo.page.getByText('Final results')).toBeVisible();

  await menu(cleo, 'Read receipts');
  await cleo.page.getByRole('radio', { name: /^Always/ }).check();
  await inspectBoth(cleo, 'three-receipts');
  await closeAll(cleo);
  await anna.about();
  await anna.page.getByRole('button', { name: 'Chat settings' }).click();
  await choose(anna, 'Messages disappear', 'After 5 minutes');
  await expect(line(cleo, 'Anna Berg set messages to disappear after 5 minutes')).toBeVisible();
  await closeAll(anna);

  const link = 'https://soup.example/recipes/onion';
  await anna.context.route('**/api/link-preview', (route) =>
    route.fulfill({ json: { url: link, title: 'Onion soup', description: 'For eight, in an hour.' } })
  );
  await composer(anna).fill(`This one: ${link}`);
  await expect(anna.page.getByRole('group', { name: 'Preview of the link' }).getByText('Onion soup')).toBeVisible();
  await inspectBoth(anna, 'three-preview-draft');
  await send(anna);
  await expect(cleo.bubble('This one').getByRole('link', { name: /Onion soup/ })).toBeVisible();
  await expect(cleo.bubble('This one').getByRole('img', { name: /^Disappears/ })).toBeVisible();
  await expect(anna.bubble('This one').getByRole('img', { name: 'Read by 1 person' })).toBeVisible();
  await inspectBoth(anna, 'three-words');
  await inspectBoth(cleo, 'three-words');

  await menu(cleo, 'Mute');
  await cleo.page.getByRole('button', { name: 'For 8 hours' }).click();
  await expect(cleo.page.getByRole('main').getByRole('img', { name: 'Muted' })).toBeVisible();
  await composer(cleo).fill('I could bring the');
  await cleo.page.getByRole('link', { name: 'Back' }).click();
  await expect(cleo.page.getByRole('link', { name: /Supper.*Draft:.*I could bring the/ })).toBeVisible();
  await inspectBoth(cleo, 'three-chats');
});

test('files: photo, video, sound, voice and any other, stopped halfway and going on', async ({ person, inspectBoth }) => {
  const [anna, ben, cleo] = await three(person);
  await anna.gather([ben, cleo], 'Lake');
  await expect.poll(() => ben.page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);

  await attach(cleo, 'Photo or video', { name: 'lake.jpg', mimeType: 'image/jpeg', buffer: await photo(cleo.page, 200) });
  await composer(cleo).fill('The lake this morning');
  await expect(cleo.page.getByRole('list', { name: 'Files to send' }).getByText('lake.jpg')).toBeVisible();
  await inspectBoth(cleo, 'three-files-tray');
  await send(cleo);
  for (const reader of [anna, ben]) await expect(reader.bubble('this morning').locator('img[src^="blob:"]')).toBeVisible();

  await attach(anna, 'Photo or video', { name: 'ball.webm', mimeType: 'video/webm', buffer: await film(anna.page) });
  await send(anna);
  const video = cleo.page.getByRole('log').getByRole('button', { name: /^Video: ball\.webm/ });
  await expect(video.locator('img')).toBeVisible();
  await attach(anna, 'File', { name: 'tone.wav', mimeType: 'audio/wav', buffer: tone() });
  await send(anna);
  await ben.page.getByRole('button', { name: 'Play tone.wav' }).click();
  await expect(ben.page.getByRole('slider', { name: 'Position in tone.wav' })).toBeEnabled();

  await cleo.page.getByRole('button', { name: 'Record a voice message' }).click();
  await expect(cleo.page.getByRole('timer')).toHaveText('0:02');
  await inspectBoth(cleo, 'three-files-recording');
  await cleo.page.getByRole('button', { name: 'Send voice message' }).click();
  await ben.page.getByRole('button', { name: 'Play Voice message' }).click();
  await expect(ben.page.getByRole('button', { name: 'Pause Voice message' })).toBeVisible();

  // Without a network it waits, with how far it is, over a reload too; back again it goes on.
  const plan = bytes(1_500_000);
  await ben.context.setOffline(true);
  await expect(ben.page.getByText(/You’re offline/)).toBeVisible();
  await attach(ben, 'File', { name: 'Plan of the boat house.pdf', mimeType: 'application/pdf', buffer: plan });
  await send(ben);
  await expect(ben.bubble('Plan of').getByRole('button', { name: 'Cancel' })).toBeVisible();
  await ben.page.reload();
  await expect(ben.bubble('Plan of').getByRole('progressbar')).toBeVisible();
  await inspectBoth(ben, 'three-files-waiting');
  await ben.context.setOffline(false);
  await expect(cleo.page.getByRole('button', { name: 'Save Plan of the boat house.pdf' })).toBeVisible();
  expect((await saved(cleo, 'Plan of the boat house.pdf')).equals(plan)).toBe(true);
  await inspectBoth(anna, 'three-files');
  await inspectBoth(cleo, 'three-files');

  const viewer = cleo.page.getByRole('dialog', { name: 'Picture' });
  await photoOf(cleo, 'lake.jpg').scrollIntoViewIfNeeded();
  // A list that is still being measured may swallow the first press.
  await expect(async () => {
    if (!(await viewer.isVisible())) await photoOf(cleo, 'lake.jpg').click();
    await expect(viewer.getByRole('status')).toHaveText('1 of 2', { timeout: 5_000 });
  }).toPass();
  await inspectBoth(cleo, 'three-files-viewer');
  await viewer.getByRole('button', { name: 'Next picture' }).click();
  await expect(viewer.locator('video')).toBeVisible();
  await inspectBoth(cleo, 'three-files-video');
  await closeAll(cleo);
  await menu(cleo, 'Photos and files');
  const gallery = cleo.page.getByRole('dialog', { name: 'Photos and files' });
  await expect(gallery.getByRole('button', { name: 'Photo: lake.jpg' })).toBeVisible();
  await expect(gallery.getByRole('button', { name: /^Video: ball\.webm/ })).toBeVisible();
  await inspectBoth(cleo, 'three-files-gallery');
});
