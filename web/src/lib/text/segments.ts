import type { AccountRef } from '$lib/api/types';

export type Segment = { text: string; href?: string; person?: AccountRef };

const link = /\bhttps?:\/\/[^\s<>"']+/giu;
const trailing = /[.,;:!?)\]}»”’]+$/u;
const mention = /(?<![\p{L}\p{N}_@])@([a-z][a-z0-9_]{2,29})(?![a-z0-9_])/giu;

/** The handles that a text names with an @, each once. */
export const mentionedIn = (text: string): string[] => [...new Set([...text.matchAll(mention)].map((found) => found[1]!.toLowerCase()))];

/**
 * Text in pieces, with web addresses and those of `people` whom it names set apart. Punctuation after an address stays
 * outside of it.
 */
export function segmentsOf(text: string, people: readonly AccountRef[] = []): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const found of text.matchAll(link)) {
    const href = found[0].replace(trailing, '');
    if (!URL.canParse(href)) continue;
    segments.push(...withPeople(text.slice(from, found.index), people));
    segments.push({ text: href, href });
    from = found.index + href.length;
  }
  segments.push(...withPeople(text.slice(from), people));
  return segments;
}

/** The text with the names of those whom it names by their handles, where nothing can be set apart. */
export const withNames = (text: string, people: readonly AccountRef[]): string =>
  withPeople(text, people)
    .map((segment) => segment.text)
    .join('');

function withPeople(text: string, people: readonly AccountRef[]): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const found of people.length ? text.matchAll(mention) : []) {
    const person = people.find(({ handle }) => handle === found[1]!.toLowerCase());
    if (!person) continue;
    if (found.index > from) segments.push({ text: text.slice(from, found.index) });
    segments.push({ text: `@${person.name || person.handle}`, person });
    from = found.index + found[0].length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}

const one = String.raw`(?:\p{RI}{2}|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)\uFE0F?\p{Emoji_Modifier}?)`;
/** By properties of single characters: the set of all emoji sequences takes a tenth of a second to compile. */
const emojiOnly = new RegExp(String.raw`^(?:${one}(?:\u200D${one})*\s*){1,3}$`, 'u');
/** Up to three emoji and nothing else: shown large. */
export const isEmojiOnly = (text: string): boolean => text.length < 60 && emojiOnly.test(text.trim());
