import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, devices, expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import type { Look } from './fixtures.ts';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--force-color-profile=srgb',
  '--font-render-hinting=none'
];
/** What a browser logs by itself when an answer is an error or the network is away. */
const expected = /Failed to load resource|net::ERR_|WebSocket connection to/;
export const PASSWORD = 'correct horse battery';
/** The width of most phones, and the narrower side of what a layout has to bear. */
const PHONE = { width: 390, height: 844 };

/** What somebody's browser is like. */
export interface Browser extends Look {
  locale: string;
}

/** Somebody with a browser of their own: a profile on disk, watched for errors. */
export class Person {
  page!: Page;
  /** Errors of any page of this browser: exceptions, console errors, violations of the CSP. */
  readonly problems: string[] = [];

  private constructor(
    readonly name: string,
    readonly handle: string,
    readonly baseUrl: string,
    readonly context: BrowserContext,
    readonly profile: string,
    readonly browser: Browser
  ) {}

  static async open(name: string, baseUrl: string, browser: Browser): Promise<Person> {
    const profile = await mkdtemp(path.join(tmpdir(), 'doorpost-profile-'));
    const { defaultBrowserType: _, ...device } =
      browser.form === 'phone' ? { ...devices['Pixel 7'], viewport: PHONE } : devices['Desktop Chrome'];
    const context = await chromium.launchPersistentContext(profile, {
      ...device,
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args,
      colorScheme: browser.scheme,
      locale: browser.locale,
      timezoneId: 'Europe/Berlin',
      baseURL: baseUrl,
      permissions: ['clipboard-read', 'clipboard-write', 'camera', 'microphone']
    });
    const person = new Person(name, name.toLowerCase().split(' ')[0]!, baseUrl, context, profile, browser);
    context.on('page', (page) => person.#watch(page));
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
      )
    );
    person.page = context.pages()[0] ?? (await context.newPage());
    person.#watch(person.page);
    return person;
  }

  /** A second tab of the same browser. */
  async tab(path = '/'): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(path);
    return page;
  }

  async signUp(how: 'password' | 'passkey' = 'password', path = '/'): Promise<this> {
    if (how === 'passkey') await virtualAuthenticator(this.page);
    await this.page.goto(path);
    await this.signUpHere(how);
    return this;
  }

  /** On whichever page asks for it. */
  async signUpHere(how: 'password' | 'passkey' = 'password'): Promise<void> {
    await this.askToSignUp(how);
    const inside = this.page.getByRole('navigation', { name: 'Main' });
    await expect(inside.or(this.page.getByRole('heading', { name: 'Invitation' })).first()).toBeVisible();
  }

  /** Fills in the form and sends it, whatever comes of it. */
  async askToSignUp(how: 'password' | 'passkey' = 'password'): Promise<void> {
    const { page } = this;
    const name = page.getByLabel('Name', { exact: true });
    await expect(name.or(page.getByRole('button', { name: 'Sign up' }))).toBeVisible();
    if (!(await name.isVisible())) await page.getByRole('button', { name: 'Sign up' }).click();
    await name.fill(this.name);
    await page.getByLabel('Handle').fill(this.handle);
    if (how === 'password') {
      await page.getByRole('button', { name: 'Use a password instead' }).click();
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Create account' }).click();
    } else {
      await page.getByRole('button', { name: 'Create account with a passkey' }).click();
    }
  }

  async signIn(): Promise<void> {
    const { page } = this;
    await page.goto('/');
    await page.getByLabel('Handle').fill(this.handle);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  }

  /** Asks for a friendship, or accepts one that was asked for. */
  async befriend(other: Person): Promise<void> {
    await this.page.goto(`/people/${other.handle}`);
    const button = this.page.getByRole('button', { name: /^(Add friend|Accept)$/ });
    const word = await button.innerText();
    await button.click();
    // On the page itself: the navigation has a word of the same name.
    const settled = this.page.getByRole('main').getByText(word.includes('Accept') ? 'Friends' : 'Requested');
    await expect(settled.first()).toBeVisible();
  }

  /** The card of a post with this text, or of the chat of this title. */
  card(text: string | RegExp): Locator {
    return this.page.getByRole('article').filter({ hasText: text });
  }

  async post(
    text: string,
    options: { chat?: string; audience?: string; list?: string; terms?: (page: Page) => Promise<void> } = {}
  ): Promise<void> {
    const { page } = this;
    await page.goto('/new');
    await page.getByLabel('Text of the post').fill(text);
    if (options.audience) {
      await page.getByRole('button', { name: /Who can see this/ }).click();
      await page.getByRole('radio', { name: new RegExp(`^${options.audience}`) }).check();
      if (options.list) await page.getByRole('checkbox', { name: options.list }).check();
      await page.getByRole('button', { name: 'Done' }).click();
    }
    if (options.chat) {
      await page.getByRole('button', { name: 'Add a chat' }).click();
      await page.getByLabel('Name of the chat').fill(options.chat);
      if (options.terms) {
        await page.getByRole('button', { name: /How people join/ }).click();
        await options.terms(page);
        await page.getByRole('button', { name: 'Done' }).click();
      }
    }
    await page.getByRole('main').getByRole('button', { name: 'Post', exact: true }).click();
    await expect(page).toHaveURL('/');
    await expect(this.card(text)).toBeVisible();
  }

  /** Chooses from a post's menu; a feed that moves just then may swallow the first press. */
  async choose(post: string, item: string): Promise<void> {
    const trigger = this.card(post).getByRole('button', { name: /More about/ });
    const entry = this.page.getByRole('menuitem', { name: item });
    await expect(async () => {
      // A card that is drawn anew, as when a feed has just been read again, takes its open menu with it.
      if ((await trigger.getAttribute('aria-expanded')) !== 'true') await trigger.click();
      await entry.click({ timeout: 3_000 });
    }).toPass();
  }

  /** A short notice at the edge of the screen. */
  notice(text: string): Locator {
    return this.page.getByRole('region', { name: 'Notices' }).getByText(text);
  }

  async say(text: string, page = this.page): Promise<void> {
    await page.getByRole('textbox', { name: /^Message to/ }).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  /** The chat's own sheet: who is in it, and what can be done with it. */
  async about(): Promise<Locator> {
    await this.page
      .getByRole('main')
      .getByRole('button', { name: /End-to-end encrypted/ })
      .click();
    const sheet = this.page.getByRole('dialog').first();
    await expect(sheet.getByText('Only these people can read')).toBeVisible();
    return sheet;
  }

  /** Chooses from the menu beside somebody in the chat's sheet. */
  async doesTo(other: Person, item: string): Promise<void> {
    await this.page
      .getByRole('dialog')
      .getByRole('button', { name: `More about ${other.name}` })
      .click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Hosts a chat; the guests come in one after the other, and everybody looks at it. */
  async gather(guests: Person[], title: string): Promise<void> {
    await this.post(`Come to ${title}`, { chat: title });
    for (const guest of guests) await guest.join(title);
    await this.card(title).getByRole('link', { name: 'Open chat' }).click();
    for (const guest of guests) await expect(this.page.getByText(`${guest.name} joined`)).toBeVisible();
  }

  /** Into the chat of a post that anybody can join. */
  async join(title: string): Promise<void> {
    await this.page.goto('/');
    await this.card(title).getByRole('button', { name: 'Join chat' }).click();
    await expect(this.page.getByText('You joined')).toBeVisible();
  }

  bubble(text: string, page = this.page): Locator {
    return page.getByRole('log').locator('[data-state]').filter({ hasText: text });
  }

  /** Chooses from a message's menu, by keyboard. */
  async does(text: string, item: string): Promise<void> {
    await this.bubble(text)
      .first()
      .getByRole('button', { name: /^What to do/ })
      .press('Enter');
    await this.page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** A finger that stays on a message. */
  async hold(text: string): Promise<void> {
    await this.#touch(text, async (send, { x, y }) => {
      await send('touchStart', x, y);
      await expect(this.page.getByRole('menu', { name: 'Message' })).toBeVisible();
      await send('touchEnd');
    });
  }

  /** A finger that pulls a message to the right. */
  async swipe(text: string): Promise<void> {
    await this.#touch(text, async (send, { x, y }) => {
      await send('touchStart', x, y);
      for (let px = 12; px <= 96; px += 12) await send('touchMove', x + px, y);
      await send('touchEnd');
    });
  }

  async #touch(
    text: string,
    act: (
      send: (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number, y?: number) => Promise<unknown>,
      at: { x: number; y: number }
    ) => Promise<void>
  ): Promise<void> {
    const box = (await this.bubble(text).first().locator('.bubble').boundingBox())!;
    const session = await this.page.context().newCDPSession(this.page);
    await act((type, x, y) => session.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: y! }] }), {
      x: box.x + 20,
      y: box.y + box.height / 2
    });
    await session.detach();
  }

  async close(): Promise<void> {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(`${this.handle}: exception: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      const isProblem = message.type() === 'error' || /Content Security Policy|TrustedHTML/i.test(text);
      if (isProblem && !expected.test(text)) this.problems.push(`${this.handle}: ${text}`);
    });
  }
}

type Credential = { credentialId: string; isResidentCredential: boolean; privateKey: string; signCount: number };

/** A passkey device made of software, with the PRF extension or without. */
export async function virtualAuthenticator(page: Page, { prf } = { prf: true }) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: prf,
      isUserVerified: true,
      automaticPresenceSimulation: true
    }
  });
  return {
    credentials: async (): Promise<Credential[]> => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    /** As a passkey comes to another device by the platform's own synchronisation. */
    add: (credential: Credential, signCount = credential.signCount) =>
      session.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount } })
  };
}
