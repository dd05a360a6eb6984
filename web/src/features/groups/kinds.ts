import Globe from '@lucide/svelte/icons/globe';
import Lock from '@lucide/svelte/icons/lock';
import EyeOff from '@lucide/svelte/icons/eye-off';
import type { GroupKind } from '$lib/api/types';

export const kinds: GroupKind[] = ['open', 'closed', 'secret'];
export const kindIcons = { open: Globe, closed: Lock, secret: EyeOff } as const;
export const kindWords = { open: 'group.kind.open', closed: 'group.kind.closed', secret: 'group.kind.secret' } as const;
export const kindNotes = { open: 'group.kind.open.note', closed: 'group.kind.closed.note', secret: 'group.kind.secret.note' } as const;
