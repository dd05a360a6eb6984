import { i18n } from './index.svelte';
import { once } from './once';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A clock that the whole page reads, moved on every half minute, so that "2 min ago" does not go stale. */
let now = $state(Date.now());
setInterval(() => (now = Date.now()), MINUTE_MS / 2);
export const clock = {
  get now() {
    return now;
  }
};

const dates = once<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>(Intl.DateTimeFormat);
const distances = once<Intl.RelativeTimeFormatOptions, Intl.RelativeTimeFormat>(Intl.RelativeTimeFormat);

const sameDay = (a: number, b: number) => new Date(a).toDateString() === new Date(b).toDateString();

/** 14:05 */
export const timeOfDay = (at: number) => dates(i18n.region, { timeStyle: 'short' }).format(at);

/** Sat 28 Nov, 14:05 */
export function dateTime(at: number): string {
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return dates(i18n.region, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year,
    hour: '2-digit',
    minute: '2-digit'
  }).format(at);
}

export const dateOnly = (at: number) => dates(i18n.region, { dateStyle: 'medium' }).format(at);

/** Today, Yesterday, or Saturday 28 November */
export function dayName(at: number): string {
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / DAY_MS);
  if (days === 0 || days === -1) {
    const word = distances(i18n.locale, { numeric: 'auto' }).format(days, 'day');
    return word.charAt(0).toLocaleUpperCase(i18n.locale) + word.slice(1);
  }
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return dates(i18n.region, { weekday: 'long', day: 'numeric', month: 'long', year }).format(at);
}

/** now, 5 min. ago, 3 hr. ago, yesterday, then the date */
export function ago(at: number): string {
  const past = Math.max(0, now - at);
  const format = distances(i18n.locale, { style: 'short', numeric: 'auto' });
  if (past < MINUTE_MS) return format.format(0, 'second');
  if (past < HOUR_MS) return format.format(-Math.floor(past / MINUTE_MS), 'minute');
  if (past < DAY_MS) return format.format(-Math.floor(past / HOUR_MS), 'hour');
  if (past < 7 * DAY_MS) return format.format(-Math.floor(past / DAY_MS), 'day');
  return dateOnly(at);
}

/** The time today, else day and time. */
export const asOf = (at: number) => (sameDay(at, now) ? timeOfDay(at) : dateTime(at));

/** For a list of chats: the time today, the weekday this week, else the date. */
export function shortWhen(at: number): string {
  if (sameDay(at, now)) return timeOfDay(at);
  if (now - at < 6 * DAY_MS) return dates(i18n.region, { weekday: 'short' }).format(at);
  return dates(i18n.region, { day: 'numeric', month: 'short' }).format(at);
}

/** in 3 hr., in 2 days: how long something stays open. */
export function until(at: number): string {
  const left = at - now;
  const format = distances(i18n.locale, { style: 'short', numeric: 'always' });
  if (left < HOUR_MS) return format.format(Math.max(1, Math.round(left / MINUTE_MS)), 'minute');
  if (left < 2 * DAY_MS) return format.format(Math.round(left / HOUR_MS), 'hour');
  return format.format(Math.round(left / DAY_MS), 'day');
}

const SPANS = [
  ['week', 7 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', 1_000]
] as const;

/** 30 seconds, 1 hour, 4 weeks: a length of time in the largest unit that gives a whole number. */
export function span(ms: number): string {
  const [unit, unitMs] = SPANS.find(([, size]) => ms >= size && ms % size === 0) ?? SPANS.at(-1)!;
  return new Intl.NumberFormat(i18n.locale, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(ms / unitMs));
}

/** 0:07, 12:30, 1:02:03: as players and countdowns show it. */
export function clockSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}
