import { expect, test } from './fixtures.ts';

test('a page speaks through its team, is followed, and leads into a chat', async ({ person, inspect }) => {
  test.setTimeout(240_000);
  const anna = await person('Anna Berg');
  const ben = await person('Ben Ruiz');
  const cleo = await person('Cleo Marsh');
  await cleo.befriend(anna);
  await anna.befriend(cleo);

  // Made in one sheet.
  await anna.page.goto('/pages');
  await expect(anna.page.getByText('You follow no page yet')).toBeVisible();
  await inspect(anna.page, 'pages-empty');
  await anna.page.getByRole('button', { name: 'New page' }).click();
  const sheet = anna.page.getByRole('dialog');
  await sheet.getByLabel('Name of the page').fill('Mill Lane Bakery');
  await sheet.getByLabel('Handle').fill('mill_lane_bakery');
  await sheet.getByLabel('About').fill('Bread since six in the morning.');
  await sheet.getByRole('button', { name: 'Add a link' }).click();
  await sheet.getByLabel('Link 1', { exact: true }).fill('bakery.example.com');
  await sheet.getByRole('switch', { name: 'Say who speaks' }).check();
  await inspect(anna.page, 'page-new');
  await sheet.getByRole('button', { name: 'Create page' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Mill Lane Bakery' })).toBeVisible();
  await expect(anna.page.getByText('You’re Admin')).toBeVisible();

  // A friend comes on the team.
  await anna.page.getByRole('button', { name: 'Team' }).click();
  await anna.page.getByRole('button', { name: 'Add people' }).click();
  await anna.page.getByRole('checkbox', { name: /Cleo Marsh/ }).check();
  await anna.page.getByRole('dialog').last().getByRole('button', { name: 'Add 1 friend' }).click();
  await expect(anna.page.getByRole('dialog').getByRole('link', { name: /Cleo Marsh/ })).toContainText('Editor');
  await inspect(anna.page, 'page-team');

  // Found and followed by somebody who knows nobody of it.
  await ben.page.goto('/pages');
  await ben.page.getByRole('searchbox').fill('bakery');
  await ben.page.getByRole('button', { name: 'Follow Mill Lane Bakery' }).click();
  await expect(ben.page.getByRole('heading', { name: 'Pages you follow' })).toBeVisible();
  await inspect(ben.page, 'pages');

  // The editor writes as the page, with a chat.
  await cleo.page.goto('/people/mill_lane_bakery');
  await cleo.page.getByRole('link', { name: 'Write a post' }).click();
  await cleo.page.getByLabel('Text of the post').fill('Who wants to learn sourdough?');
  await cleo.page.getByRole('button', { name: 'Add a chat' }).click();
  await cleo.page.getByLabel('Name of the chat').fill('Sourdough class');
  await expect(cleo.page.getByRole('button', { name: /Who can see this/ })).toContainText('Mill Lane Bakery');
  await inspect(cleo.page, 'page-compose');
  await cleo.page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
  await expect(cleo.card('sourdough')).toContainText('Mill Lane Bakery');

  // Its reader sees the page and a role, and nobody's name; in the chat the host is a person who speaks for it.
  await ben.page.goto('/');
  await expect(ben.card('sourdough')).toContainText('Mill Lane Bakery');
  await expect(ben.card('sourdough')).toContainText('Editor');
  await expect(ben.page.getByRole('main')).not.toContainText('Cleo');
  await inspect(ben.page, 'page-feed');
  await ben.card('sourdough').getByRole('button', { name: 'Join chat' }).click();
  await expect(ben.page.getByText('You joined')).toBeVisible();
  await cleo.page.goto('/chats');
  await cleo.page.getByRole('link', { name: /Sourdough class/ }).click();
  await cleo.say('Bring an apron');
  await expect(ben.bubble('Bring an apron')).toContainText('Mill Lane Bakery · Cleo Marsh');
  const about = await ben.about();
  await expect(about.getByRole('link', { name: /Cleo Marsh/ })).toContainText('Mill Lane Bakery');
  await inspect(ben.page, 'page-chat');

  // Its stories are kept for those who write as it, whoever of them shared one.
  const shared = await anna.page.evaluate(async () => {
    const { account_id } = await (await fetch('/api/pages/mill_lane_bakery')).json();
    const layer = { kind: 'text', text: 'Fresh today', ink: 'light', x: 500, y: 500, scale: 1000, rotation: 0 };
    const story = { version: 1, background: { kind: 'gradient', gradient: 'sea' }, layers: [layer] };
    const post = { post_id: crypto.randomUUID(), text: '', audience: { kind: 'page', page_id: account_id }, story };
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/posts', { method: 'POST', headers, body: JSON.stringify(post) })).status;
  });
  expect(shared).toBe(200);
  await cleo.page.goto('/people/mill_lane_bakery');
  await cleo.page.getByRole('link', { name: 'Story archive' }).click();
  await expect(cleo.page.getByText('Everybody who writes as the page sees this.')).toBeVisible();
  await inspect(cleo.page, 'page-archive');
  await cleo.page.getByRole('link', { name: /Story from/ }).click();
  await expect(cleo.page.getByText('Fresh today')).toBeVisible();

  // Its profile, for one of its readers.
  await ben.page.goto('/people/mill_lane_bakery');
  await expect(ben.page.getByText('3 followers')).toBeVisible();
  await expect(ben.page.getByRole('link', { name: 'bakery.example.com' })).toBeVisible();
  await expect(ben.page.getByRole('button', { name: 'Team' })).toHaveCount(0);
  await expect(ben.page.getByRole('link', { name: 'Story archive' })).toHaveCount(0);
  await inspect(ben.page, 'page-profile');

  // The admin sees the numbers, makes a group the page's, and ends the page.
  await anna.page.reload();
  await expect(anna.page.getByText('Came into chats')).toBeVisible();
  await inspect(anna.page, 'page-numbers');
  await anna.page.goto('/groups');
  await anna.page.getByRole('button', { name: 'New group' }).first().click();
  await anna.page.getByLabel('Name of the group').fill('Home bakers');
  await anna.page.getByRole('radio', { name: /Open/ }).check();
  await anna.page.getByRole('button', { name: 'Create group' }).click();
  await anna.page.getByRole('button', { name: 'More about Home bakers' }).click();
  await anna.page.getByRole('menuitem', { name: 'Make it a group of Mill Lane Bakery' }).click();
  await expect(anna.page.getByRole('link', { name: 'A group of Mill Lane Bakery' })).toBeVisible();
  await anna.page.getByRole('link', { name: 'A group of Mill Lane Bakery' }).click();
  await expect(anna.page.getByRole('heading', { name: 'Groups' })).toBeVisible();
  await anna.page.getByRole('button', { name: 'More about Mill Lane Bakery' }).first().click();
  await anna.page.getByRole('menuitem', { name: 'Delete page' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete page' }).click();
  await expect(anna.page).toHaveURL('/pages');
  await ben.page.goto('/people/mill_lane_bakery');
  await expect(ben.page.getByText('There’s nothing here')).toBeVisible();
});
