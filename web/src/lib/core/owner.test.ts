import { describe, expect, it } from 'vitest';
import { CoreNode, type Engine } from './owner';
import type { FromWorker, OnBus } from './protocol';

/** A few tabs on one bus; messages are delivered in the order they were posted. */
class World {
  nodes: CoreNode[] = [];
  inbox: FromWorker[][] = [];
  #queue: { from: number; message: OnBus }[] = [];

  add(): number {
    const index = this.nodes.length;
    this.inbox.push([]);
    this.nodes.push(
      new CoreNode({
        id: `tab${index}`,
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
    world.nodes[c]!.fromBus({ type: 'owner' });
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
});
