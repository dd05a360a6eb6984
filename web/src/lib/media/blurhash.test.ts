import { describe, expect, it } from 'vitest';
import { blurhashPixels } from './blurhash';

describe('blurhash', () => {
  it('is one colour where there is one wave', () => {
    // One wave each way: size 0, no strength, and #ff0000 in base 83.
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';
    let rest = 0xff0000;
    const colour = Array.from({ length: 4 }, () => {
      const digit = digits[rest % 83]!;
      rest = Math.floor(rest / 83);
      return digit;
    });
    const pixels = blurhashPixels(`00${colour.reverse().join('')}`, 2, 1);
    expect([...pixels!]).toEqual([255, 0, 0, 255, 255, 0, 0, 255]);
  });

  it('has a bright and a dark side where its waves say so', () => {
    const pixels = blurhashPixels('LEHV6nWB2yk8pyo0adR*.7kCMdnj', 16, 12)!;
    expect(pixels).toHaveLength(16 * 12 * 4);
    expect(new Set(pixels.filter((_, index) => index % 4 === 0)).size).toBeGreaterThan(8);
  });

  it('shows nothing for what is none', () => {
    for (const text of ['', 'LEHV6', 'LEHV6nWB2yk8pyo0adR*.7kCMdn', 'L HV6nWB2yk8pyo0adR*.7kCMdnj', '<script>']) {
      expect(blurhashPixels(text, 4, 4)).toBeUndefined();
    }
  });
});
