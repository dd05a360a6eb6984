import type { PageRole } from '$lib/api/types';

/** From all to least. */
export const roles = ['admin', 'editor', 'community', 'analyst'] as const satisfies PageRole[];
export const roleWords = {
  admin: 'page.role.admin',
  editor: 'page.role.editor',
  community: 'page.role.community',
  analyst: 'page.role.analyst'
} as const;
export const roleNotes = {
  admin: 'page.role.admin.note',
  editor: 'page.role.editor.note',
  community: 'page.role.community.note',
  analyst: 'page.role.analyst.note'
} as const;
export const speaks = (role?: PageRole | null): boolean => role === 'admin' || role === 'editor';
export const counts = (role?: PageRole | null): boolean => speaks(role) || role === 'analyst';
