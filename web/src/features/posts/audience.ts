import Globe from '@lucide/svelte/icons/globe';
import Megaphone from '@lucide/svelte/icons/megaphone';
import List from '@lucide/svelte/icons/list';
import UserRound from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users';
import UsersRound from '@lucide/svelte/icons/users-round';
import type { Audience, AudienceKind } from '$lib/api/types';
import { t } from '$lib/i18n/index.svelte';
import { groups } from '$lib/stores/groups.svelte';
import { lists } from '$lib/stores/lists.svelte';
import { pages } from '$lib/stores/pages.svelte';

export const audienceIcons = {
  public: Globe,
  connections: UsersRound,
  lists: List,
  people: UserRound,
  group: Users,
  page: Megaphone
} as const;

const words = {
  public: 'audience.public',
  connections: 'audience.connections',
  lists: 'audience.lists',
  people: 'audience.people',
  group: 'audience.group',
  page: 'audience.page'
} as const;
export const audienceWord = (kind: AudienceKind): string => t(words[kind]);

/** For the author: names of the lists, number of the people. */
export function audienceText(audience: Audience): string {
  if (audience.kind === 'people') return t('audience.people.count', { count: audience.handles.length });
  if (audience.kind === 'group') return groups.get(audience.group_id)?.name ?? t('audience.group');
  if (audience.kind === 'page') return pages.own(audience.page_id)?.name ?? t('audience.page');
  if (audience.kind !== 'lists') return audienceWord(audience.kind);
  const names = audience.list_ids.map((id) => lists.name(id)).filter(Boolean);
  return names.length ? names.join(', ') : t('audience.lists.count', { count: audience.list_ids.length });
}

/** Nobody chosen yet. */
export const isIncomplete = (audience: Audience): boolean =>
  (audience.kind === 'lists' && !audience.list_ids.length) || (audience.kind === 'people' && !audience.handles.length);
