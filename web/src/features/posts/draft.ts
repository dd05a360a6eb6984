import type { Audience, NewQuestion } from '$lib/api/types';
import { drafts } from '$lib/stores/drafts';
import type { KeptPhoto } from './photos.svelte';
import { openTerms, type Terms } from './terms';

export type Attached = { mode: 'new'; title: string } | { mode: 'existing'; chat_id: string };
/** A post as it is being written. */
export interface PostDraft {
  /** Made once, so that sending it twice makes one post. */
  post_id: string;
  text: string;
  /** Those whose upload is finished. */
  photos: KeptPhoto[];
  audience: Audience;
  question: NewQuestion | null;
  attached: Attached | null;
  terms: Terms;
}

const PLACE = 'post';
const AUDIENCE = 'post-audience';

/** What was begun before, or a new one for the audience chosen last. */
export function readDraft(): PostDraft {
  const fresh = newDraft();
  try {
    const kept = { ...fresh, ...(JSON.parse(drafts.read(PLACE) || '{}') as Partial<PostDraft>) };
    const ranOut = kept.terms.expires_at !== null && kept.terms.expires_at <= Date.now();
    return ranOut ? { ...kept, terms: { ...kept.terms, expires_at: null } } : kept;
  } catch {
    return fresh;
  }
}

function newDraft(): PostDraft {
  return {
    post_id: crypto.randomUUID(),
    text: '',
    photos: [],
    audience: lastAudience(),
    question: null,
    attached: null,
    terms: openTerms()
  };
}

/** Begins a post for these people that leads into a new chat, in place of what was begun before. */
export function draftFor({ text, handles, title }: { text: string; handles: string[]; title: string }): void {
  keepDraft({ ...newDraft(), text, audience: { kind: 'people', handles }, attached: { mode: 'new', title } });
}

export function keepDraft(draft: PostDraft): void {
  drafts.write(PLACE, draft.text.trim() || draft.attached || draft.photos.length ? JSON.stringify(draft) : '');
}

export function draftDone(draft: PostDraft): void {
  drafts.write(PLACE, '');
  drafts.write(AUDIENCE, ['people', 'group', 'page'].includes(draft.audience.kind) ? '' : JSON.stringify(draft.audience));
}

function lastAudience(): Audience {
  try {
    return JSON.parse(drafts.read(AUDIENCE) || '{"kind":"public"}') as Audience;
  } catch {
    return { kind: 'public' };
  }
}
