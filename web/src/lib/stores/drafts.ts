/** Unsent texts, kept per place over reloads. They are plain text on this device, as the local store is. */
const PREFIX = 'draft:';

export const drafts = {
  read: (place: string): string => localStorage.getItem(PREFIX + place) ?? '',
  write(place: string, text: string): void {
    if (text) localStorage.setItem(PREFIX + place, text);
    else localStorage.removeItem(PREFIX + place);
  },
  clear(): void {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  }
};
