import { toBase64url } from '$lib/core/base64url';
import type { FileAbout } from '$lib/core/types';
import { limits } from '$lib/text/limits';
import { fit } from './fit';
import { kindOf, plainType, safeName, withEnding } from './kinds';

/** The longest side of a photo that is sent as a photo. */
const PHOTO_PX = 2_560;
const PHOTO_QUALITY = 0.84;
/** The longest side of the small picture in the message, and how far it shrinks until it fits. */
const THUMBNAIL_PX = [200, 120, 64];
const THUMBNAIL_QUALITY = 0.55;
/** A video that does not show its first picture by then is sent without one. */
const POSTER_MS = 5_000;

/** What is sent of a file. */
export interface Prepared {
  blob: Blob;
  about: FileAbout;
}
type Picture = ImageBitmap | HTMLVideoElement;

/** Photos are made anew: smaller, and without what the camera wrote into them. As a file everything is sent as it is. */
export async function prepare(file: File, asFile: boolean): Promise<Prepared> {
  const about: FileAbout = { name: safeName(file.name), media_type: plainType(file.type) };
  switch (file.type.startsWith('image/') ? 'image' : kindOf(about)) {
    case 'image':
      return preparePicture(file, about, asFile);
    case 'video':
      return { blob: file, about: { ...about, ...(await aboutVideo(file)) } };
    case 'audio':
      return { blob: file, about: { ...about, ...(await aboutAudio(file)) } };
    default:
      return { blob: file, about };
  }
}

async function preparePicture(file: File, about: FileAbout, asFile: boolean): Promise<Prepared> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  // What the browser cannot read, others get as a file.
  if (!bitmap) return { blob: file, about };
  try {
    const thumbnail = await thumbnailOf(bitmap, bitmap.width, bitmap.height);
    const isAnimated = about.media_type === 'image/gif';
    if (asFile || isAnimated) return { blob: file, about: { ...about, width_px: bitmap.width, height_px: bitmap.height, thumbnail } };
    const { width, height } = fit(bitmap.width, bitmap.height, PHOTO_PX);
    const blob = await draw(bitmap, width, height, mayBeClear(about) ? 'image/webp' : 'image/jpeg', PHOTO_QUALITY);
    const ending = blob.type === 'image/jpeg' ? 'jpg' : blob.type.slice('image/'.length);
    return {
      blob,
      about: { name: withEnding(about.name, ending), media_type: blob.type, width_px: width, height_px: height, thumbnail }
    };
  } finally {
    bitmap.close();
  }
}

/** Formats whose pictures may be see-through, which JPEG cannot keep. */
const mayBeClear = ({ media_type: type }: FileAbout) => type !== 'image/jpeg';

async function aboutVideo(file: File): Promise<Partial<FileAbout>> {
  return withMedia(document.createElement('video'), file, async (video) => {
    const about = { width_px: video.videoWidth, height_px: video.videoHeight, ...durationOf(video) };
    if (!video.videoWidth) return durationOf(video);
    const seeked = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    video.currentTime = Math.min(0.1, (video.duration || 0) / 2);
    await seeked;
    return { ...about, thumbnail: await thumbnailOf(video, video.videoWidth, video.videoHeight) };
  });
}

const aboutAudio = (file: File): Promise<Partial<FileAbout>> =>
  withMedia(document.createElement('audio'), file, (audio) => durationOf(audio));

/** Lets the browser look into a file; what it cannot tell in time is left out. */
async function withMedia<T extends HTMLMediaElement>(
  media: T,
  file: File,
  look: (media: T) => Partial<FileAbout> | Promise<Partial<FileAbout>>
): Promise<Partial<FileAbout>> {
  const url = URL.createObjectURL(file);
  try {
    const looked = new Promise<Partial<FileAbout>>((resolve, reject) => {
      media.onloadeddata = () => void Promise.resolve(look(media)).then(resolve, reject);
      media.onerror = () => resolve({});
      setTimeout(() => resolve({}), POSTER_MS);
      media.muted = true;
      media.preload = 'auto';
      media.src = url;
    });
    return await looked;
  } finally {
    media.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

const durationOf = ({ duration }: HTMLMediaElement): Partial<FileAbout> =>
  Number.isFinite(duration) ? { duration_ms: Math.round(duration * 1_000) } : {};

async function thumbnailOf(picture: Picture, fullWidth: number, fullHeight: number): Promise<string | undefined> {
  for (const side of THUMBNAIL_PX) {
    const { width, height } = fit(fullWidth, fullHeight, side);
    const blob = await draw(picture, width, height, 'image/webp', THUMBNAIL_QUALITY);
    if (blob.size <= limits.thumbnailBytesMax) return toBase64url(await blob.arrayBuffer());
  }
  return undefined;
}

async function draw(picture: Picture, width: number, height: number, type: string, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas.convertToBlob({ type, quality });
}
