import { createRouter } from 'sv-router';
import ChatsPage from '$features/chats/ChatsPage.svelte';
import FeedPage from '$features/posts/FeedPage.svelte';
import Shell from '$features/shell/Shell.svelte';

export const { navigate, route, preload } = createRouter({
  '/': FeedPage,
  '/new': () => import('$features/posts/ComposePage.svelte'),
  '/posts/:id': () => import('$features/posts/PostPage.svelte'),
  '/posts/:id/edit': () => import('$features/posts/EditPage.svelte'),
  '/j/:id': () => import('$features/posts/DoorPage.svelte'),
  '/chats': ChatsPage,
  '/chats/:id': ChatsPage,
  '/chats/:id/requests': () => import('$features/chats/QueuePage.svelte'),
  '/people': () => import('$features/people/PeoplePage.svelte'),
  '/people/:handle': () => import('$features/people/PersonPage.svelte'),
  '/lists': () => import('$features/people/ListsPage.svelte'),
  '/lists/:id': () => import('$features/people/ListPage.svelte'),
  '/link': () => import('$features/account/LinkPage.svelte'),
  '/settings': () => import('$features/account/SettingsPage.svelte'),
  '*': () => import('$features/shell/UnknownPage.svelte'),
  layout: Shell
});
