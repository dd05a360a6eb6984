import { chats } from './chats.svelte';
import { groups } from './groups.svelte';
import { notifications } from './notifications.svelte';
import { people } from './people.svelte';

/**
 * What waits for the reader: what the navigation counts on chats, people, groups and the bell, and the app's icon in one
 * number. Requests and invitations ring the bell as well, so the icon counts each of them once.
 */
class Attention {
  readonly chats = $derived(chats.unread + chats.waiting);
  readonly people = $derived(people.incoming.length);
  readonly groups = $derived(groups.invitations.rows.length);
  readonly notifications = $derived(notifications.unread);
  readonly count = $derived(this.chats + Math.max(this.people + this.groups, this.notifications));
  readonly isKnown = $derived(chats.phase === 'ready');
}

export const attention = new Attention();
