import type { DeclineReason } from '$lib/api/types';
import { t } from '$lib/i18n/index.svelte';

/** A host's reason as the applicant reads it; none where there is nothing to tell. */
export const declineText = (reason: DeclineReason | null | undefined): string | undefined =>
  reason && reason !== 'other' ? t(`decline.${reason}`) : undefined;
