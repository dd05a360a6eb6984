/** The app's only Trusted Types policy: a script is the service worker or one of our own hashed files. */
function allow(url: string): string {
  const parsed = new URL(url, location.origin);
  const ours = parsed.origin === location.origin && (parsed.pathname === '/sw.js' || parsed.pathname.startsWith('/assets/'));
  if (!ours && !import.meta.env.DEV) throw new TypeError('blocked script url');
  return parsed.href;
}
const policy = globalThis.window?.trustedTypes?.createPolicy('app', { createScriptURL: allow });
export const scriptUrl = (url: string): string => (policy ? (policy.createScriptURL(url) as string) : allow(url));
