import { ApiError } from '$lib/api/error';
import type { JoinStatus } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import type { CoreEvent } from '$lib/core/types';
import { t } from '$lib/i18n/index.svelte';
import { declineText } from '$lib/text/decline';
import { chatDrafts } from './chat-drafts';
import { chats } from './chats.svelte';
import { conversations } from './conversation.svelte';
import { drafts } from './drafts';
import { feed } from './feed.svelte';
import { files } from './files.svelte';
import { groups } from './groups.svelte';
import { pages } from './pages.svelte';
import { joins } from './joins.svelte';
import { lists } from './lists.svelte';
import { moderation } from './moderation.svelte';
import { network } from './network.svelte';
import { notifications } from './notifications.svelte';
import { people } from './people.svelte';
import { posts } from './posts.svelte';
import { privacy } from './privacy.svelte';
import { push } from './push.svelte';
import { queues } from './queue.svelte';
import { reports } from './reports.svelte';
import { lastHere, session } from './session.svelte';
import { stories } from './stories.svelte';
import { toasts } from './toasts.svelte';
import { typing } from './typing.svelte';
import { update } from './update.svelte';

/** Where each event of the core goes. The one place where stores meet. */
export function startLive(openChat: (chatId: string) => void): void {
  core.on((event) => void receive(event, openChat));
  if (location.pathname === '/' && lastHere()) core.loadAfter(feed.open());
}

/** After sign-in: what every screen needs. */
export function loadAll(): void {
  void chats.load();
  void chatDrafts.handAll();
  void people.load();
  void groups.load();
  if (session.me?.server_role) void moderation.open.load();
  moderation.loadNotices().catch(() => undefined);
  void notifications.load().catch(() => undefined);
  void push.renew().catch(() => undefined);
}

/** After sign-out: nothing of the account stays on the page. */
export function forgetAll(): void {
  for (const store of [
    feed,
    posts,
    chats,
    conversations,
    files,
    groups,
    moderation,
    notifications,
    pages,
    people,
    lists,
    privacy,
    push,
    queues,
    reports,
    stories,
    typing
  ])
    store.reset();
  drafts.clear();
}

async function receive(event: CoreEvent, openChat: (chatId: string) => void): Promise<void> {
  try {
    await route(event, openChat);
  } catch (thrown) {
    // A hint that could not be followed: the next one, or coming online, makes up for it.
    if (ApiError.of(thrown).code === 'unauthenticated') session.ended();
  }
}

async function route(event: CoreEvent, openChat: (chatId: string) => void): Promise<void> {
  switch (event.event) {
    case 'online':
      network.socket = event.online;
      if (event.online) {
        // One's part on this server may be another by now.
        await session.reload().catch(() => undefined);
        await Promise.all([
          feed.catchUp(),
          people.load(),
          groups.load(),
          chats.load(),
          notifications.load(),
          reports.catchUp(),
          stories.refresh(),
          moderation.loadNotices(),
          session.me?.server_role && moderation.changed()
        ]);
      }
      break;
    case 'chats':
      await Promise.all([chats.load(), conversations.learnNames()]);
      break;
    case 'messages':
      conversations.upsert(event.chat_id, event.messages);
      typing.wrote(event.chat_id, event.messages);
      await chats.load();
      break;
    case 'messages_gone':
      conversations.drop(event.chat_id, event.local_ids);
      break;
    case 'history':
      await conversations.learnPast(event.chat_id);
      break;
    case 'file_progress':
      files.progressed(event);
      break;
    case 'typing':
      typing.begin(event.chat_id, event.account);
      break;
    case 'post_added':
      await Promise.all([feed.added(event.post_id), groups.added(event.post_id)]);
      break;
    case 'story_added':
      await stories.refresh();
      break;
    case 'post_changed':
      await Promise.all([feed.changed(event.post_id), stories.changed(event.post_id)]);
      break;
    case 'request':
      await decided(event.status, openChat);
      break;
    case 'queue':
      await Promise.all([queues.changed(event.chat_id), chats.load()]);
      break;
    case 'chat_reports':
      await reports.chatChanged(event.chat_id);
      break;
    case 'reports':
      if (session.me?.server_role) await moderation.changed();
      break;
    case 'group':
      await Promise.all([groups.changed(event.group_id), feed.catchUp()]);
      break;
    case 'notifications':
      await notifications.load();
      break;
    case 'connections':
      // Who may see what has changed too.
      await Promise.all([people.load(), feed.catchUp(), stories.refresh()]);
      break;
    case 'signed_in':
      session.begunElsewhere();
      break;
    case 'outdated':
      update.outdated();
      break;
    case 'signed_out':
      session.ended();
      break;
    case 'warning':
      toasts.fail(new ApiError({ code: event.code, message: event.message }));
  }
}

/** One's own request moved: say so wherever the applicant is. */
async function decided(status: JoinStatus, openChat: (chatId: string) => void): Promise<void> {
  // Whoever has just tapped the button is on the way into the chat anyhow.
  const tapped = joins.busy.has(status.invite_id);
  const post = posts.withInvite(status.invite_id);
  await Promise.all([post && posts.refresh(post.post_id), chats.load()]);
  const title = post?.invite?.title ?? chats.get(status.chat_id)?.title ?? '';
  const isThere = location.pathname === `/chats/${status.chat_id}`;
  if (status.state === 'joined' && !tapped && !isThere)
    toasts.say(t('join.in', { title }), { label: t('card.open'), run: () => openChat(status.chat_id) }, { about: status.chat_id });
  if (status.state === 'declined') {
    const why = declineText(status.decline_reason);
    toasts.say(why ? t('join.declined.why', { title, why }) : t('join.declined', { title }));
  }
}
