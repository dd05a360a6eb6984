import { transact } from './database';

/** What another app shared with this one, until the composer takes it. */
export interface Shared {
  text: string;
  photos: File[];
  at: number;
}

/** Where the browser sends what is shared; the service worker answers, the server never sees it. */
export const SHARE_PATH = '/share';
export const COMPOSE_PATH = '/new';
const PHOTOS_MAX = 10;
const PHOTO_BYTES_MAX = 50 * 1024 * 1024;
const TEXT_CHARS_MAX = 5_000;
/** What nobody takes for so long is not given out. */
const WAITS_MS = 15 * 60_000;
const ROW = 'newest';

/** The parts of a share in one text; apps put the address into the text as well, or instead. */
export function sharedText(parts: readonly string[]): string {
  const said: string[] = [];
  for (const part of parts.map((each) => each.trim())) if (part && !said.some((other) => other.includes(part))) said.push(part);
  return said.join('\n').slice(0, TEXT_CHARS_MAX);
}

/** Reads the form that the manifest's `share_target` describes. */
export function sharedOf(form: FormData, at: number): Shared {
  const text = sharedText(['title', 'text', 'url'].map((name) => form.get(name)).filter((value) => typeof value === 'string'));
  const isPhoto = (value: FormDataEntryValue): value is File =>
    value instanceof File && value.type.startsWith('image/') && value.size > 0 && value.size <= PHOTO_BYTES_MAX;
  return { text, photos: form.getAll('photos').filter(isPhoto).slice(0, PHOTOS_MAX), at };
}

export const putShared = (shared: Shared): Promise<unknown> => transact('shared', 'readwrite', (rows) => rows.put(shared, ROW));

/** Once: what is taken is not there any more. */
export async function takeShared(now: number): Promise<Shared | undefined> {
  const shared = await transact<Shared | undefined>('shared', 'readonly', (rows) => rows.get(ROW));
  if (shared) await forgetShared();
  return shared && now - shared.at <= WAITS_MS ? shared : undefined;
}

export const forgetShared = (): Promise<unknown> => transact('shared', 'readwrite', (rows) => rows.clear());
