import { defineConfig } from '@playwright/test';
import type { Look } from './e2e/fixtures.ts';

/** The server under test is started by the fixtures, one for each test, from the binary in `DOORPOST_BIN`. */
export default defineConfig<Look>({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  // A browser on a busy machine may miss a beat. What passes only the second time is printed as flaky.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: !!process.env.CI,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  projects: [
    {
      name: 'phone',
      use: { form: 'phone', scheme: 'light' },
      testMatch:
        /(approval|chat|comments|csp|digest|direct|door|files|groups|history|hosts|keyboard|leaving|messages|moderation|notifications|offline|pages|photos|pictures|previews|pwa|questions|queue|reports|safety|screens|scroll|stories|update|video|why)\.spec\.ts/
    },
    { name: 'desktop', use: { form: 'desktop', scheme: 'light' } },
    { name: 'phone-dark', use: { form: 'phone', scheme: 'dark' }, testMatch: 'screens.spec.ts' },
    { name: 'desktop-dark', use: { form: 'desktop', scheme: 'dark' }, testMatch: 'screens.spec.ts' }
  ]
});
