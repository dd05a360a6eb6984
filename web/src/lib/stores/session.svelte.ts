import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { Me, ServerInfo } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import { kept } from '$lib/device/kept';
import { forgetShared } from '$lib/device/shared';
import { pictures } from './pictures.svelte';
import { addPasskey, proveWithPasskey, signInWithPasskey, signUpWithPasskey, unlockWithPasskey, type Unlock } from '$lib/core/passkey';

export type Phase = 'starting' | 'signed_out' | 'locked' | 'ready' | 'failed';
export interface SignUp {
  handle: string;
  name: string;
  registration_code?: string;
}

const LAST_HERE = 'me';
/** Who used this browser last, until the core says who is signed in. */
export function lastHere(): Me | null {
  try {
    return JSON.parse(localStorage.getItem(LAST_HERE) ?? 'null') as Me | null;
  } catch {
    return null;
  }
}

/** Who is signed in here, and how far the start has come. */
class Session {
  phase = $state<Phase>('starting');
  me = $state.raw<Me | null>(lastHere());
  server = $state.raw<ServerInfo | null>(null);
  /** The local store was damaged, and the core began a new one. */
  storeWasLost = $state(false);
  /** Why the core did not start. */
  failure = $state.raw<ApiError | null>(null);

  async start(): Promise<void> {
    // Whoever was here last is shown at once; the core says a moment later whether that still holds.
    const last = lastHere();
    this.me = last;
    this.phase = last ? 'ready' : 'starting';
    void this.loadServer();
    try {
      const opened = await core.call('open', {});
      this.storeWasLost = opened.store_was_corrupt ?? false;
      if (opened.state === 'ready' && opened.me) {
        this.#ready(opened.me);
        void kept.onlyOf(opened.me.account_id);
      } else if (opened.state === 'needs_device') await this.#adopt({});
      else if (opened.state === 'locked') await this.#locked();
      else this.#end();
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      if (this.failure.code === 'signed_out' || this.failure.code === 'unauthenticated') this.#end();
      else this.phase = 'failed';
    }
  }

  async loadServer(): Promise<void> {
    this.server = await body(api.GET('/api/server')).catch(() => this.server);
  }

  async signUp(who: SignUp, password: string): Promise<void> {
    this.#ready(await core.call('register', { ...who, password }));
  }

  async signIn(handle: string, password: string): Promise<void> {
    await this.#unlocking(async () => this.#ready(await core.call('login', { handle, password })));
  }

  async signUpWithPasskey(who: SignUp): Promise<void> {
    await this.#adopt(await signUpWithPasskey(who));
  }

  async signInWithPasskey(): Promise<void> {
    await this.#adopt(await signInWithPasskey());
  }

  /** On the unlock screen: the key from a passkey of this account, without a new sign-in. */
  async unlockWithPasskey(): Promise<void> {
    await this.#adopt(await unlockWithPasskey());
  }

  /** With the password the new identity is sealed under, or else a passkey's key. */
  async resetIdentity(password?: string): Promise<void> {
    const unlock = password ? { password } : await unlockWithPasskey();
    this.#ready(await core.call('reset_identity', unlock));
  }

  async recover(handle: string, code: string): Promise<void> {
    this.#ready(await core.call('recover', { handle, code }));
  }

  /** Answers once another device has confirmed the code that this one shows. */
  async awaitLink(): Promise<void> {
    this.#ready(await core.call('await_link', {}));
  }

  async addPasskey(name: string): Promise<void> {
    const unlock = await addPasskey(name);
    if (unlock.prf && unlock.prf_id) await core.call('add_vault_entry', { prf: unlock.prf, prf_id: unlock.prf_id });
    await this.reload();
  }

  async change(change: Pick<Partial<Me>, 'name' | 'about' | 'findable'>): Promise<void> {
    this.me = await body(api.PATCH('/api/me', { body: change }));
  }

  async reload(): Promise<void> {
    this.me = await body(api.GET('/api/me'));
  }

  async signOut(): Promise<void> {
    await core.call('logout', {});
    this.#end();
    await forgetShared().catch(() => undefined);
  }

  /** For good. With the password, or else a passkey. */
  async deleteAccount(handle: string, password?: string): Promise<void> {
    const proof = password ? { password } : { passkey: await proveWithPasskey() };
    await core.call('delete_account', { handle, ...proof });
    this.#end();
    await forgetShared().catch(() => undefined);
  }

  /** The core says that the session is over (signed out elsewhere, or revoked). */
  ended(): void {
    if (this.phase === 'ready' || this.phase === 'locked') this.#end();
  }

  /** Somebody signed in in another tab. */
  begunElsewhere(): void {
    if (this.phase === 'signed_out' || this.phase === 'locked') void this.start();
  }

  async #adopt(unlock: Unlock): Promise<void> {
    await this.#unlocking(async () => this.#ready(await core.call('adopt_session', unlock)));
  }

  async #unlocking(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (ApiError.of(thrown).code !== 'identity_locked') throw thrown;
      await this.#locked();
    }
  }

  async #locked(): Promise<void> {
    await this.reload().catch(() => undefined);
    this.phase = 'locked';
  }

  #ready(me: Me): void {
    this.me = me;
    localStorage.setItem(LAST_HERE, JSON.stringify(me));
    this.failure = null;
    this.phase = 'ready';
    // So that the browser does not throw the messages away when the disk gets full.
    void navigator.storage?.persist?.();
  }

  #end(): void {
    this.me = null;
    localStorage.removeItem(LAST_HERE);
    void kept.clear();
    pictures.clear();
    this.phase = 'signed_out';
    void this.loadServer();
  }
}

export const session = new Session();
export const whoIsHere = (): string | undefined => session.me?.account_id;
