/** The texts that the service worker shows, in the reader's language: it has none of its own. The page leaves them here. */
const CACHE = 'push-words';
const PATH = '/push-words';

export type PushWords = Record<string, string>;

export async function keepPushWords(words: PushWords): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(PATH, new Response(JSON.stringify(words), { headers: { 'content-type': 'application/json' } }));
}

export async function pushWords(): Promise<PushWords> {
  const kept = await caches.match(PATH, { cacheName: CACHE });
  return kept ? ((await kept.json()) as PushWords) : {};
}
