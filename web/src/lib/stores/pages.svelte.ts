import { SvelteMap } from 'svelte/reactivity';
import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { GroupDetail, NewPage, PageChange, PageDetail, PageNumbers, PageRole, PageStaffView, PageView } from '$lib/api/types';
import { Pager } from './pager.svelte';

const PAGE_ROWS = 30;
const at = (page: string) => ({ path: { page } });
const query = (cursor?: string) => ({ query: { cursor, limit: PAGE_ROWS } });
const idOf = (page: PageView) => page.account_id;

/** Pages: those on whose staff one is, those one follows, and those one finds. */
class Pages {
  readonly mine = new Pager<PageView>((cursor) => body(api.GET('/api/pages', { params: query(cursor) })), idOf);
  readonly followed = new Pager<PageView>((cursor) => body(api.GET('/api/pages/followed', { params: query(cursor) })), idOf);
  readonly found = new Pager<PageView>((cursor) => {
    const search = { query: this.search.trim() || undefined, cursor, limit: PAGE_ROWS };
    return body(api.GET('/api/pages/find', { params: { query: search } }));
  }, idOf);
  search = $state('');
  /** `null`: not there, or not for the reader. */
  #details = new SvelteMap<string, PageDetail | null>();

  get(handle: string): PageDetail | null | undefined {
    return this.#details.get(handle);
  }

  /** One on whose staff the reader is, by its id. */
  own(pageId: string): PageView | undefined {
    return this.mine.rows.find((page) => page.account_id === pageId);
  }

  async load(): Promise<void> {
    await Promise.all([this.mine.load(), this.followed.load()]);
  }

  async refresh(handle: string): Promise<void> {
    try {
      this.#details.set(handle, await body(api.GET('/api/pages/{page}', { params: at(handle) })));
    } catch (thrown) {
      if (!['not_found', 'invalid_field'].includes(ApiError.of(thrown).code)) throw thrown;
      this.#details.set(handle, null);
    }
  }

  async create(page: NewPage): Promise<PageDetail> {
    return this.#changed(await body(api.POST('/api/pages', { body: page })));
  }

  async change(handle: string, change: PageChange): Promise<PageDetail> {
    return this.#changed(await body(api.PATCH('/api/pages/{page}', { params: at(handle), body: change })));
  }

  async verify(handle: string): Promise<PageDetail> {
    return this.#changed(await body(api.POST('/api/pages/{page}/links/verify', { params: at(handle) })));
  }

  async remove(handle: string): Promise<void> {
    await api.DELETE('/api/pages/{page}', { params: at(handle) });
    this.#details.delete(handle);
    await this.load();
  }

  async follow(handle: string, follows: boolean): Promise<void> {
    const params = at(handle);
    if (follows) await api.PUT('/api/pages/{page}/follow', { params });
    else await api.DELETE('/api/pages/{page}/follow', { params });
    await Promise.all([this.load(), this.#details.has(handle) && this.refresh(handle), this.found.phase === 'ready' && this.found.load()]);
  }

  staff(handle: string): Promise<PageStaffView[]> {
    return body(api.GET('/api/pages/{page}/staff', { params: at(handle) }));
  }

  setRole(handle: string, person: string, role: PageRole): Promise<PageStaffView[]> {
    return body(api.PUT('/api/pages/{page}/staff/{person}', { params: { path: { page: handle, person } }, body: { role } }));
  }

  async takeOff(handle: string, person: string): Promise<void> {
    await api.DELETE('/api/pages/{page}/staff/{person}', { params: { path: { page: handle, person } } });
  }

  numbers(handle: string): Promise<PageNumbers> {
    return body(api.GET('/api/pages/{page}/numbers', { params: at(handle) }));
  }

  /** Gives a group to a page, or takes it back. */
  giveGroup(groupId: string, handle?: string): Promise<GroupDetail> {
    return body(api.PUT('/api/groups/{group_id}/page', { params: { path: { group_id: groupId } }, body: { handle } }));
  }

  async #changed(page: PageDetail): Promise<PageDetail> {
    this.#details.set(page.handle, page);
    await this.load();
    return page;
  }

  reset(): void {
    for (const list of [this.mine, this.followed, this.found]) list.reset();
    this.search = '';
    this.#details.clear();
  }
}

export const pages = new Pages();
