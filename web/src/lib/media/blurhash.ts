/** Reads a blurhash (blurha.sh): a few waves of colour, drawn as the small picture they make. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

type Colour = [red: number, green: number, blue: number];

/** RGBA, row by row; none when the text is no blurhash. */
export function blurhashPixels(hash: string, width: number, height: number): Uint8ClampedArray<ArrayBuffer> | undefined {
  const digits = [...hash].map((char) => DIGITS.indexOf(char));
  const number = (from: number, to: number) => digits.slice(from, to).reduce((sum, digit) => sum * 83 + digit, 0);
  if (digits.length < 6 || digits.includes(-1)) return undefined;
  const across = (digits[0]! % 9) + 1;
  const down = Math.floor(digits[0]! / 9) + 1;
  if (digits.length !== 4 + 2 * across * down) return undefined;
  const strongest = (digits[1]! + 1) / 166;
  const average = number(2, 6);
  const waves: Colour[] = [[average >> 16, (average >> 8) & 255, average & 255].map(linear) as Colour];
  for (let at = 6; at < digits.length; at += 2) {
    const value = number(at, at + 2);
    const steps = [Math.floor(value / 361), Math.floor(value / 19) % 19, value % 19];
    waves.push(steps.map((step) => Math.sign(step - 9) * ((step - 9) / 9) ** 2 * strongest) as Colour);
  }
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const sum: Colour = [0, 0, 0];
      waves.forEach((wave, index) => {
        const [i, j] = [index % across, Math.floor(index / across)];
        const weight = Math.cos((Math.PI * x * i) / width) * Math.cos((Math.PI * y * j) / height);
        for (let part = 0; part < 3; part++) sum[part]! += wave[part]! * weight;
      });
      pixels.set([...sum.map(screen), 255], (y * width + x) * 4);
    }
  return pixels;
}

/** From a byte of sRGB to light, and back. */
function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
function screen(light: number): number {
  const value = Math.max(0, Math.min(1, light));
  return Math.round(255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055));
}
