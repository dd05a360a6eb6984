import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { BlockView, ConnectionView, MuteView, PersonView, Suggestion } from '$lib/api/types';
import { kept, type Aged } from '$lib/device/kept';
import { Pager } from './pager.svelte';
import { whoIsHere } from './session.svelte';

type Change = 'request' | 'accept' | 'decline';

/** One's connections: those that are, and those that are asked for. */
class People {
  all = $state.raw<ConnectionView[]>([]);
  blocked = $state.raw<BlockView[]>([]);
  /** Whom one keeps out of one's feeds. */
  readonly muted = new Pager<MuteView>(
    (cursor) => body(api.GET('/api/mutes', { params: { query: { cursor } } })),
    (person) => person.account_id
  );
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);
  readonly connected = $derived(
    this.all.filter((person) => person.relation === 'connected').toSorted((a, b) => a.name.localeCompare(b.name))
  );
  readonly incoming = $derived(this.all.filter((person) => person.relation === 'incoming'));
  readonly requested = $derived(this.all.filter((person) => person.relation === 'requested'));

  async load(): Promise<void> {
    try {
      this.all = await body(api.GET('/api/connections'));
      this.phase = 'ready';
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    }
  }

  async loadBlocked(): Promise<void> {
    this.blocked = await body(api.GET('/api/blocks'));
  }

  find(handle: string): Promise<PersonView> {
    return body(api.GET('/api/accounts/{handle}', { params: { path: { handle } } }));
  }

  /** The reader's own profile, which stays readable without a network. */
  findMe(handle: string): Promise<Aged<PersonView>> {
    return kept.ask(whoIsHere, 'profile', () => this.find(handle));
  }

  /** People by parts of their names. */
  search(q: string): Promise<PersonView[]> {
    return body(api.GET('/api/people', { params: { query: { q } } }));
  }

  /** People one may know. */
  suggestions(): Promise<Suggestion[]> {
    return body(api.GET('/api/people/suggestions'));
  }

  async change(handle: string, change: Change): Promise<void> {
    const params = { path: { handle } };
    if (change === 'request') await api.POST('/api/connections/{handle}/request', { params });
    else if (change === 'accept') await api.POST('/api/connections/{handle}/accept', { params });
    else await api.POST('/api/connections/{handle}/decline', { params });
    await this.load();
  }

  /** Ends a connection, or takes back a request. */
  async remove(handle: string): Promise<void> {
    await api.DELETE('/api/connections/{handle}', { params: { path: { handle } } });
    await this.load();
  }

  async block(handle: string): Promise<void> {
    await api.PUT('/api/blocks/{handle}', { params: { path: { handle } } });
    await this.load();
  }

  async mute(handle: string, on: boolean): Promise<void> {
    const params = { path: { handle } };
    if (on) await api.PUT('/api/accounts/{handle}/mute', { params });
    else await api.DELETE('/api/accounts/{handle}/mute', { params });
    if (this.muted.phase !== 'empty') await this.muted.load();
  }

  /** Has one told of the new posts of a person or page, or no more. */
  async watch(handle: string, on: boolean): Promise<void> {
    const params = { path: { handle } };
    if (on) await api.PUT('/api/accounts/{handle}/watch', { params });
    else await api.DELETE('/api/accounts/{handle}/watch', { params });
  }

  /** Keeps somebody out of the suggestions, or lets them in again. */
  async hideSuggestion(handle: string, on: boolean): Promise<void> {
    const params = { path: { handle } };
    if (on) await api.PUT('/api/people/suggestions/{handle}/hidden', { params });
    else await api.DELETE('/api/people/suggestions/{handle}/hidden', { params });
  }

  async unblock(handle: string): Promise<void> {
    await api.DELETE('/api/blocks/{handle}', { params: { path: { handle } } });
    await this.loadBlocked();
  }

  reset(): void {
    this.all = [];
    this.blocked = [];
    this.muted.reset();
    this.phase = 'empty';
  }
}

export const people = new People();
