import { createRouter } from 'sv-router';
import FeedPage from '$features/posts/FeedPage.svelte';
import Shell from '$features/shell/Shell.svelte';

/** Whoever opens the feed first has no use for chats yet; a list and a chat are one page, which stays when one goes between them. */
const chatsPage = () => import('$features/chats/ChatsPage.svelte');

// The router tells a page that is still to be loaded by its source, so one named here itself must not hold `() => import(…)`.
export const { navigate, route, preload } = createRouter({
  '/': FeedPage,
  '/new': () => import('$features/posts/ComposePage.svelte'),
  '/posts/:id': () => import('$features/posts/PostPage.svelte'),
  '/posts/:id/edit': () => import('$features/posts/EditPage.svelte'),
  '/stories/new': () => import('$features/stories/StoryEditor.svelte'),
  '/stories/archive': () => import('$features/stories/ArchivePage.svelte'),
  '/stories/:handle': () => import('$features/stories/StoryPage.svelte'),
  '/j/:id': () => import('$features/posts/DoorPage.svelte'),
  '/chats': chatsPage,
  '/chats/:id': chatsPage,
  '/chats/:id/requests': () => import('$features/chats/QueuePage.svelte'),
  '/people': () => import('$features/people/PeoplePage.svelte'),
  '/people/:handle': () => import('$features/people/PersonPage.svelte'),
  '/people/:handle/sees': () => import('$features/people/SeesPage.svelte'),
  '/groups': () => import('$features/groups/GroupsPage.svelte'),
  '/groups/:id': () => import('$features/groups/GroupPage.svelte'),
  '/pages': () => import('$features/pages/PagesPage.svelte'),
  '/notifications': () => import('$features/notifications/NotificationsPage.svelte'),
  '/lists': () => import('$features/people/ListsPage.svelte'),
  '/lists/:id': () => import('$features/people/ListPage.svelte'),
  '/link': () => import('$features/account/LinkPage.svelte'),
  '/moderation': () => import('$features/moderation/ModerationPage.svelte'),
  '/moderation/:id': () => import('$features/moderation/CasePage.svelte'),
  '/settings/notifications': () => import('$features/notifications/NotificationSettingsPage.svelte'),
  '/unsubscribe': () => import('$features/notifications/UnsubscribePage.svelte'),
  '/settings': () => import('$features/account/SettingsPage.svelte'),
  '*': () => import('$features/shell/UnknownPage.svelte'),
  layout: Shell
});
