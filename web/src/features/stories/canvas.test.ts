import { describe, expect, it } from 'vitest';
import { bounded, byKey, dragged, hostOf, webLink } from './canvas';

const frame = { width: 360, height: 640 };
const placed = { x: 500, y: 500, scale: 1_000, rotation: 0 };

describe('dragging', () => {
  it('moves by a finger', () =>
    expect(dragged(placed, [{ x: 100, y: 100 }], [{ x: 136, y: 164 }], frame)).toEqual({ ...placed, x: 600, y: 600 }));
  it('stops at the edge', () =>
    expect(dragged(placed, [{ x: 0, y: 0 }], [{ x: -900, y: 9_000 }], frame)).toMatchObject({ x: 0, y: 1_000 }));
  it('sizes by two fingers', () => {
    const from = [
      { x: 100, y: 100 },
      { x: 200, y: 100 }
    ];
    const to = [
      { x: 50, y: 100 },
      { x: 250, y: 100 }
    ];
    expect(dragged(placed, from, to, frame)).toEqual({ ...placed, scale: 2_000 });
  });
  it('turns by two fingers', () => {
    const from = [
      { x: 100, y: 100 },
      { x: 200, y: 100 }
    ];
    const to = [
      { x: 150, y: 50 },
      { x: 150, y: 150 }
    ];
    expect(dragged(placed, from, to, frame)).toEqual({ ...placed, rotation: 90 });
  });
});

describe('a layer', () => {
  it('stays within its limits', () => {
    expect(bounded({ x: -1, y: 1_001, scale: 9_999, rotation: 190 })).toEqual({ x: 0, y: 1_000, scale: 4_000, rotation: -170 });
    expect(bounded({ ...placed, scale: 1, rotation: -540 })).toEqual({ ...placed, scale: 300, rotation: -180 });
  });
  it('goes by keys as well', () => {
    expect(byKey(placed, 'ArrowLeft', false)).toEqual({ ...placed, x: 490 });
    expect(byKey(placed, 'ArrowDown', true)).toEqual({ ...placed, y: 550 });
    expect(byKey(placed, '+', false)).toEqual({ ...placed, scale: 1_100 });
    expect(byKey(placed, ']', false)).toEqual({ ...placed, rotation: 5 });
    expect(byKey(placed, 'a', false)).toBeUndefined();
  });
});

describe('links', () => {
  it('lead to web pages', () => {
    expect(webLink('example.org/a')).toBe('https://example.org/a');
    expect(webLink(' http://www.example.org ')).toBe('http://www.example.org/');
    expect(hostOf('https://www.example.org/a?b')).toBe('example.org');
  });
  it('and nowhere else', () => {
    for (const bad of ['', 'javascript:alert(1)', 'data:text/html,x', 'https://bank.example@evil.example/', 'ftp://example.org', 'word'])
      expect(webLink(bad), bad).toBeUndefined();
  });
});
