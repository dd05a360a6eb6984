/** A name people tell their devices and passkeys apart by, such as `Firefox, Windows`. */
export function deviceName(agent: string): string {
  const system = [/iPhone/, /iPad/, /Android/, /Windows/, /Mac OS/, /CrOS/, /Linux/].find((known) => known.test(agent));
  const browser = [/Edg/, /Firefox/, /Chrome/, /Safari/].find((known) => known.test(agent));
  const names: Record<string, string> = { Edg: 'Edge', 'Mac OS': 'macOS', CrOS: 'ChromeOS' };
  const word = (found: RegExp | undefined) => (found ? (names[found.source] ?? found.source) : '');
  return [word(browser), word(system)].filter(Boolean).join(', ') || 'Browser';
}
