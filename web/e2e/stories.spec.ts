import type { Locator, Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.ts';
import { photo } from './media.ts';

type Point = { x: number; y: number };
const frame = (page: Page) => page.getByRole('group', { name: 'Your story' });
const bar = (page: Page) => page.getByRole('navigation', { name: 'Stories' });
const story = (page: Page, by: string) => page.getByRole('dialog', { name: `Story by ${by}` });
const middle = async (locator: Locator) => {
  const box = (await locator.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};

/** Drags to a point by the mouse, which a finger is on a phone too. */
async function drag(page: Page, what: Locator, to: { x: number; y: number }): Promise<void> {
  const from = await middle(what);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

/** Two fingers go from where they are put down to where they are lifted, together. */
async function pinch(page: Page, from: Point[], to: Point[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints.map((point, id) => ({ ...point, id })) });
  const steps = 6;
  const way = (share: number) =>
    from.map(({ x, y }, finger) => ({ x: x + (to[finger]!.x - x) * share, y: y + (to[finger]!.y - y) * share }));
  for (let count = 1; count <= from.length; count++) await send('touchStart', from.slice(0, count));
  for (let step = 1; step <= steps; step++) await send('touchMove', way(step / steps));
  await send('touchEnd', []);
  await session.detach();
}

/** How a layer stands on its frame: its middle in shares of the frame, how much larger it is than it was made, and its turn. */
const standing = (layer: Locator, frame: Locator) =>
  frame.elementHandle().then((around) =>
    layer.evaluate((element, around) => {
      const box = element.getBoundingClientRect();
      const frame = (around as Element).getBoundingClientRect();
      const { a, b } = new DOMMatrix(getComputedStyle(element.closest('.place')!).transform);
      return {
        x: (box.x + box.width / 2 - frame.x) / frame.width,
        y: (box.y + box.height / 2 - frame.y) / frame.height,
        scale: Math.hypot(a, b),
        degrees: (Math.atan2(b, a) * 180) / Math.PI
      };
    }, around)
  );

async function addText(page: Page, words: string): Promise<void> {
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill(words);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: `Text: ${words}` })).toBeVisible();
}

async function addJoin(page: Page, title: string, approval = false): Promise<void> {
  await page.getByRole('button', { name: 'Join chat' }).click();
  const sheet = page.getByRole('dialog', { name: 'Join chat' });
  await sheet.getByLabel('Name of the chat').fill(title);
  if (approval) {
    await sheet.getByRole('button', { name: /How people join/ }).click();
    await page.getByRole('radio', { name: /^After approval/ }).check();
    await page.getByRole('dialog').last().getByRole('button', { name: 'Done' }).click();
  }
  await sheet.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: `Join sticker: ${title}` })).toBeVisible();
}

/** For everyone on the server. */
async function share(person: Person): Promise<void> {
  await person.page.getByRole('button', { name: /Who can see this/ }).click();
  await person.page.getByRole('radio', { name: /^Everyone here/ }).check();
  await person.page.getByRole('button', { name: 'Done' }).click();
  await person.page.getByRole('button', { name: 'Share story' }).click();
  await expect(person.page).toHaveURL('/');
}

test('a story leads into a chat by its sticker, and its author sees who came', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const { page } = anna;
  await bar(page).getByRole('link', { name: 'Your story' }).click();
  await expect(page.getByRole('heading', { name: 'New story' })).toBeVisible();
  await page.getByRole('radio', { name: 'Dusk' }).check();
  await addText(page, 'Who is in for Saturday?');
  await addJoin(page, 'Saturday at the lake');
  const sticker = page.getByRole('button', { name: /^Join sticker/ });
  const box = (await frame(page).boundingBox())!;
  const wanted = { x: box.x + box.width / 2, y: box.y + box.height * 0.72 };
  await drag(page, sticker, wanted);
  expect((await middle(sticker)).y).toBeGreaterThan(wanted.y - 12);
  expect((await middle(sticker)).y).toBeLessThan(wanted.y + 12);
  await inspect(page, 'story-editor');
  await share(anna);

  await ben.page.goto('/');
  await expect(bar(ben.page).getByRole('link', { name: 'Anna Berg, 1 new story' })).toBeVisible();
  await inspect(ben.page, 'story-bar');
  await bar(ben.page).getByRole('link', { name: 'Anna Berg, 1 new story' }).click();
  const shown = story(ben.page, 'Anna Berg');
  await expect(shown.getByText('Who is in for Saturday?')).toBeVisible();
  await shown.getByRole('button', { name: 'Pause' }).click();
  await inspect(ben.page, 'story');
  await shown.getByRole('region', { name: 'Chat: Saturday at the lake' }).getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();

  await bar(page).getByRole('link', { name: 'You', exact: true }).click();
  const mine = story(page, 'Anna Berg');
  await mine.getByRole('button', { name: '1 view' }).click();
  const viewers = page.getByRole('dialog', { name: 'Your story' });
  await expect(viewers.getByRole('listitem').filter({ hasText: 'Ben Ruiz' })).toContainText('joined the chat');
  await inspect(page, 'story-viewers');

  // Seen, it says so in the bar.
  await ben.page.goto('/');
  await expect(bar(ben.page).getByRole('link', { name: 'Anna Berg, seen' })).toBeVisible();
});

test('two fingers size and turn a sticker, one moves it, and it is shown as it was left', async ({ person, inspect }) => {
  const anna = await person('Anna Berg', { form: 'phone' });
  const ben = await person('Ben Ruiz', { form: 'phone' });
  const { page } = anna;
  await page.goto('/stories/new');
  await addText(page, 'To the lake');
  const layer = page.getByRole('button', { name: 'Text: To the lake' });
  const { x, y } = await middle(layer);
  // The second finger has no room on the words: it goes down below them.
  const [first, second] = [
    { x, y },
    { x, y: y + 80 }
  ];
  await pinch(page, [first, second], [first, { x: x - 80, y: y + 80 }]);
  const pinched = await standing(layer, frame(page));
  expect(pinched.scale).toBeGreaterThan(1.38);
  expect(pinched.scale).toBeLessThan(1.45);
  expect(pinched.degrees).toBeGreaterThan(43);
  expect(pinched.degrees).toBeLessThan(47);

  const from = await middle(layer);
  await pinch(page, [from], [{ x: from.x + 30, y: from.y + 90 }]);
  const left = await standing(layer, frame(page));
  expect(left.scale).toBe(pinched.scale);
  expect(left.degrees).toBe(pinched.degrees);
  expect(left.x).toBeGreaterThan(pinched.x + 0.05);
  expect(left.y).toBeGreaterThan(pinched.y + 0.1);
  await inspect(page, 'story-pinched');
  await share(anna);

  await ben.page.goto('/stories/anna');
  const dialog = story(ben.page, 'Anna Berg');
  const words = dialog.getByText('To the lake');
  await expect(words).toBeVisible();
  await dialog.getByRole('button', { name: 'Pause' }).click();
  const shown = await standing(words, dialog.locator('.picture'));
  for (const key of ['x', 'y', 'scale', 'degrees'] as const) expect(Math.abs(shown[key] - left[key]), key).toBeLessThan(0.02);
});

test('who asks by a sticker is let in from the list of viewers', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  await anna.page.goto('/stories/new');
  await addText(anna.page, 'Two seats in the van');
  await addJoin(anna.page, 'To the sea', true);
  await share(anna);

  await ben.page.goto('/stories/anna');
  await story(ben.page, 'Anna Berg').getByRole('button', { name: 'Ask to join' }).click();
  await expect(story(ben.page, 'Anna Berg').getByText('Requested')).toBeVisible();

  await anna.page.goto('/stories/anna');
  await story(anna.page, 'Anna Berg')
    .getByRole('button', { name: /1 view/ })
    .click();
  await inspect(anna.page, 'story-asking');
  await anna.page.getByRole('button', { name: 'Admit Ben Ruiz' }).click();
  await expect(story(ben.page, 'Anna Berg').getByRole('link', { name: 'Open chat' })).toBeVisible();
  await expect(anna.page.getByRole('dialog', { name: 'Your story' }).getByText('joined the chat')).toBeVisible();
});

test('stickers are placed by keys, and a poll and a question are answered', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const { page } = anna;
  await page.goto('/stories/new');
  await page.getByRole('button', { name: 'Poll' }).click();
  await page.getByLabel('Ask something').fill('What grows next?');
  await page.getByLabel('Answer 1').fill('Kale');
  await page.getByLabel('Answer 2').fill('Beans');
  await page.getByRole('button', { name: 'Done' }).click();
  const poll = page.getByRole('button', { name: 'Poll: What grows next?' });
  await expect(poll).toBeFocused();
  const before = await middle(poll);
  await poll.press('Shift+ArrowUp');
  await expect.poll(async () => (await middle(poll)).y).toBeLessThan(before.y - 8);
  await poll.press('+');
  await poll.press(']');

  await page.getByRole('button', { name: 'Question' }).click();
  await page.getByRole('textbox', { name: 'Question' }).fill('What do you plant?');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Link' }).click();
  await page.getByLabel('Web address').fill('javascript:alert(1)');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('not the address of a web page')).toBeVisible();
  await page.getByLabel('Web address').fill('www.example.org/seeds');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Link: https://www.example.org/seeds' }).press('Delete');
  await expect(page.getByRole('button', { name: /^Link:/ })).toHaveCount(0);

  // What was begun is there after a reload.
  await page.reload();
  await expect(page.getByRole('button', { name: 'Question: What do you plant?' })).toBeVisible();
  await share(anna);

  await ben.page.goto('/stories/anna');
  const shown = story(ben.page, 'Anna Berg');
  await shown.getByRole('button', { name: 'Kale' }).click();
  await expect(shown.getByText('1 vote')).toBeVisible();
  await shown.getByLabel('Your answer').fill('Leeks');
  await shown.getByLabel('May be shown to others').check();
  await shown.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(shown.getByText('Anna Berg decides whether others see it')).toBeVisible();
  await shown.getByRole('button', { name: 'Pause' }).click();
  await inspect(ben.page, 'story-answered');

  await page.goto('/stories/anna');
  await story(page, 'Anna Berg').getByRole('button', { name: '1 view' }).click();
  const sheet = page.getByRole('dialog', { name: 'Your story' });
  await expect(sheet.getByText('Leeks')).toBeVisible();
  await sheet.getByRole('button', { name: 'Show to everyone' }).click();
  await expect(sheet.getByRole('button', { name: 'Stop showing' })).toBeVisible();
  await ben.page.reload();
  await expect(shown.getByRole('list', { name: 'Answers' }).getByText('Leeks')).toBeVisible();
  await shown.getByRole('button', { name: 'Pause' }).click();
  await inspect(ben.page, 'story-answer-shown');
});

test('one goes through stories by taps and keys, replies, and keeps some on the profile', async ({ person, inspect }) => {
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Park');
  for (const words of ['First', 'Second']) {
    await anna.page.goto('/stories/new');
    await addText(anna.page, words);
    await share(anna);
  }
  await cleo.page.goto('/stories/new');
  const chooser = cleo.page.waitForEvent('filechooser');
  await cleo.page.getByRole('button', { name: 'Photo' }).click();
  await (await chooser).setFiles({ name: 'lake.jpg', mimeType: 'image/jpeg', buffer: await photo(cleo.page, 200) });
  await cleo.page.getByLabel('Description of photo 1').fill('A lake');
  await share(cleo);

  // Cleo's is the newest, so it is first.
  await ben.page.goto('/stories/cleo');
  await expect(story(ben.page, 'Cleo Park').getByRole('img', { name: 'A lake' })).toBeVisible();
  await ben.page.keyboard.press('Space');
  await expect(story(ben.page, 'Cleo Park').getByRole('button', { name: 'Play' })).toBeVisible();
  await inspect(ben.page, 'story-photo');
  await ben.page.keyboard.press('PageDown');
  const shown = story(ben.page, 'Anna Berg');
  await expect(shown.getByText('First', { exact: true })).toBeVisible();
  await ben.page.keyboard.press('ArrowRight');
  await expect(shown.getByText('Second', { exact: true })).toBeVisible();
  await ben.page.keyboard.press('ArrowLeft');
  await expect(shown.getByText('First', { exact: true })).toBeVisible();
  const box = (await shown.boundingBox())!;
  const stage = { left: box.x + box.width * 0.42, right: box.x + box.width * 0.55, y: box.y + box.height * 0.75 };
  await ben.page.mouse.click(stage.right, stage.y);
  await expect(shown.getByText('Second', { exact: true })).toBeVisible();

  await shown.getByRole('textbox', { name: 'Reply to Anna Berg' }).fill('Lovely');
  await shown.getByRole('button', { name: 'Send reply' }).click();
  await expect(ben.notice('Sent to Anna Berg.')).toBeVisible();

  await anna.page.goto('/stories/archive');
  await anna.page.getByRole('checkbox').first().check();
  await anna.page.getByRole('button', { name: 'Keep 1 story on my profile' }).click();
  await anna.page.getByLabel('Name', { exact: true }).fill('Numbers');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(anna.page.getByText('Numbers')).toBeVisible();
  await inspect(anna.page, 'story-archive');

  await ben.page.goto('/people/anna');
  await ben.page.getByRole('navigation', { name: 'Highlights' }).getByRole('link', { name: 'Numbers' }).click();
  await expect(story(ben.page, 'Anna Berg').getByText('Second', { exact: true })).toBeVisible();
  await ben.page.keyboard.press('Escape');
  await expect(ben.page).toHaveURL('/people/anna');
  await inspect(ben.page, 'person-highlights');
});
