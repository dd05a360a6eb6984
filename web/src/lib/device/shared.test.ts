import { describe, expect, it } from 'vitest';
import { sharedOf, sharedText } from './shared';

describe('what is shared with the app', () => {
  it('is one text without repetition', () => {
    expect(sharedText(['Hut to hut', 'Look: https://a.example/x', 'https://a.example/x'])).toBe('Hut to hut\nLook: https://a.example/x');
    expect(sharedText(['', '  ', 'https://a.example'])).toBe('https://a.example');
    expect(sharedText(['x'.repeat(9_000)])).toHaveLength(5_000);
  });

  it('takes pictures alone, and no more than a post has room for', () => {
    const form = new FormData();
    form.set('text', 'From the lake');
    for (let n = 0; n < 12; n++) form.append('photos', new File(['x'], `${n}.jpg`, { type: 'image/jpeg' }));
    form.append('photos', new File(['<script>'], 'page.html', { type: 'text/html' }));
    const shared = sharedOf(form, 7);
    expect(shared).toMatchObject({ text: 'From the lake', at: 7 });
    expect(shared.photos.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, n) => `${n}.jpg`));
    const others = new FormData();
    others.append('photos', new File(['<script>'], 'page.html', { type: 'text/html' }));
    others.append('photos', 'no file');
    expect(sharedOf(others, 7)).toEqual({ text: '', photos: [], at: 7 });
  });
});
