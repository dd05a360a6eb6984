const ZOOM_MAX = 5;
const ZOOM_TAP = 2.5;
const SWIPE_PX = 60;

/** A picture as large as there is room: arrow keys or a swipe to the next, a double tap or two fingers closer. */
export class Stage {
  zoom = $state(1);
  at = $state({ x: 0, y: 0 });
  #pointers: Record<number, { x: number; y: number }> = {};
  #swiped = 0;
  #spread = 0;

  /** `go`: by so many pictures forward. `arrows`: whether the arrow keys are free for that. */
  constructor(
    readonly go: (by: number) => void,
    readonly arrows: () => boolean = () => true
  ) {}

  readonly reset = (): void => {
    this.zoom = 1;
    this.at = { x: 0, y: 0 };
  };

  zoomTo(next: number): void {
    this.zoom = Math.max(1, Math.min(ZOOM_MAX, next));
    if (this.zoom === 1) this.at = { x: 0, y: 0 };
  }

  readonly onkeydown = (event: KeyboardEvent): void => {
    const forward = isRightToLeft() ? -1 : 1;
    if (event.key === 'ArrowRight' && this.arrows()) this.go(forward);
    else if (event.key === 'ArrowLeft' && this.arrows()) this.go(-forward);
    else if (event.key === 'PageDown') this.go(1);
    else if (event.key === 'PageUp') this.go(-1);
    else if (event.key === '+' || event.key === '=') this.zoomTo(this.zoom * 1.5);
    else if (event.key === '-') this.zoomTo(this.zoom / 1.5);
    else return;
    event.preventDefault();
  };

  readonly onpointerdown = (event: PointerEvent): void => {
    this.#pointers[event.pointerId] = { x: event.clientX, y: event.clientY };
    this.#swiped = 0;
    this.#spread = this.#distance();
  };

  readonly onpointermove = (event: PointerEvent): void => {
    const before = this.#pointers[event.pointerId];
    if (!before) return;
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    this.#pointers[event.pointerId] = { x: event.clientX, y: event.clientY };
    if (Object.keys(this.#pointers).length === 2) {
      const now = this.#distance();
      if (this.#spread) this.zoomTo(this.zoom * (now / this.#spread));
      this.#spread = now;
    } else if (this.zoom > 1) this.at = { x: this.at.x + dx, y: this.at.y + dy };
    else this.#swiped += dx;
  };

  readonly onpointerup = (event: PointerEvent): void => {
    delete this.#pointers[event.pointerId];
    const forward = isRightToLeft() ? this.#swiped : -this.#swiped;
    if (Math.abs(this.#swiped) > SWIPE_PX && this.zoom === 1 && event.pointerType !== 'mouse') this.go(Math.sign(forward));
    this.#swiped = 0;
  };

  readonly ondblclick = (): void => (this.zoom > 1 ? this.reset() : this.zoomTo(ZOOM_TAP));

  readonly onwheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.zoomTo(this.zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
  };

  #distance(): number {
    const [one, other] = Object.values(this.#pointers);
    return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  }
}

const isRightToLeft = () => document.documentElement.dir === 'rtl';
