/** Unsent texts, kept per place over reloads. They are plain text on this device, as the local store is. */
const PREFIX = 'draft:';

export const drafts = {
  read: (place: string): string => localStorage.getItem(PREFIX + place) ?? '',
  write(place: string, text: string): void {
    if (text) localStorage.setItem(PREFIX + place, text);
    else localStorage.removeItem(PREFIX + place);
  },
  places: (): string[] =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => key.slice(PREFIX.length)),
  clear(): void {
    for (const place of drafts.places()) localStorage.removeItem(PREFIX + place);
  }
};
