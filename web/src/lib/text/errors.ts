import type { ApiError } from '$lib/api/error';
import { i18n, number, t, type MessageKey } from '$lib/i18n/index.svelte';
import en from '$messages/en.json';

/** What happened and what to do, in the reader's language; the server's own sentence where we have none. */
export function errorText(error: ApiError): string {
  if (error.code === 'rate_limited' && error.retryAfterMs)
    return t('error.rate_limited_for', { seconds: number(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) });
  if (error.code === 'invalid_field' && i18n.locale === 'en' && error.message) return error.message;
  const key = `error.${error.code}`;
  return key in en ? t(key as MessageKey) : error.message || t('error.internal');
}
