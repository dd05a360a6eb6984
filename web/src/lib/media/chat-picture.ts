import { toBase64url } from '$lib/core/base64url';
import { limits } from '$lib/text/limits';

const SIDE_PX = 96;
const QUALITIES = [0.85, 0.7, 0.5, 0.3, 0.1];

/** The middle of a photo as a small square, in base64url; none where the browser cannot read it or make it small enough. */
export async function chatPictureOf(photo: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(photo).catch(() => undefined);
  if (!bitmap) return undefined;
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, SIDE_PX, SIDE_PX);
  bitmap.close();
  for (const quality of QUALITIES) {
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
    // A browser that cannot write WebP writes PNG, which is no chat's picture.
    const fits = blob.type === 'image/webp' && blob.size <= limits.chatPictureBytesMax;
    if (fits) return toBase64url(await blob.arrayBuffer());
  }
  return undefined;
}
