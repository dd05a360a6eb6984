/// <reference lib="webworker" />
import init, { Core } from '$wasm/doorpost_client_wasm.js';
import wasmUrl from '$wasm/doorpost_client_wasm_bg.wasm?url';
import { deviceName } from './device-name';
import { CoreNode, signsIn, type Engine } from './owner';
import { failureOf, type OnBus, type ToWorker } from './protocol';
import type { CoreEvent } from './types';

declare const self: DedicatedWorkerGlobalScope;

const channel = new BroadcastChannel('doorpost-core');
const node = new CoreNode({
  id: crypto.randomUUID(),
  bus: { post: (message) => channel.postMessage(message) },
  tab: { post: (message) => self.postMessage(message) }
});
channel.onmessage = (event: MessageEvent<OnBus>) => node.fromBus(event.data);
self.onmessage = (event: MessageEvent<ToWorker>) => node.fromTab(event.data);

/** Two tabs that write MLS state would destroy it: the core lives in the one worker that holds this lock. */
void navigator.locks.request('doorpost-core', async () => {
  let release = () => {};
  const closed = new Promise<void>((resolve) => (release = resolve));
  node.own(await start(release));
  await closed;
});

async function start(release: () => void): Promise<Engine> {
  try {
    await init({ module_or_path: new URL(wasmUrl, self.location.origin) });
    const core = await Core.open(JSON.stringify({ base_url: self.location.origin, device_name: deviceName(navigator.userAgent) }));
    core.on_event((json) => node.publish(JSON.parse(json) as CoreEvent));
    core.start();
    return {
      call: async (command) => {
        const value = JSON.parse(await core.call(JSON.stringify(command))) as unknown;
        // The socket gives up when there is no session; after a sign-in it is opened again.
        if (signsIn(command)) core.start();
        return value;
      },
      close: async () => {
        await core.close();
        release();
      }
    };
  } catch (thrown) {
    const failure = failureOf(thrown);
    return { call: () => Promise.reject(failure), close: async () => release() };
  }
}
