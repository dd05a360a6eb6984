import { fromBase64url } from '$lib/core/base64url';

/** The first bytes of the formats that a small picture may have; anything else is shown as none. */
const KINDS: [string, number[]][] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46]]
];

/** An address of the small picture in a message; none when it is not one. */
export function thumbnailUrl(thumbnail: string): string | undefined {
  const bytes = fromBase64url(thumbnail);
  const kind = KINDS.find(([, first]) => first.every((byte, index) => bytes[index] === byte));
  return kind && `data:${kind[0]};base64,${thumbnail.replaceAll('-', '+').replaceAll('_', '/')}`;
}
