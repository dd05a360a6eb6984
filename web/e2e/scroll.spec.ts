import type { CDPSession, Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { growChat } from './long-chat.ts';

/** Both lists hold a screen and what is near it, however long they are. */
const NODES_MAX = 2_500;
const POSTS = Number(process.env.DOORPOST_SCROLL_POSTS ?? 400);
/** More than a chat holds in the page at once. */
const MESSAGES = Number(process.env.DOORPOST_SCROLL_MESSAGES ?? 800);
/** Faster than a thumb: about 4,800 px a second. */
const PX_A_FRAME = 80;
/** So many frames are measured at either end; the way between them is gone in leaps. More where figures are wanted. */
const FRAMES = POSTS > 400 || MESSAGES > 800 ? 1_000 : 300;
const LEAP_PX = 1_000_000;

/** As many posts as the feed is long, by the API. */
const fillFeed = (page: Page, count: number): Promise<void> =>
  page.evaluate(async (count) => {
    let made = 0;
    const one = async () => {
      while (made < count) {
        const n = made++;
        const text = `Post ${n} of many. ${'Words of a post that takes a line or two more. '.repeat(n % 6)}`;
        const body = JSON.stringify({ post_id: crypto.randomUUID(), text, audience: { kind: 'public' } });
        const headers = { 'content-type': 'application/json', 'doorpost-session': 'cookie' };
        const answer = await fetch('/api/posts', { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`post ${n}: ${answer.status}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
  }, count);

interface Ride {
  frames: number;
  p50_ms: number;
  p95_ms: number;
  late_percent: number;
  nodes_max: number;
}

interface Way {
  pxAFrame: number;
  framesMax: number;
  /** Words at whose sight it ends. */
  until?: string;
}

/** Processor time that the page's main thread has used, in ms: other than the clock, it does not know what else the machine does. */
async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1_000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

/**
 * Scrolls by frames until its words are in the page, its frames are used up, or nothing moves any more. Prints what the frames took,
 * and comes back with how many elements the page had.
 */
async function ride(what: string, list: Locator, way: Way): Promise<number> {
  const session = await list.page().context().newCDPSession(list.page());
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await busyMs(session);
  const measured: Ride = await list.evaluate(async (element, { pxAFrame, framesMax, until }) => {
    const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const isScroller = getComputedStyle(element).overflowY === 'auto' || getComputedStyle(element).overflowY === 'scroll';
    const scroller = isScroller ? element : document.scrollingElement!;
    const STILL_FRAMES = 300;
    const deltas: number[] = [];
    let nodes = 0;
    let still = 0;
    let last = await nextFrame();
    const isThere = () => until !== undefined && deltas.length % 10 === 0 && element.textContent.includes(until);
    while (still < STILL_FRAMES && deltas.length < framesMax && !isThere()) {
      const from = scroller.scrollTop;
      scroller.scrollTop += pxAFrame;
      const now = await nextFrame();
      deltas.push(now - last);
      last = now;
      still = scroller.scrollTop === from ? still + 1 : 0;
      if (deltas.length % 30 === 0) nodes = Math.max(nodes, document.querySelectorAll('*').length);
    }
    const sorted = deltas.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)]! * 10) / 10;
    const late = deltas.filter((delta) => delta > 1_000 / 50).length;
    return {
      frames: deltas.length,
      p50_ms: at(0.5),
      p95_ms: at(0.95),
      late_percent: Math.round((1_000 * late) / deltas.length) / 10,
      nodes_max: nodes
    };
  }, way);
  const busy = (await busyMs(session)) - before;
  const figures = { ...measured, main_thread_ms_a_frame: Math.round((10 * busy) / measured.frames) / 10, heap_mb: await heapMb(session) };
  await session.detach();
  console.log(`${what}:`, JSON.stringify(figures));
  return measured.nodes_max;
}

/** What the page's scripts hold once rubbish is gone. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return Math.round((await session.send('Runtime.getHeapUsage')).usedSize / 100_000) / 10;
}

/** From the near end to the far one, a while back, and there again; both ends are measured. Comes back with the most elements. */
async function rideAll(what: string, list: Locator, pxAFrame: number, until: string): Promise<number> {
  const leap = { pxAFrame: Math.sign(pxAFrame) * LEAP_PX, framesMax: Infinity, until };
  const nodes = [
    await ride(`${what}, near end`, list, { pxAFrame, framesMax: FRAMES, until }),
    await ride(`${what}, leaps`, list, leap),
    await ride(`${what}, far end`, list, { pxAFrame: -pxAFrame, framesMax: FRAMES }),
    await ride(`${what}, leaps back`, list, leap)
  ];
  return Math.max(...nodes);
}

test('a long feed is no heavier than a short one', async ({ person }) => {
  test.setTimeout(900_000);
  const anna = await person('Anna Berg');
  const { page } = anna;
  await fillFeed(page, POSTS);
  await page.goto('/');
  await expect(page.getByRole('feed').getByRole('article').first()).toBeVisible();
  const first = 'Post 0 of many';
  const nodes = await rideAll(`feed of ${POSTS}`, page.locator('#main'), PX_A_FRAME, first);
  await expect(page.getByRole('feed').getByText(first)).toBeVisible();
  await expect(page.getByText('You’re all caught up.')).toBeVisible();
  expect(nodes).toBeLessThan(NODES_MAX);
  expect(await page.getByRole('feed').getByRole('article').count()).toBeLessThan(60);

  // Back from a post, one is where one was.
  const card = page.getByRole('feed').getByRole('article').filter({ hasText: first });
  await card.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  await card.getByRole('link', { name: /now|ago/ }).click();
  await expect(page).toHaveURL(/\/posts\//);
  await page.goBack();
  await expect(card).toBeInViewport();
  expect(Math.abs((await page.evaluate(() => scrollY)) - before)).toBeLessThan(200);
});

test('a long chat is no heavier than a short one', async ({ person, server }) => {
  test.setTimeout(900_000);
  const anna = await person('Anna Berg');
  const { page } = anna;
  await anna.post('Talk', { chat: 'Long talk' });
  await anna.card('Long talk').getByRole('link', { name: 'Open chat' }).click();
  await anna.say('The first of all');
  await expect(anna.bubble('The first of all')).toBeVisible();
  const chat = new URL(page.url()).pathname;
  await growChat(anna, server, chat.split('/').at(-1)!, MESSAGES);
  await page.goto(chat);
  await expect(anna.bubble(`Message ${MESSAGES - 1}.`)).toBeVisible();
  const nodes = await rideAll(`chat of ${MESSAGES}`, page.getByRole('log'), -PX_A_FRAME, 'The first of all');
  await expect(anna.bubble('The first of all')).toBeVisible();
  expect(nodes).toBeLessThan(NODES_MAX);
});
