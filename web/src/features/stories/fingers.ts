import { dragged, type Placed, type Point } from './canvas';

/** Fingers on a layer: one moves it, two also size and turn it. */
export class Fingers {
  #down: { id: number; from: Point; to: Point }[] = [];
  #start: Placed | undefined;

  get any(): boolean {
    return this.#down.length > 0;
  }

  /** Another finger comes down, the layer being where it is. */
  press(id: number, point: Point, placed: Placed): void {
    this.#down = [...this.#rested(), { id, from: point, to: point }];
    this.#start = placed;
  }

  /** Where the layer comes to; none for a finger that holds nothing. */
  move(id: number, point: Point, frame: { width: number; height: number }): Placed | undefined {
    const finger = this.#down.find((one) => one.id === id);
    if (!finger || !this.#start) return undefined;
    finger.to = point;
    const two = this.#down.slice(0, 2);
    return dragged(
      this.#start,
      two.map(({ from }) => from),
      two.map(({ to }) => to),
      frame
    );
  }

  /** What is left goes on from where it is. */
  lift(id: number, placed: Placed): void {
    this.#down = this.#rested().filter((finger) => finger.id !== id);
    this.#start = placed;
  }

  #rested() {
    return this.#down.map((finger) => ({ ...finger, from: finger.to }));
  }
}
