import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const START_TRIES = 200;
const START_PAUSE_MS = 50;

/** A real server on its own data folder. It is reached as `localhost`, which browsers treat as secure. */
export class Server {
  #process: ChildProcess | undefined;
  #log = '';

  private constructor(
    readonly port: number,
    readonly data: string,
    readonly args: string[]
  ) {}

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  static async start(...args: string[]): Promise<Server> {
    const server = new Server(await freePort(), await mkdtemp(path.join(tmpdir(), 'doorpost-e2e-')), args);
    await server.up();
    return server;
  }

  async up(): Promise<void> {
    const bin = process.env.DOORPOST_BIN;
    if (!bin) throw new Error('DOORPOST_BIN names no binary: build one and say where it is');
    const args = ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--public-url', this.url];
    this.#process = spawn(bin, [...args, '--rate-limits', 'off', '--log', 'warn', ...this.args], {
      stdio: ['ignore', 'ignore', 'pipe']
    });
    this.#process.stderr!.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
    for (let tries = 0; tries < START_TRIES; tries++) {
      if (this.#process.exitCode !== null) break;
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (answer?.ok) return this.#carriesTheApp();
      await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS));
    }
    throw new Error(`the server did not start:\n${this.#log}`);
  }

  /** Without the web app every test would wait for its first button in vain. */
  async #carriesTheApp(): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/`);
    if (!answer.ok) throw new Error(`the server does not carry the web app (${answer.status}): build it, then the server`);
  }

  /** As an operator stops it; the data stays. */
  async down(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
  }

  async end(): Promise<void> {
    await this.down();
    await rm(this.data, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
