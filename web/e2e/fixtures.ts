import { test as base, expect, type Page } from '@playwright/test';
import { axe } from './axe.ts';
import { Person, type Browser } from './person.ts';
import { Server } from './server.ts';

/** What differs between the projects. */
export interface Look {
  form: 'phone' | 'desktop';
  scheme: 'light' | 'dark';
}
interface Fixtures extends Look {
  serverArgs: string[];
  server: Server;
  /** A new browser profile at the server's address, not signed in; like the project's but for what `about` says. */
  visitor: (name: string, about?: Partial<Browser>) => Promise<Person>;
  /** The same, signed up with a password. */
  person: (name: string, about?: Partial<Browser>) => Promise<Person>;
  /** Takes a picture and lets axe look at the page. */
  inspect: (page: Page, name: string) => Promise<void>;
  /** The same in light and dark, named by the person's own form, whatever the project's is. */
  inspectBoth: (person: Person, name: string) => Promise<void>;
}

/** Takes a picture of a page that has settled, and lets axe look at it. */
async function look(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('main')).toBeAttached();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  // Colours and sheets change over a moment; axe is to see them as they stay. What moves for longer is a story's time.
  await page.evaluate(() => {
    const isBrief = (one: Animation) => one.playState === 'running' && Number(one.effect?.getComputedTiming().endTime) < 1_000;
    const brief = document.getAnimations().filter(isBrief);
    return Promise.all(brief.map((one) => one.finished.catch(() => undefined)));
  });
  await page.screenshot({ path: `shots/${name}.png`, animations: 'disabled' });
  expect(await axe(page), `axe on ${name}`).toEqual([]);
}

export const test = base.extend<Fixtures>({
  form: ['desktop', { option: true }],
  scheme: ['light', { option: true }],
  serverArgs: [[], { option: true }],

  server: async ({ serverArgs }, use) => {
    const server = await Server.start(...serverArgs);
    await use(server);
    await server.end();
  },

  visitor: async ({ server, form, scheme }, use) => {
    const all: Person[] = [];
    await use(async (name, about) => {
      const person = await Person.open(name, server.url, { form, scheme, locale: 'en-GB', ...about });
      all.push(person);
      return person;
    });
    const problems = all.flatMap((person) => person.problems);
    await Promise.all(all.map((person) => person.close()));
    expect(problems, 'errors in the browsers').toEqual([]);
  },

  person: async ({ visitor }, use) => {
    await use(async (name, about) => (await visitor(name, about)).signUp());
  },

  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures' names from the pattern
  inspect: async ({}, use, info) => {
    await use((page, name) => look(page, `${name}-${info.project.name}`));
  },

  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures' names from the pattern
  inspectBoth: async ({}, use) => {
    await use(async ({ page, browser }, name) => {
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await look(page, `${name}-${browser.form}${scheme === 'dark' ? '-dark' : ''}`);
      }
      await page.emulateMedia({ colorScheme: browser.scheme });
    });
  }
});
export { expect };
export type { Person };
