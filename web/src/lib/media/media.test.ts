import { describe, expect, it } from 'vitest';
import { toBase64url } from '$lib/core/base64url';
import { thumbnailUrl } from './thumbnail';
import { fit } from './fit';
import { steps } from './waveform';

describe('pictures and sound', () => {
  it('shrinks pictures and never blows them up', () => {
    expect(fit(4_000, 3_000, 2_000)).toEqual({ width: 2_000, height: 1_500 });
    expect(fit(30, 20, 2_000)).toEqual({ width: 30, height: 20 });
    expect(fit(10_000, 1, 100)).toEqual({ width: 100, height: 1 });
  });

  it('shows the loudest of each stretch', () => {
    expect([...steps([0, 1, 0.5, 0.2], 2)]).toEqual([255, 128]);
    expect(steps([0.1], 64)).toHaveLength(1);
    expect(steps([], 64)).toHaveLength(0);
  });

  it('takes nothing but a picture for a small picture', () => {
    expect(thumbnailUrl(toBase64url(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)))).toBe('data:image/jpeg;base64,_9j_4A'.replaceAll('_', '/'));
    expect(thumbnailUrl(toBase64url(new TextEncoder().encode('<svg onload="x">')))).toBeUndefined();
  });
});
