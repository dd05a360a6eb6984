import { describe, expect, it } from 'vitest';
import { CoreNode, type Engine } from './owner';
import type { FromWorker, Sent } from './protocol';

/** A few tabs on one bus; messages are delivered in the order they were posted. */
class World {
  nodes: CoreNode[] = [];
  inbox: FromWorker[][] = [];
  /** Those that stopped waiting for the lock. */
  gaveUp: number[] = [];
  #queue: { from: number; message: Sent }[] = [];

  add(version = 'v1'): number {
    const index = this.nodes.length;
    this.inbox.push([]);
    this.nodes.push(
      new CoreNode({
        id: `tab${index}`,
        version,
        giveUp: () => this.gaveUp.push(index),
        bus: { post: (message) => this.#queue.push({ from: index, message }) },
        tab: { post: (message) => this.inbox[index]!.push(message) }
      })
    );
    return index;
  }
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 5;) {
      await Promise.resolve();
      const next = this.#queue.shift();
      if (!next) {
        quiet++;
        continue;
      }
      quiet = 0;
      this.nodes.forEach((node, index) => index !== next.from && node.fromBus(next.message));
    }
  }
  results = (tab: number) => this.inbox[tab]!.filter((message) => message.type !== 'event');
}

const engine = (done: object[], answer: unknown = 'ok'): Engine => ({
  call: (command) => {
    done.push(command);
    return Promise.resolve(answer);
  },
  close: () => Promise.resolve()
});
const call = (id: number, cmd = 'chats') => ({ type: 'call' as const, id, command: { cmd } });

describe('one core for all tabs', () => {
  it('answers its own tab and the others', async () => {
    const world = new World();
    const [a, b] = [world.add(), world.add()];
    const done: object[] = [];
    world.nodes[a]!.own(engine(done));
    world.nodes[a]!.fromTab(call(1));
    world.nodes[b]!.fromTab(call(1));
    await world.settle();
    expect(world.results(a)).toEqual([{ type: 'result', id: 1, value: 'ok' }]);
    expect(world.results(b)).toEqual([{ type: 'result', id: 1, value: 'ok' }]);
    expect(done).toHaveLength(2);
  });

  it('asks again after a take-over, and does nothing twice', async () => {
    const world = new World();
    const [a, b, c] = [world.add(), world.add(), world.add()];
    world.nodes[c]!.fromTab(call(7, 'send'));
    await world.settle();
    expect(world.results(c)).toEqual([]);
    const done: object[] = [];
    world.nodes[a]!.own(engine(done));
    await world.settle();
    // The same owner announced twice: the request is known by its id.
    world.nodes[c]!.fromBus({ type: 'owner', version: 'v1' });
    await world.settle();
    expect(world.results(c)).toEqual([{ type: 'result', id: 7, value: 'ok' }]);
    expect(done).toEqual([{ cmd: 'send' }]);
    expect(world.results(b)).toEqual([]);
  });

  it('gives failures as they are, and tells every tab of a sign-in', async () => {
    const world = new World();
    const [a, b] = [world.add(), world.add()];
    world.nodes[a]!.own({
      call: (command) =>
        (command as { cmd: string }).cmd === 'login'
          ? Promise.resolve({})
          : Promise.reject('{"error":{"code":"invite_full","message":"All seats are taken."}}'),
      close: () => Promise.resolve()
    });
    world.nodes[b]!.fromTab(call(1, 'join'));
    world.nodes[b]!.fromTab(call(2, 'login'));
    await world.settle();
    expect(world.results(b)).toContainEqual({ type: 'error', id: 1, error: { code: 'invite_full', message: 'All seats are taken.' } });
    const signedIn = { type: 'event', event: { event: 'signed_in' } };
    expect(world.inbox[a]).toContainEqual(signedIn);
    expect(world.inbox[b]).toContainEqual(signedIn);
  });

  it('keeps versions apart: the newer one takes the core, and the older ones say so', async () => {
    const world = new World();
    const [owner, waiting] = [world.add(), world.add()];
    let closed = 0;
    const done: object[] = [];
    world.nodes[owner]!.own({ ...engine(done), close: () => Promise.resolve(void closed++) });
    const newer = world.add('v2');
    world.nodes[newer]!.fromTab(call(1));
    await world.settle();
    expect(done).toEqual([]);

    world.nodes[newer]!.greet();
    await world.settle();
    expect(closed).toBe(1);
    expect(world.gaveUp).toEqual([owner, waiting]);
    for (const tab of [owner, waiting]) {
      expect(world.inbox[tab]).toContainEqual({ type: 'event', event: { event: 'outdated' } });
      world.nodes[tab]!.fromTab(call(2));
      expect(world.results(tab)).toMatchObject([{ type: 'error', id: 2, error: { code: 'outdated' } }]);
    }
    world.nodes[newer]!.own(engine(done));
    await world.settle();
    expect(world.results(newer)).toEqual([{ type: 'result', id: 1, value: 'ok' }]);
    expect(done).toHaveLength(1);
  });

  it('does not keep a core that it gets after a newer version has come', async () => {
    const world = new World();
    const late = world.add();
    world.nodes[late]!.fromTab(call(1));
    world.nodes[world.add('v2')]!.greet();
    await world.settle();
    expect(world.results(late)).toMatchObject([{ type: 'error', id: 1, error: { code: 'outdated' } }]);
    let closed = 0;
    world.nodes[late]!.own({ ...engine([]), close: () => Promise.resolve(void closed++) });
    expect(closed).toBe(1);
  });

  it('takes a worker of its own version for a neighbour', async () => {
    const world = new World();
    const [a, b] = [world.add(), world.add()];
    world.nodes[a]!.own(engine([]));
    world.nodes[b]!.greet();
    world.nodes[b]!.fromTab(call(1));
    await world.settle();
    expect(world.gaveUp).toEqual([]);
    expect(world.results(b)).toEqual([{ type: 'result', id: 1, value: 'ok' }]);
  });
});
