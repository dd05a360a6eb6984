/// <reference lib="webworker" />
/** Keeps the shell (the app's own files) for a start without a network. Data never goes through here. */
declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: string[];
declare const __BUILD__: string;
const CACHE = `shell-${__BUILD__}`;

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(__PRECACHE__.map((url) => new Request(url, { cache: 'no-cache' })));
}

async function activate() {
  for (const key of await caches.keys()) if (key.startsWith('shell-') && key !== CACHE) await caches.delete(key);
  await self.clients.claim();
}

async function fromShell(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const hit = await cache.match(request.mode === 'navigate' ? '/' : request, { ignoreVary: true });
  return hit ?? fetch(request);
}

const outside = /^\/(api|healthz|metrics)(\/|$)/;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin || outside.test(url.pathname)) return;
  event.respondWith(fromShell(event.request));
});

export {};
