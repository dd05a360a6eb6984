import type { CoreFailure } from '$lib/core/protocol';

/** Every failure that reaches the page: the server's, the core's, or a network that is not there. */
export class ApiError extends Error {
  readonly code: string;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(failure: CoreFailure) {
    super(failure.message);
    this.name = 'ApiError';
    this.code = failure.code;
    this.field = failure.field ?? undefined;
    this.retryAfterMs = failure.retry_after_ms ?? undefined;
  }

  /** For what `fetch` itself throws, and nothing else: anywhere but there a `TypeError` is a fault of the program. */
  static ofFetch(thrown: unknown): ApiError {
    if (thrown instanceof TypeError) return new ApiError({ code: 'offline', message: 'The server could not be reached.' });
    return ApiError.of(thrown);
  }

  static of(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    return new ApiError({ code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}
