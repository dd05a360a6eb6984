import { handlePattern, limits } from './limits';

/** A handle proposed from a name; empty when the name gives none. */
export function handleFrom(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, limits.handleMax);
  return handlePattern.test(plain) ? plain : '';
}
