import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { MediaKind, MediaUpload, MediaView } from '$lib/api/types';
import { failureOf } from '$lib/core/protocol';
import { limits } from '$lib/text/limits';

/** How often a part, or the making of the sizes, is tried again by itself, and after how long. */
const TRIES = 4;
const PAUSE_MS = 1_000;
const passes = ['offline', 'busy', 'rate_limited', 'internal'];

/** How often one asks whether a video is made. */
const ASK_MS = 1_000;

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
  await upload(mediaId, 'photo', blob, onprogress, signal);
  return finish(mediaId, signal);
}

/** The same of a video, which is made after its upload. `onmaking`: all bytes are there. */
export async function uploadVideo(
  mediaId: string,
  blob: Blob,
  onprogress: (share: number) => void,
  onmaking: () => void,
  signal: AbortSignal
): Promise<MediaView> {
  await upload(mediaId, 'video', blob, onprogress, signal);
  onmaking();
  return finish(mediaId, signal);
}

async function upload(mediaId: string, kind: MediaKind, blob: Blob, onprogress: (share: number) => void, signal: AbortSignal) {
  let upload = await retrying(signal, () => begin(mediaId, kind, blob.size, signal));
  while (upload.received_bytes < blob.size) {
    const offset = upload.received_bytes;
    onprogress(offset / blob.size);
    const part = blob.slice(offset, offset + limits.filePartBytes);
    upload = await retrying(signal, () =>
      put(`/api/media/${mediaId}/parts/${offset}`, part, (sent) => onprogress((offset + sent) / blob.size), signal)
    );
  }
  onprogress(1);
}

async function finish(mediaId: string, signal: AbortSignal): Promise<MediaView> {
  const params = { path: { media_id: mediaId } };
  for (;;) {
    const answer = await retrying(signal, () => body(api.POST('/api/media/{media_id}/finish', { params, signal })));
    if ('sizes' in answer) return answer;
    let { making = false } = answer;
    while (making) {
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      ({ making = false } = await retrying(signal, () => body(api.GET('/api/media/{media_id}', { params, signal }))));
    }
  }
}

/** Takes back an upload that is in no post; what cannot be deleted now goes by itself later. */
export async function forgetPhoto(mediaId: string): Promise<void> {
  await api.DELETE('/api/media/{media_id}', { params: { path: { media_id: mediaId } } }).catch(() => undefined);
}

const begin = (mediaId: string, kind: MediaKind, size: number, signal: AbortSignal): Promise<MediaUpload> =>
  body(api.POST('/api/media', { body: { media_id: mediaId, kind, size_bytes: size }, signal }));

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
