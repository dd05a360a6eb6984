import type { HistoryWindow, MessageView, PolicyChange } from '$lib/core/types';
import { i18n, number, t } from '$lib/i18n/index.svelte';
import { span } from '$lib/i18n/time.svelte';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What hosts choose from; 0 is none. */
export const DISAPPEAR_MS = [0, 5 * MINUTE_MS, HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS];
export const SLOW_MS = [0, 10 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
export const HISTORIES: HistoryWindow[] = ['nothing', { last: 50 }, { last: 500 }, 'since_post', 'everything'];

/** As a choice, or as a sentence about the chat. */
export function historyText(prefix: 'settings.chat.history' | 'members.rule.history', history: HistoryWindow): string {
  return typeof history === 'object' ? t(`${prefix}.last`, { count: history.last, n: number(history.last) }) : t(`${prefix}.${history}`);
}

/** What a host changed, a sentence for each. `me` is the reader. */
export function changeTexts({ changes = [], people, sender, text }: MessageView, me: string | undefined): string[] {
  const isMe = (id: string | undefined) => id !== undefined && id === me;
  const by = { who: isMe(sender?.account_id) ? 'me' : 'other', name: sender?.name || t('chat.somebody') };
  const nameOf = (id: string) =>
    isMe(id) ? t('chat.you.object') : people.find((person) => person.account_id === id)?.name || t('chat.somebody');
  /** Several people of whom the same is said stand in one sentence. */
  const those = (kind: PolicyChange['change']) => {
    const ids = changes.flatMap((change) => (change.change === kind && 'account_id' in change ? [change.account_id] : []));
    return { ids, count: ids.length, names: new Intl.ListFormat(i18n.locale).format(ids.map(nameOf)) };
  };
  const sentence = (change: PolicyChange): string => {
    switch (change.change) {
      case 'host_added':
      case 'banned':
      case 'unbanned':
        return t(`event.policy.${change.change}`, { ...by, names: those(change.change).names });
      case 'host_removed': {
        const { ids, count, names } = those(change.change);
        return t('event.policy.host_removed', { who: count === 1 && isMe(ids[0]) ? 'me' : 'other', count, names });
      }
      case 'history':
        return t('event.policy.history', { ...by, what: historyText('settings.chat.history', change.history) });
      case 'message_ttl':
        return change.message_ttl_ms ? t('event.policy.ttl', { ...by, span: span(change.message_ttl_ms) }) : t('event.policy.ttl.off', by);
      case 'slow_mode':
        return change.slow_mode_ms ? t('event.policy.slow', { ...by, span: span(change.slow_mode_ms) }) : t('event.policy.slow.off', by);
      case 'only_hosts_write':
        return t(change.only_hosts_write ? 'event.policy.quiet' : 'event.policy.quiet.off', by);
      case 'profile':
        return t('event.policy.profile', { ...by, title: text });
      case 'picture':
        return t('event.policy.picture', by);
      default:
        return t('event.policy');
    }
  };
  return [...new Set(changes.map(sentence))];
}
