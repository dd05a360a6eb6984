import { scriptUrl } from './trusted';

/** A tab may stay open and in sight for weeks. */
const CHECK_MS = 60 * 60_000;

/** Registers the service worker. A newer version waits until `apply` is called; it never reloads by itself. */
export async function registerServiceWorker(onUpdate: (apply: () => void) => void): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let hadController = serviceWorker.controller !== null;
  const registration = await serviceWorker.register(scriptUrl('/sw.js'), { scope: '/', updateViaCache: 'none' });
  let asked = false;
  const offer = (worker: ServiceWorker) =>
    onUpdate(() => {
      asked = true;
      worker.postMessage('SKIP_WAITING');
    });
  serviceWorker.addEventListener('controllerchange', () => {
    if (asked) location.reload();
    // Another tab let the new version in: this one goes on with the old until its reader reloads it.
    else if (hadController) onUpdate(() => location.reload());
    hadController = true;
  });
  if (registration.waiting && serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && serviceWorker.controller) offer(worker);
    });
  });
  const check = () => void registration.update().catch(() => undefined);
  setInterval(check, CHECK_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') check();
  });
}
