import createClient, { type Middleware } from 'openapi-fetch';
import { failureOf } from '$lib/core/protocol';
import { ApiError } from './error';
import type { paths } from './schema';

/** Every answer that is not a success becomes an {@link ApiError}. */
const throwing: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const body: unknown = await response.json().catch(() => undefined);
    const code = response.status === 404 ? 'not_found' : 'internal';
    throw new ApiError(body ? failureOf(body) : { code, message: response.statusText });
  },
  onError({ error }) {
    return ApiError.ofFetch(error);
  }
};

const client = createClient<paths>({ baseUrl: '/', credentials: 'same-origin', headers: { 'doorpost-session': 'cookie' } });
client.use(throwing);
export const api = client;

/** The body of a successful answer. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
