import { describe, expect, it } from 'vitest';
import { blobType, kindOf, plainType, safeName, sizeText, withEnding } from './kinds';

describe('files of a chat', () => {
  it('shows and plays only what cannot act as a page', () => {
    expect(kindOf({ media_type: 'image/webp' })).toBe('image');
    expect(kindOf({ media_type: 'audio/webm', voice: true })).toBe('voice');
    for (const type of ['image/svg+xml', 'text/html', 'application/pdf', 'application/xhtml+xml']) {
      expect(kindOf({ media_type: type })).toBe('file');
      expect(blobType({ name: 'x', media_type: type })).toBe('application/octet-stream');
    }
  });

  it('gives names that can be saved under', () => {
    expect(safeName('a/b\\c\u0000.txt')).toBe('a_b_c_.txt');
    expect(safeName('..')).toBe('file');
    expect(safeName(' ')).toBe('file');
    expect([...safeName('x'.repeat(300) + '.png')]).toHaveLength(255);
    expect(safeName('x'.repeat(300) + '.png')).toMatch(/\.png$/);
    expect(withEnding('photo.HEIC', 'jpg')).toBe('photo.jpg');
  });

  it('says types without parameters, and sizes in few words', () => {
    expect(plainType('audio/webm;codecs=opus')).toBe('audio/webm');
    expect(plainType('')).toBe('application/octet-stream');
    expect(sizeText(3_400_000)).toBe('3.4 MB');
    expect(sizeText(12)).toBe('12 bytes');
  });
});
