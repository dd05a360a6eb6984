/** The loudest of each of `count` stretches of the same length, as bytes. */
export function steps(levels: readonly number[], count: number): Uint8Array {
  const size = Math.max(1, levels.length / count);
  return Uint8Array.from({ length: Math.min(count, levels.length) }, (_, index) => {
    const part = levels.slice(Math.floor(index * size), Math.max(Math.floor(index * size) + 1, Math.floor((index + 1) * size)));
    return Math.round(Math.max(...part) * 255);
  });
}
