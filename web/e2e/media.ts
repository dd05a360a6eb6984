import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { Person } from './person.ts';

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

export interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}
/** Through the composer's menu, by its file chooser. */
export async function attach(person: Person, how: 'Photo or video' | 'File', ...given: Given[]): Promise<void> {
  const chooser = person.page.waitForEvent('filechooser');
  await person.page.getByRole('button', { name: 'Add to the message' }).click();
  await person.page.getByRole('menuitem', { name: how, exact: true }).click();
  await (await chooser).setFiles(given);
}
export const send = (person: Person) => person.page.getByRole('button', { name: 'Send', exact: true }).click();

/** What a download of a file brings. */
export async function saved(person: Person, name: string): Promise<Buffer> {
  const download = person.page.waitForEvent('download');
  await person.page.getByRole('button', { name: `Save ${name}` }).click();
  return readFile(await (await download).path());
}
export const photoOf = (person: Person, name: string) => person.page.getByRole('log').getByRole('button', { name: `Photo: ${name}` });
/** A file with nothing to see or hear in it. */
export const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 256));

/** A film of a moving ball, a little over a second, recorded by the browser itself. */
export async function film(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 240];
    const context = canvas.getContext('2d')!;
    let frame = 0;
    const draw = () => {
      context.fillStyle = 'hsl(210 50% 30%)';
      context.fillRect(0, 0, 320, 240);
      context.fillStyle = 'hsl(40 90% 60%)';
      context.beginPath();
      context.arc(40 + ((frame++ * 8) % 240), 120, 30, 0, 7);
      context.fill();
    };
    draw();
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    const FILM_MS = 1_200;
    for (const begun = performance.now(); performance.now() - begun < FILM_MS;) {
      await new Promise(requestAnimationFrame);
      draw();
    }
    recorder.stop();
    await stopped;
    const film = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(film, (byte) => String.fromCharCode(byte)).join(''));
  });
  return Buffer.from(base64, 'base64');
}

const RATE_HZ = 8_000;
/** A tone of two seconds, as a WAV file. */
export function tone(): Buffer {
  const samples = Buffer.from(
    Array.from({ length: 2 * RATE_HZ }, (_, index) => 128 + 60 * Math.sin((index * 2 * Math.PI * 440) / RATE_HZ))
  );
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
