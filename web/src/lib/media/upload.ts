import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { MediaUpload, MediaView } from '$lib/api/types';
import { failureOf } from '$lib/core/protocol';
import { limits } from '$lib/text/limits';

/** How often a part, or the making of the sizes, is tried again by itself, and after how long. */
const TRIES = 4;
const PAUSE_MS = 1_000;
const passes = ['offline', 'busy', 'rate_limited', 'internal'];

/**
 * Uploads a photo part by part, from where an earlier try ended, and has its sizes made. `onprogress`: from 0 to 1, of the
 * bytes.
 */
export async function uploadPhoto(
  mediaId: string,
  blob: Blob,
  onprogress: (share: number) => void,
  signal: AbortSignal
): Promise<MediaView> {
  let upload = await retrying(signal, () => begin(mediaId, blob.size, signal));
  while (upload.received_bytes < blob.size) {
    const offset = upload.received_bytes;
    onprogress(offset / blob.size);
    const part = blob.slice(offset, offset + limits.filePartBytes);
    upload = await retrying(signal, () =>
      put(`/api/media/${mediaId}/parts/${offset}`, part, (sent) => onprogress((offset + sent) / blob.size), signal)
    );
  }
  onprogress(1);
  const path = { media_id: mediaId };
  return retrying(signal, () => body(api.POST('/api/media/{media_id}/finish', { params: { path }, signal })));
}

/** Takes back an upload that is in no post; what cannot be deleted now goes by itself later. */
export async function forgetPhoto(mediaId: string): Promise<void> {
  await api.DELETE('/api/media/{media_id}', { params: { path: { media_id: mediaId } } }).catch(() => undefined);
}

const begin = (mediaId: string, size: number, signal: AbortSignal): Promise<MediaUpload> =>
  body(api.POST('/api/media', { body: { media_id: mediaId, size_bytes: size }, signal }));

async function retrying<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (thrown) {
      const error = ApiError.of(thrown);
      if (signal.aborted || tries >= TRIES || !passes.includes(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? PAUSE_MS * tries));
    }
  }
}

/** `fetch` does not say how much has gone out. */
function put(path: string, part: Blob, onsent: (bytes: number) => void, signal: AbortSignal): Promise<MediaUpload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const offline = () => reject(ApiError.ofFetch(new TypeError()));
    signal.addEventListener('abort', stop);
    request.upload.onprogress = ({ loaded }) => onsent(loaded);
    request.onerror = offline;
    request.onabort = offline;
    request.onloadend = () => signal.removeEventListener('abort', stop);
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status === 200) resolve(answer as MediaUpload);
      else reject(new ApiError(answer ? failureOf(answer) : { code: 'internal', message: request.statusText }));
    };
    request.open('PUT', path);
    request.responseType = 'json';
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(part);
  });
}
