import { test as base, expect, type Page } from '@playwright/test';
import { axe } from './axe.ts';
import { Person } from './person.ts';
import { Server } from './server.ts';

/** What differs between the projects. */
export interface Look {
  form: 'phone' | 'desktop';
  scheme: 'light' | 'dark';
}
interface Fixtures extends Look {
  serverArgs: string[];
  server: Server;
  /** A new browser profile at the server's address, not signed in. */
  visitor: (name: string, locale?: string) => Promise<Person>;
  /** The same, signed up with a password. */
  person: (name: string) => Promise<Person>;
  /** Takes a picture and lets axe look at the page. */
  inspect: (page: Page, name: string) => Promise<void>;
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
    await use(async (name, locale) => {
      const person = await Person.open(name, server.url, { form, scheme }, locale);
      all.push(person);
      return person;
    });
    const problems = all.flatMap((person) => person.problems);
    for (const person of all) await person.close();
    expect(problems, 'errors in the browsers').toEqual([]);
  },

  person: async ({ visitor }, use) => {
    await use(async (name) => (await visitor(name)).signUp());
  },

  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures' names from the pattern
  inspect: async ({}, use, info) => {
    await use(async (page, name) => {
      await expect(page.getByRole('main')).toBeAttached();
      await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: `shots/${name}-${info.project.name}.png`, animations: 'disabled' });
      expect(await axe(page), `axe on ${name}`).toEqual([]);
    });
  }
});
export { expect };
export type { Person };
