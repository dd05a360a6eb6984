import { chats } from './chats.svelte';

/** What stands in the browser's tab: how much is unread, the page, the product. */
export const tabTitle = (page: string): string => `${chats.unread ? `(${chats.unread}) ` : ''}${page} · Doorpost`;
