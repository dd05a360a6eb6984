/** The side of a picture of somebody, as it is uploaded. */
const SIDE_PX = 960;
const QUALITY = 0.86;

/** The largest square in the middle of a picture, as JPEG, without what a camera wrote into it; the file itself where the browser cannot read it. */
export async function square(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap) return file;
  try {
    const { x, y, side } = middle(bitmap.width, bitmap.height);
    const px = Math.min(side, SIDE_PX);
    const canvas = new OffscreenCanvas(px, px);
    const context = canvas.getContext('2d');
    if (!context) return file;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, px, px);
    context.drawImage(bitmap, x, y, side, side, 0, 0, px, px);
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
  } finally {
    bitmap.close();
  }
}

/** Where that square lies. */
export function middle(width: number, height: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}
