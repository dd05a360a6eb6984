import type { InviteTerms, InviteTermsChange, PostView } from '$lib/api/types';
import { number, t } from '$lib/i18n/index.svelte';
import { dateTime } from '$lib/i18n/time.svelte';

/** The terms as the sheet edits them: every field there. */
export interface Terms {
  admission: 'open' | 'approval';
  questions: string[];
  seats: number | null;
  expires_at: number | null;
  ends_with_post: boolean;
}

export const openTerms = (): Terms => ({ admission: 'open', questions: [], seats: null, expires_at: null, ends_with_post: true });

export const termsOf = (terms: InviteTerms): Terms => ({
  admission: terms.admission,
  questions: [...(terms.questions ?? [])],
  seats: terms.seats ?? null,
  expires_at: terms.expires_at ?? null,
  ends_with_post: terms.ends_with_post ?? false
});

/** Without the questions that were left empty. */
export const tidied = (terms: Terms): Terms => ({
  ...terms,
  questions: terms.questions.map((question) => question.trim()).filter(Boolean)
});

/** What is different, or nothing. */
export function changeOf(before: Terms, after: Terms): InviteTermsChange | undefined {
  const change: InviteTermsChange = {};
  if (after.admission !== before.admission) change.admission = after.admission;
  if (after.questions.join('\n') !== before.questions.join('\n')) change.questions = after.questions;
  if (after.seats !== before.seats) {
    if (after.seats === null) change.clear_seats = true;
    else change.seats = after.seats;
  }
  if (after.expires_at !== before.expires_at) {
    if (after.expires_at === null) change.clear_expiry = true;
    else change.expires_at = after.expires_at;
  }
  if (after.ends_with_post !== before.ends_with_post) change.ends_with_post = after.ends_with_post;
  return Object.keys(change).length ? change : undefined;
}

/** All terms in one line. */
export function termsText(terms: Terms): string {
  const parts = [terms.admission === 'open' ? t('terms.sum.open') : t('terms.sum.approval')];
  const questions = terms.questions.filter((question) => question.trim()).length;
  if (questions) parts.push(t('terms.sum.questions', { count: questions }));
  if (terms.seats) parts.push(t('terms.sum.seats', { count: terms.seats, n: number(terms.seats) }));
  if (terms.expires_at) parts.push(t('terms.sum.until', { when: dateTime(terms.expires_at) }));
  if (terms.ends_with_post) parts.push(t('terms.sum.ends'));
  return parts.join(' · ');
}

/** Whether nobody can come in any more, as far as the post says. */
export const isClosed = (post: PostView): boolean => post.invite?.button === 'closed';
