import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { staticIcons } from './scripts/icons-plugin.ts';
import { serviceWorker } from './scripts/sw-plugin.ts';

const inShell = (file: string) => /^(index\.html|boot\.js|manifest\.webmanifest|icons\/.*|assets\/.*\.(js|css|wasm|woff2))$/.test(file);
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** `npm run dev` beside a server started by hand; the built app is served by the server itself. */
const server = process.env.DOORPOST_URL ?? 'http://127.0.0.1:7420';

export default defineConfig({
  plugins: [staticIcons(), svelte(), serviceWorker(inShell)],
  resolve: {
    alias: {
      $wasm: at('./src/lib/core/wasm'),
      $lib: at('./src/lib'),
      $features: at('./src/features'),
      $messages: at('./messages')
    }
  },
  build: {
    target: ['chrome123', 'safari17.5', 'firefox125'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': { target: server, ws: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] }
});
