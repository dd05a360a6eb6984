import { describe, expect, it } from 'vitest';
import { ApiError } from './error';

describe('failures', () => {
  it('a request that does not get out is offline', () => {
    expect(ApiError.ofFetch(new TypeError('Failed to fetch')).code).toBe('offline');
  });

  it('a fault of the program is not', () => {
    expect(ApiError.of(new TypeError("Cannot read properties of null (reading 'nodes')")).code).toBe('internal');
  });

  it('what the server said stays', () => {
    const failure = new ApiError({ code: 'not_found', message: '' });
    expect(ApiError.of(failure)).toBe(failure);
    expect(ApiError.ofFetch(failure)).toBe(failure);
  });
});
