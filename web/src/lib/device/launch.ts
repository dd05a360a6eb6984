interface LaunchParams {
  readonly targetURL?: string;
}
declare global {
  interface Window {
    /** Chromium's, for installed apps. */
    launchQueue?: { setConsumer(consumer: (params: LaunchParams) => void): void };
  }
}

/** A link, shortcut or push that is opened while the app is running: `go` shows its place without loading the app again. */
export function onLaunch(go: (place: URL) => void): void {
  window.launchQueue?.setConsumer(({ targetURL }) => {
    const place = targetURL ? new URL(targetURL) : undefined;
    // The app's own start comes here as well, and is there already.
    if (place && place.origin === location.origin && place.href !== location.href) go(place);
  });
  // A press on a push, which the service worker passes on.
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<{ open?: unknown }>) => {
    if (typeof data?.open === 'string' && data.open.startsWith('/')) go(new URL(data.open, location.origin));
  });
}
