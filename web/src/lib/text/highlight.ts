export interface Piece {
  text: string;
  isHit: boolean;
}

/** Characters shown before the first hit of an excerpt. */
const LEAD_CHARS = 36;
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The words of a search, as the core reads them. */
export const termsOf = (words: string): string[] =>
  fold(words)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** A text in pieces, the words that begin with one of the terms set apart. */
export function highlight(text: string, terms: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    if (!terms.some((term) => fold(word).startsWith(term))) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), isHit: false });
    pieces.push({ text: word, isHit: true });
    from = index + word.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isHit: false });
  return pieces;
}

/** As `highlight`, from a little before the first hit. */
export function excerpt(text: string, words: string): Piece[] {
  const pieces = highlight(text, termsOf(words));
  const lead = pieces[0];
  if (!lead || lead.isHit || lead.text.length <= LEAD_CHARS || pieces.length === 1) return pieces;
  const cut = lead.text.slice(-LEAD_CHARS);
  return [{ text: `…${cut.slice(cut.indexOf(' '))}`, isHit: false }, ...pieces.slice(1)];
}
