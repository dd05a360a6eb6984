/** How long a story is shown before the next comes by itself. */
export const STORY_MS = 6_000;
const TAP_MS = 300;
const TAP_PX = 12;
const SWIPE_PX = 60;
/** Of the frame's width: a tap in it goes back. */
const BACK_SHARE = 0.33;

export interface Moves {
  /** By so many stories. */
  go: (by: 1 | -1) => void;
  /** By so many people. */
  person: (by: 1 | -1) => void;
  close: () => void;
}

/** Fingers and keys on a story: tap, hold, swipe, arrows. */
export class Player {
  /** A finger is down, or somebody is doing something on the story. */
  held = $state(false);
  /** Stopped by its button or the space bar. */
  stopped = $state(false);
  #down: { x: number; y: number; at: number } | undefined;

  constructor(readonly moves: Moves) {}

  readonly onpointerdown = (event: PointerEvent): void => {
    if (isOnSticker(event.target) || !event.isPrimary) return;
    this.#down = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    this.held = true;
  };

  readonly onpointercancel = (): void => {
    this.#down = undefined;
    this.held = false;
  };

  readonly onpointerup = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const down = this.#down;
    this.onpointercancel();
    if (!down) return;
    const [dx, dy] = [event.clientX - down.x, event.clientY - down.y];
    if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > Math.abs(dy)) this.moves.person(dx < 0 === isLeftToRight() ? 1 : -1);
    else if (dy > SWIPE_PX) this.moves.close();
    else if (Math.hypot(dx, dy) < TAP_PX && event.timeStamp - down.at < TAP_MS) {
      const box = event.currentTarget.getBoundingClientRect();
      const fromLeft = (event.clientX - box.left) / box.width;
      const fromStart = isLeftToRight() ? fromLeft : 1 - fromLeft;
      this.moves.go(fromStart < BACK_SHARE ? -1 : 1);
    }
  };

  readonly onkeydown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    const forward = isLeftToRight() ? 1 : -1;
    if (event.key === 'ArrowRight') this.moves.go(forward);
    else if (event.key === 'ArrowLeft') this.moves.go(forward === 1 ? -1 : 1);
    else if (event.key === 'PageDown' || event.key === 'ArrowDown') this.moves.person(1);
    else if (event.key === 'PageUp' || event.key === 'ArrowUp') this.moves.person(-1);
    else if (event.key === ' ' && !isOnSticker(event.target)) this.stopped = !this.stopped;
    else return;
    event.preventDefault();
  };
}

const isOnSticker = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('a, button, input, textarea, [data-sticker]') !== null;
const isLeftToRight = (): boolean => document.documentElement.dir !== 'rtl';
