import type { Page } from '@playwright/test';

/** Where a camera says that it was. */
export const PLACE = 'Exif\0\0 53.5511 N 9.9937 E';

/** A photo as a camera makes it: a picture, and what it writes beside it. */
export async function photo(page: Page, hue: number, width = 1_200, height = 900): Promise<Buffer> {
  const base64 = await page.evaluate(
    async ([hue, width, height]) => {
      const canvas = new OffscreenCanvas(width!, height!);
      const context = canvas.getContext('2d')!;
      const sky = context.createLinearGradient(0, 0, 0, height!);
      sky.addColorStop(0, `hsl(${hue} 70% 80%)`);
      sky.addColorStop(1, `hsl(${hue! + 60} 60% 40%)`);
      context.fillStyle = sky;
      context.fillRect(0, 0, width!, height!);
      context.fillStyle = `hsl(${hue! + 180} 80% 60%)`;
      context.arc(width! * 0.7, height! * 0.3, height! * 0.15, 0, 7);
      context.fill();
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    },
    [hue, width, height]
  );
  const jpeg = Buffer.from(base64, 'base64');
  const said = Buffer.from(PLACE, 'latin1');
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, said.length + 2]), said]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
