import { describe, expect, it } from 'vitest';
import de from '$messages/de.json';
import en from '$messages/en.json';
import { format, parse } from './icu';

const say = (source: string, locale: string, params?: Record<string, string | number>) => format(parse(source), locale, params);
/** Every placeholder of a message, nested ones too. */
function argumentsOf(source: string): string[] {
  const found = new Set<string>();
  const walk = (nodes: ReturnType<typeof parse>) => {
    for (const node of nodes) {
      if (typeof node === 'string' || !('arg' in node)) continue;
      found.add(node.arg);
      if ('cases' in node) Object.values(node.cases).forEach(walk);
    }
  };
  walk(parse(source));
  return [...found].sort();
}

describe('message format', () => {
  it('fills in and quotes', () => expect(say("Hi {name}, it''s {x}", 'en', { name: 'Ada', x: 3 })).toBe("Hi Ada, it's 3"));
  it('chooses the plural of the language', () => {
    const files = '{n, plural, =0 {none} one {# файл} few {# файла} many {# файлов} other {# файла}}';
    expect([0, 1, 3, 11].map((n) => say(files, 'ru', { n }))).toEqual(['none', '1 файл', '3 файла', '11 файлов']);
    expect(say(en['card.people'], 'en', { count: 1234 })).toBe('1,234 people');
  });
});

describe('message files', () => {
  it('say the same things', () => expect(Object.keys(de)).toEqual(Object.keys(en)));
  it('name the same placeholders', () => {
    const differing = (Object.keys(en) as (keyof typeof en)[]).filter((key) => argumentsOf(en[key]).join() !== argumentsOf(de[key]).join());
    expect(differing).toEqual([]);
  });
});
