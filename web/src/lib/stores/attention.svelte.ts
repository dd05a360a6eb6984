import { chats } from './chats.svelte';
import { groups } from './groups.svelte';
import { people } from './people.svelte';

/** What waits for the reader: what the navigation counts on chats, people and groups, and the app's icon in one number. */
class Attention {
  readonly chats = $derived(chats.unread + chats.waiting);
  readonly people = $derived(people.incoming.length);
  readonly groups = $derived(groups.invitations.rows.length);
  readonly count = $derived(this.chats + this.people + this.groups);
  readonly isKnown = $derived(chats.phase === 'ready');
}

export const attention = new Attention();
