/// <reference lib="webworker" />
/**
 * Keeps the shell (the app's own files) for a start without a network, takes what other apps share, and shows pushes. What
 * the server says of posts and people never goes through here.
 */
import { pushWords } from './lib/device/push-words';
import { COMPOSE_PATH, putShared, SHARE_PATH, sharedOf } from './lib/device/shared';

declare const self: ServiceWorkerGlobalScope;
/** The shell's files by their paths, each with the SHA-256 of its bytes in hexadecimal. */
declare const __PRECACHE__: Record<string, string>;
declare const __BUILD__: string;
const SHELL_PREFIX = 'shell-';
const SHELL = `${SHELL_PREFIX}${__BUILD__}`;
/** This version's shell, and the one before it for tabs that still run it. */
const SHELLS_KEPT = 2;
/** Files whose names carry a hash of their content. */
const HASHED = '/assets/';

const hex = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** From an earlier shell where the name says that it is the same, else from the server; never other bytes than this version's. */
async function fetchFile(path: string, digest: string): Promise<Response> {
  const known = path.startsWith(HASHED) ? await fromShells(path) : undefined;
  const response = known ?? (await fetch(new Request(path, { cache: 'no-cache' })));
  const found = hex(await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer()));
  if (!response.ok || found !== digest) throw new Error(`${path} is not of this version`);
  return response;
}

async function install(): Promise<void> {
  const cache = await caches.open(SHELL);
  try {
    await Promise.all(Object.entries(__PRECACHE__).map(async ([path, digest]) => cache.put(path, await fetchFile(path, digest))));
  } catch (thrown) {
    await caches.delete(SHELL);
    throw thrown;
  }
}

const shells = async () => (await caches.keys()).filter((name) => name.startsWith(SHELL_PREFIX));

async function activate(): Promise<void> {
  const earlier = (await shells()).filter((name) => name !== SHELL);
  for (const name of earlier.slice(0, earlier.length + 1 - SHELLS_KEPT)) await caches.delete(name);
  await self.clients.claim();
}

async function fromShells(path: string): Promise<Response | undefined> {
  for (const name of [SHELL, ...(await shells())]) {
    const hit = await caches.match(path, { cacheName: name, ignoreVary: true });
    if (hit) return hit;
  }
  return undefined;
}

async function fromShell(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith(HASHED)) return (await fromShells(pathname)) ?? fetch(request);
  const path = request.mode === 'navigate' ? '/' : pathname;
  return (await caches.match(path, { cacheName: SHELL, ignoreVary: true })) ?? fetch(request);
}

/** Whatever it is, the composer opens; it asks its reader before anything is posted. */
async function takeShare(request: Request): Promise<Response> {
  await request
    .formData()
    .then((form) => putShared(sharedOf(form, Date.now())))
    .catch(() => undefined);
  return Response.redirect(COMPOSE_PATH, 303);
}

/** What the server pushes: of what kind it is, and the id of a notification, or of a message's chat. */
interface Push {
  kind: string;
  id: string;
  more?: boolean;
  unread: number;
}

async function showPush(push: Push): Promise<void> {
  const open = await self.clients.matchAll({ type: 'window' });
  // Whoever looks at the app sees it there.
  if (open.some((client) => client.visibilityState === 'visible' && client.focused)) return;
  const words = await pushWords();
  const isMessage = push.kind === 'message';
  const body = (push.more && words[`more.${isMessage ? 'message' : 'other'}`]) || words[push.kind] || words.other || '';
  await self.registration.showNotification('Doorpost', {
    body,
    tag: isMessage ? `chat-${push.id}` : push.id,
    icon: '/icons/icon-192.png',
    badge: '/icons/chats-96.png',
    data: isMessage ? `/chats/${push.id}` : '/notifications'
  });
  if (push.unread) await navigator.setAppBadge?.(push.unread);
}

/** Where the app is open already it goes there; else it is opened there. */
async function follow(path: string): Promise<void> {
  const [client] = await self.clients.matchAll({ type: 'window' });
  if (!client) return void (await self.clients.openWindow(path));
  const shown = await client.focus();
  shown.postMessage({ open: path });
}

const outside = /^\/(api|healthz|metrics)(\/|$)/;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') void self.skipWaiting();
});
self.addEventListener('push', (event) => {
  const push = event.data?.json() as Push | undefined;
  if (push) event.waitUntil(showPush(push).catch(() => undefined));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(follow(event.notification.data as string));
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin || outside.test(url.pathname)) return;
  if (request.method === 'GET') event.respondWith(fromShell(request));
  else if (request.method === 'POST' && url.pathname === SHARE_PATH && request.mode === 'navigate') event.respondWith(takeShare(request));
});
