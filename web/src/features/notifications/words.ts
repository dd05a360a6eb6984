import type { NotificationKind, NotificationView } from '$lib/api/types';
import { t, type MessageKey } from '$lib/i18n/index.svelte';
import Bell from '@lucide/svelte/icons/bell';
import Check from '@lucide/svelte/icons/check';
import CircleX from '@lucide/svelte/icons/circle-x';
import DoorOpen from '@lucide/svelte/icons/door-open';
import Heart from '@lucide/svelte/icons/heart';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import MessageCircleQuestion from '@lucide/svelte/icons/message-circle-question-mark';
import Newspaper from '@lucide/svelte/icons/newspaper';
import UserPlus from '@lucide/svelte/icons/user-plus';
import Users from '@lucide/svelte/icons/users';

export const icons: Record<NotificationKind, typeof Bell> = {
  connection_request: UserPlus,
  connection_accepted: Check,
  join_request: DoorOpen,
  request_admitted: DoorOpen,
  request_declined: CircleX,
  story_answer: MessageCircleQuestion,
  question_answer: MessageCircleQuestion,
  answer_published: MessageCircleQuestion,
  group_request: Users,
  group_admitted: Users,
  group_invited: Users,
  group_post_pending: Users,
  group_post_let_through: Users,
  new_post: Newspaper,
  comment: MessageCircle,
  reply: MessageCircle,
  mention: MessageCircle,
  reaction: Heart
};

/** Who did it, as far as they are named. */
function names(row: NotificationView): string {
  const [first, second] = row.actors.map((actor) => actor.name);
  if (!first) return '';
  if (!second) return first;
  if (row.actor_count === 2) return t('notifications.two', { first, second });
  return t('notifications.more', { first, second, count: row.actor_count - 2 });
}

/** What happened, in one sentence. */
export const sentence = (row: NotificationView) =>
  t(`notifications.kind.${row.kind}` as MessageKey, {
    names: names(row),
    count: row.actor_count,
    group: row.group?.name ?? '',
    chat: row.chat?.title ?? ''
  });

/** Where it leads. */
export function link(row: NotificationView): string {
  const [actor] = row.actors;
  const person = actor ? `/people/${actor.handle}` : '/people';
  const post = row.post && (row.post.kind === 'story' ? `/stories/${row.post.author.handle}` : `/posts/${row.post.post_id}`);
  const group = row.group && `/groups/${row.group.group_id}`;
  switch (row.kind) {
    case 'connection_request':
      return row.actor_count > 1 ? '/people' : person;
    case 'connection_accepted':
      return person;
    case 'join_request':
      return row.chat ? `/chats/${row.chat.chat_id}/requests` : '/chats';
    case 'request_admitted':
      return row.chat?.is_member ? `/chats/${row.chat.chat_id}` : (post ?? '/chats');
    case 'group_post_pending':
      return group ?? post ?? '/';
    default:
      return post ?? group ?? '/';
  }
}
