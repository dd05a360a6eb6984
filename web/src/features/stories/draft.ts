import type { Audience, Gradient, Layer } from '$lib/api/types';
import { drafts } from '$lib/stores/drafts';
import type { Attached } from '../posts/draft';
import type { KeptPhoto } from '../posts/photos.svelte';
import { openTerms, type Terms } from '../posts/terms';

/** A story as it is being put together. */
export interface StoryDraft {
  /** Made once, so that sending it twice makes one story. */
  post_id: string;
  gradient: Gradient;
  layers: Layer[];
  /** Once its upload is finished. */
  photo: KeptPhoto | null;
  audience: Audience;
  /** What the join sticker leads to. */
  attached: Attached | null;
  terms: Terms;
}

const PLACE = 'story';

/** What was begun before, or a new one. */
export function readStory(): StoryDraft {
  const fresh: StoryDraft = {
    post_id: crypto.randomUUID(),
    gradient: 'forest',
    layers: [],
    photo: null,
    audience: { kind: 'connections' },
    attached: null,
    terms: openTerms()
  };
  try {
    const kept = { ...fresh, ...(JSON.parse(drafts.read(PLACE) || '{}') as Partial<StoryDraft>) };
    const ranOut = kept.terms.expires_at !== null && kept.terms.expires_at <= Date.now();
    return ranOut ? { ...kept, terms: { ...kept.terms, expires_at: null } } : kept;
  } catch {
    return fresh;
  }
}

export function keepStory(draft: StoryDraft): void {
  drafts.write(PLACE, draft.layers.length || draft.photo ? JSON.stringify(draft) : '');
}

export function storyDone(): void {
  drafts.write(PLACE, '');
}
