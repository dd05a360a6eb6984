import type { Canvas, Gradient, Ink, Layer, LayerBody } from '$lib/api/types';
import { limits } from '$lib/text/limits';

/** All colours a story can have behind it; each is dark enough for light words, `sand` for dark ones. */
export const gradients: readonly Gradient[] = ['forest', 'sea', 'dusk', 'berry', 'ember', 'sand', 'slate', 'night'];
export const inks: readonly Ink[] = ['light', 'dark', 'card'];
export const CANVAS_VERSION = 1;

/** A point on the screen (px). */
export interface Point {
  x: number;
  y: number;
}
/** Where a layer is, how large, and how far it is turned. */
export type Placed = Pick<Layer, 'x' | 'y' | 'scale' | 'rotation'>;

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Within the limits, in whole thousandths and degrees. */
export function bounded({ x, y, scale, rotation }: Placed): Placed {
  const turned = ((((Math.round(rotation) + 180) % 360) + 360) % 360) - 180;
  return {
    x: clamp(Math.round(x), 0, limits.storyPlaceMax),
    y: clamp(Math.round(y), 0, limits.storyPlaceMax),
    scale: clamp(Math.round(scale), limits.storyScaleMin, limits.storyScaleMax),
    rotation: turned
  };
}

/** Where a layer comes to by fingers that went down at `from` and are at `to`: one moves it, two also size and turn it. */
export function dragged(start: Placed, from: readonly Point[], to: readonly Point[], frame: { width: number; height: number }): Placed {
  const [before, after] = [middle(from), middle(to)];
  const placed = {
    ...start,
    x: start.x + ((after.x - before.x) / frame.width) * limits.storyPlaceMax,
    y: start.y + ((after.y - before.y) / frame.height) * limits.storyPlaceMax
  };
  if (from.length < 2 || to.length < 2) return bounded(placed);
  const [was, is] = [span(from), span(to)];
  const grown = was.length ? is.length / was.length : 1;
  return bounded({ ...placed, scale: start.scale * grown, rotation: start.rotation + is.angle - was.angle });
}

function middle(points: readonly Point[]): Point {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function span([one, other]: readonly Point[]): { length: number; angle: number } {
  const [dx, dy] = [other!.x - one!.x, other!.y - one!.y];
  return { length: Math.hypot(dx, dy), angle: (Math.atan2(dy, dx) * 180) / Math.PI };
}

const NUDGE = 10;
const NUDGE_FAR = 50;
const GROW = 1.1;
const TURN = 5;

/** What a key does to a layer; nothing for other keys. `far`: with Shift. */
export function byKey(placed: Placed, key: string, far: boolean): Placed | undefined {
  const step = far ? NUDGE_FAR : NUDGE;
  switch (key) {
    case 'ArrowLeft':
      return bounded({ ...placed, x: placed.x - step });
    case 'ArrowRight':
      return bounded({ ...placed, x: placed.x + step });
    case 'ArrowUp':
      return bounded({ ...placed, y: placed.y - step });
    case 'ArrowDown':
      return bounded({ ...placed, y: placed.y + step });
    case '+':
    case '=':
      return bounded({ ...placed, scale: placed.scale * GROW });
    case '-':
      return bounded({ ...placed, scale: placed.scale / GROW });
    case '[':
      return bounded({ ...placed, rotation: placed.rotation - TURN });
    case ']':
      return bounded({ ...placed, rotation: placed.rotation + TURN });
    default:
      return undefined;
  }
}

/** A new layer, below the one that came before it while there is room. */
export function newLayer(body: LayerBody, count: number): Layer {
  const y = 260 + ((count * 270) % 580);
  return { x: 500, y, scale: 1_000, rotation: 0, ...body };
}

/** The address a link sticker leads to, as it is kept; none for what is no web page. */
export function webLink(text: string): string | undefined {
  const typed = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, href, username, password, hostname } = new URL(address);
  const leads = (protocol === 'https:' || protocol === 'http:') && !username && !password && hostname.includes('.');
  return leads ? href : undefined;
}

/** What a link sticker shows: the host's name, so that nobody is led elsewhere than it says. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^www\./, '');

export const emptyCanvas = (): Canvas => ({ version: CANVAS_VERSION, background: { kind: 'gradient', gradient: 'forest' }, layers: [] });
