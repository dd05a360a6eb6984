import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { ListDetail, ListView } from '$lib/api/types';

/** One's lists of connections, known to oneself alone. */
class Lists {
  all = $state.raw<ListView[]>([]);
  phase = $state<'empty' | 'ready' | 'failed'>('empty');
  failure = $state.raw<ApiError | null>(null);

  async load(): Promise<void> {
    try {
      this.all = (await body(api.GET('/api/lists'))).toSorted((a, b) => a.name.localeCompare(b.name));
      this.phase = 'ready';
    } catch (thrown) {
      this.failure = ApiError.of(thrown);
      if (this.phase === 'empty') this.phase = 'failed';
    }
  }

  name(listId: string): string | undefined {
    return this.all.find((list) => list.list_id === listId)?.name;
  }

  detail(listId: string): Promise<ListDetail> {
    return body(api.GET('/api/lists/{list_id}', { params: { path: { list_id: listId } } }));
  }

  /** Ids of those of one's lists that somebody is on. */
  holding(handle: string): Promise<string[]> {
    return body(api.GET('/api/accounts/{handle}/lists', { params: { path: { handle } } }));
  }

  async create(name: string): Promise<ListView> {
    const list = await body(api.POST('/api/lists', { body: { name } }));
    await this.load();
    return list;
  }

  async rename(listId: string, name: string): Promise<void> {
    await api.PATCH('/api/lists/{list_id}', { params: { path: { list_id: listId } }, body: { name } });
    await this.load();
  }

  async remove(listId: string): Promise<void> {
    await api.DELETE('/api/lists/{list_id}', { params: { path: { list_id: listId } } });
    await this.load();
  }

  async change(listId: string, change: { add?: string[]; remove?: string[] }): Promise<void> {
    const body = { add: change.add ?? [], remove: change.remove ?? [] };
    await api.POST('/api/lists/{list_id}/members', { params: { path: { list_id: listId } }, body });
    await this.load();
  }

  reset(): void {
    this.all = [];
    this.phase = 'empty';
  }
}

export const lists = new Lists();
