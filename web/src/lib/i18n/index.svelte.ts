import en from '$messages/en.json';
import { format, parse, type Params } from './icu';
import { once } from './once';

export type MessageKey = keyof typeof en;
type Catalog = Partial<Record<MessageKey, string>>;
const loaders = import.meta.glob<{ default: Catalog }>(['../../../messages/*.json', '!../../../messages/en.json']);
const rightToLeft = new Set(['ar', 'he', 'fa', 'ur']);
/** Languages there are message files for, by their own names. */
export const languages: { locale: string; name: string }[] = [
  { locale: 'en', name: 'English' },
  { locale: 'de', name: 'Deutsch' }
];

let locale = $state('en');
/** The browser's own variant of the language, for dates and numbers: 24 hours in en-GB, 12 in en-US. */
let region = $state('en');
let catalog = $state.raw<Catalog>(en);
/** A memo, deliberately not reactive. */
const parsed = new Map<string, ReturnType<typeof parse>>();

export const i18n = {
  get locale() {
    return locale;
  },
  get region() {
    return region;
  }
};

const file = (language: string) => `../../../messages/${language}.json`;
const known = (language: string) => language === 'en' || file(language) in loaders;

/** The language chosen before, else the first of the browser's that there is a message file for. */
export async function startLocale(): Promise<void> {
  const chosen = localStorage.getItem('locale');
  const wanted = [...(chosen ? [chosen] : []), ...navigator.languages.map((tag) => tag.split('-')[0]!)];
  await showLocale(wanted.find(known) ?? 'en');
}

/** Shows `next` from now on and remembers it. */
export async function setLocale(next: string): Promise<void> {
  localStorage.setItem('locale', next);
  await showLocale(next);
}

async function showLocale(next: string): Promise<void> {
  catalog = next === 'en' ? en : (await loaders[file(next)]!()).default;
  locale = next;
  region = navigator.languages.find((tag) => tag === next || tag.startsWith(`${next}-`)) ?? next;
  document.documentElement.lang = next;
  document.documentElement.dir = rightToLeft.has(next) ? 'rtl' : 'ltr';
}

export function t(key: MessageKey, params?: Params): string {
  const source = catalog[key] ?? en[key];
  if (!params) return source;
  let ast = parsed.get(source);
  if (!ast) parsed.set(source, (ast = parse(source)));
  return format(ast, locale, params);
}

const numbers = once<Intl.NumberFormatOptions, Intl.NumberFormat>(Intl.NumberFormat);
export const number = (value: number): string => numbers(region).format(value);
