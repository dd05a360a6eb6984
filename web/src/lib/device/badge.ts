/** The number on the installed app's icon; browsers without one do nothing. */
export function showBadge(count: number): void {
  const done = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  // Refused where the app is not installed.
  done?.catch(() => undefined);
}
