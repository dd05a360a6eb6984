export type Segment = { text: string; href?: string };

const link = /\bhttps?:\/\/[^\s<>"']+/giu;
const trailing = /[.,;:!?)\]}»”’]+$/u;

/** Text in pieces, with web addresses set apart. Punctuation after an address stays outside of it. */
export function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const found of text.matchAll(link)) {
    const href = found[0].replace(trailing, '');
    if (!URL.canParse(href)) continue;
    if (found.index > from) segments.push({ text: text.slice(from, found.index) });
    segments.push({ text: href, href });
    from = found.index + href.length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}

const one = String.raw`(?:\p{RI}{2}|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)\uFE0F?\p{Emoji_Modifier}?)`;
/** By properties of single characters: the set of all emoji sequences takes a tenth of a second to compile. */
const emojiOnly = new RegExp(String.raw`^(?:${one}(?:\u200D${one})*\s*){1,3}$`, 'u');
/** Up to three emoji and nothing else: shown large. */
export const isEmojiOnly = (text: string): boolean => text.length < 60 && emojiOnly.test(text.trim());
