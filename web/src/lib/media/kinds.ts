import type { FileAbout, FileView } from '$lib/core/types';
import { i18n, t } from '$lib/i18n/index.svelte';
import { clockSpan } from '$lib/i18n/time.svelte';
import { limits } from '$lib/text/limits';

export type MediaKind = 'image' | 'video' | 'voice' | 'audio' | 'file';

/** Pictures that a browser shows and that carry no script, which rules out SVG. */
const SHOWN_IMAGES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];
const PLAYED_VIDEOS = ['video/mp4', 'video/webm', 'video/ogg', 'video/quicktime'];
const PLAYED_AUDIO = [
  'audio/mpeg',
  'audio/mp4',
  'audio/webm',
  'audio/ogg',
  'audio/wav',
  'audio/x-wav',
  'audio/aac',
  'audio/flac',
  'audio/x-m4a'
];

export function kindOf({ media_type: type, voice }: Pick<FileAbout, 'media_type' | 'voice'>): MediaKind {
  if (SHOWN_IMAGES.includes(type)) return 'image';
  if (PLAYED_VIDEOS.includes(type)) return 'video';
  if (PLAYED_AUDIO.includes(type)) return voice ? 'voice' : 'audio';
  return 'file';
}

/** What posts and stories take as a video; some systems name no type for it. */
export const isVideo = ({ name, type }: Pick<File, 'name' | 'type'>): boolean =>
  type ? type.startsWith('video/') : /\.(mp4|m4v|mov|webm)$/i.test(name);
export const VIDEO_TYPES = 'video/mp4,video/quicktime,video/webm,video/x-m4v,.mp4,.mov,.m4v,.webm';

/** The type a file's bytes get in this page: anything that could act as a page of ours has none. */
export const blobType = (about: FileAbout): string => (kindOf(about) === 'file' ? 'application/octet-stream' : about.media_type);

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** 3.4 MB */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const value = bytes / 1_000 ** power;
  const maximumFractionDigits = value < 10 && power > 0 ? 1 : 0;
  // A short unit of bytes knows no plural.
  const unitDisplay = power > 0 ? 'short' : 'long';
  return new Intl.NumberFormat(i18n.locale, { style: 'unit', unit: UNITS[power], unitDisplay, maximumFractionDigits }).format(value);
}

/** What a picture or video is, for those who do not see it. */
export function labelOf(file: FileView): string {
  if (kindOf(file) !== 'video') return t('file.photo', { name: file.name });
  const length = file.duration_ms ? clockSpan(file.duration_ms) : sizeText(file.size_bytes);
  return t('file.video', { name: file.name, length });
}

/** A name that others can save under: without folders, and not too long. */
export function safeName(name: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  const plain = name.replaceAll(/[/\\\u0000-\u001f\u007f-\u009f]/g, '_').trim();
  const kept = [...plain].slice(-limits.fileNameMax).join('');
  return kept === '' || kept === '.' || kept === '..' ? 'file' : kept;
}

const isToken = /^[a-zA-Z0-9!#$&\-^_.+]+\/[a-zA-Z0-9!#$&\-^_.+]+$/;

/** A media type without parameters, as messages carry it. */
export function plainType(type: string): string {
  const plain = type.split(';')[0]!.trim().toLowerCase();
  return isToken.test(plain) ? plain : 'application/octet-stream';
}

/** `photo.heic` becomes `photo.jpg`. */
export const withEnding = (name: string, ending: string) => `${name.replace(/\.[^.]{1,8}$/, '')}.${ending}`;
