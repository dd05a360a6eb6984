/// <reference lib="webworker" />
import init, { Core } from '$wasm/doorpost_client_wasm.js';
import wasmUrl from '$wasm/doorpost_client_wasm_bg.wasm?url';
import { deviceName } from './device-name';
import { CoreNode, signsIn, type Engine } from './owner';
import { failureOf, type Sent, type ToWorker } from './protocol';
import type { CoreEvent } from './types';

declare const self: DedicatedWorkerGlobalScope;

const channel = new BroadcastChannel('doorpost-core');
const waiting = new AbortController();
const node = new CoreNode({
  id: crypto.randomUUID(),
  // The name of this file carries a hash of the code, and of the name of the WebAssembly module.
  version: self.location.pathname,
  giveUp: () => waiting.abort(),
  bus: { post: (message) => channel.postMessage(message) },
  tab: { post: (message) => self.postMessage(message) }
});
channel.onmessage = (event: MessageEvent<Sent>) => node.fromBus(event.data);
self.onmessage = (event: MessageEvent<ToWorker>) => node.fromTab(event.data);

node.greet();

/** Two tabs that write MLS state would destroy it: the core lives in the one worker that holds this lock. */
navigator.locks
  .request('doorpost-core', { signal: waiting.signal }, async () => {
    let release = () => {};
    const closed = new Promise<void>((resolve) => (release = resolve));
    node.own(await start(release));
    await closed;
  })
  .catch((thrown: unknown) => {
    if (!waiting.signal.aborted) throw thrown;
  });

/** A command's `file` is lent to the core under a path of its own; what it writes for `blob_type` comes with the answer. */
async function askWithFiles(core: Core, command: { file?: Blob; blob_type?: string }): Promise<unknown> {
  const { file, blob_type: blobType, ...plain } = command;
  if (!file && blobType === undefined) return JSON.parse(await core.call(JSON.stringify(plain)));
  const path = crypto.randomUUID();
  if (file) core.lend_file(path, file);
  try {
    const answer = JSON.parse(await core.call(JSON.stringify({ ...plain, path }))) as object;
    return blobType === undefined ? answer : { ...answer, blob: core.take_file(path, blobType) };
  } finally {
    core.forget_file(path);
  }
}

async function start(release: () => void): Promise<Engine> {
  try {
    await init({ module_or_path: new URL(wasmUrl, self.location.origin) });
    const core = await Core.open(JSON.stringify({ base_url: self.location.origin, device_name: deviceName(navigator.userAgent) }));
    core.on_event((json) => node.publish(JSON.parse(json) as CoreEvent));
    core.start();
    const ask = (command: object) => askWithFiles(core, command);
    let opened: Promise<unknown> | undefined;
    return {
      call: async (command) => {
        // A core that takes over in mid-session has to find out first who is signed in.
        const isOpen = (command as { cmd?: string }).cmd === 'open';
        if (!opened || isOpen) opened = ask({ cmd: 'open' });
        const state = await opened;
        if (isOpen) return state;
        const value = await ask(command);
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
