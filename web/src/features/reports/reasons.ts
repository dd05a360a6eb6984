import type { ReportReason } from '$lib/api/types';
import { t } from '$lib/i18n/index.svelte';

/** What can be wrong with a message, the most frequent first. */
export const REASONS: readonly ReportReason[] = ['spam', 'harassment', 'hate', 'violence', 'sexual', 'self_harm', 'illegal', 'other'];

export const reasonText = (reason: ReportReason): string => t(`report.reason.${reason}`);
