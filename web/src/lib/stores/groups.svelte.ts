import { SvelteMap } from 'svelte/reactivity';
import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type {
  GroupBanView,
  GroupChange,
  GroupDetail,
  GroupMemberView,
  GroupRequestView,
  GroupRole,
  GroupView,
  NewGroup,
  Page,
  PostView
} from '$lib/api/types';
import { Pager } from './pager.svelte';
import { posts } from './posts.svelte';

const PAGE_ROWS = 30;
const at = (groupId: string) => ({ path: { group_id: groupId } });
const member = (groupId: string, accountId: string) => ({ path: { group_id: groupId, account_id: accountId } });
const query = (cursor?: string) => ({ query: { cursor, limit: PAGE_ROWS } });
const idOfGroup = (group: GroupView) => group.group_id;
const idOfPerson = (person: { account_id: string }) => person.account_id;

/** What of one group is on its page. */
export class GroupOnPage {
  readonly feed: Pager<string>;
  readonly pending: Pager<string>;
  readonly members: Pager<GroupMemberView>;
  readonly requests: Pager<GroupRequestView>;
  readonly bans: Pager<GroupBanView>;
  pins = $state.raw<readonly string[]>([]);
  /** What members are searched for. */
  search = $state('');

  constructor(readonly groupId: string) {
    const params = (cursor?: string) => ({ params: { ...at(groupId), ...query(cursor) } });
    this.feed = new Pager((cursor) => ids(body(api.GET('/api/groups/{group_id}/feed', params(cursor)))), String);
    this.pending = new Pager((cursor) => ids(body(api.GET('/api/groups/{group_id}/pending', params(cursor)))), String);
    this.members = new Pager((cursor) => {
      const search = { query: this.search.trim() || undefined, cursor, limit: PAGE_ROWS };
      return body(api.GET('/api/groups/{group_id}/members', { params: { ...at(groupId), query: search } }));
    }, idOfPerson);
    this.requests = new Pager((cursor) => body(api.GET('/api/groups/{group_id}/requests', params(cursor))), idOfPerson);
    this.bans = new Pager((cursor) => body(api.GET('/api/groups/{group_id}/bans', params(cursor))), idOfPerson);
  }

  /** Posts, pins and what waits of one's own, read again. */
  async readPosts(): Promise<void> {
    await Promise.all([this.feed.load(), this.pending.load(), this.#readPins()]);
  }

  async #readPins(): Promise<void> {
    const views = await body(api.GET('/api/groups/{group_id}/pins', { params: at(this.groupId) }));
    posts.put(...views);
    this.pins = views.map((post) => post.post_id);
  }

  /** What is shown of it, read again: something changed. */
  async changed(): Promise<void> {
    const shown = [this.members, this.requests, this.bans].filter((list) => list.phase !== 'empty');
    await Promise.all([...shown.map((list) => list.load()), this.feed.phase !== 'empty' && this.readPosts()]);
  }
}

async function ids(answer: Promise<Page<PostView>>): Promise<Page<string>> {
  const page = await answer;
  posts.put(...page.items);
  return { items: page.items.map((post) => post.post_id), next_cursor: page.next_cursor };
}

/** Groups: those one is in, those one is invited to, and those one finds. */
class Groups {
  readonly mine = new Pager<GroupView>((cursor) => body(api.GET('/api/groups', { params: query(cursor) })), idOfGroup);
  readonly invitations = new Pager<GroupView>((cursor) => body(api.GET('/api/groups/invitations', { params: query(cursor) })), idOfGroup);
  readonly found = new Pager<GroupView>((cursor) => {
    const search = { query: this.search.trim() || undefined, cursor, limit: PAGE_ROWS };
    return body(api.GET('/api/groups/find', { params: { query: search } }));
  }, idOfGroup);
  search = $state('');
  /** `null`: not there, or not for the reader. */
  #details = new SvelteMap<string, GroupDetail | null>();
  #open = new Map<string, GroupOnPage>();

  get(groupId: string): GroupDetail | null | undefined {
    return this.#details.get(groupId);
  }

  onPage(groupId: string): GroupOnPage {
    let group = this.#open.get(groupId);
    if (!group) this.#open.set(groupId, (group = new GroupOnPage(groupId)));
    return group;
  }

  async load(): Promise<void> {
    await Promise.all([this.mine.load(), this.invitations.load()]);
  }

  async refresh(groupId: string): Promise<void> {
    try {
      this.#details.set(groupId, await body(api.GET('/api/groups/{group_id}', { params: at(groupId) })));
    } catch (thrown) {
      if (!['not_found', 'invalid_field'].includes(ApiError.of(thrown).code)) throw thrown;
      this.#details.set(groupId, null);
    }
  }

  /** The server says that one's part in a group is another, or that something waits there. */
  async changed(groupId: string): Promise<void> {
    await this.load();
    if (!this.#details.has(groupId)) return;
    await this.refresh(groupId);
    if (this.#details.get(groupId)) await this.#open.get(groupId)?.changed();
    else this.#open.delete(groupId);
  }

  async create(group: NewGroup): Promise<GroupDetail> {
    const made = await body(api.POST('/api/groups', { body: group }));
    this.#details.set(made.group_id, made);
    await this.load();
    return made;
  }

  async change(groupId: string, change: GroupChange): Promise<void> {
    this.#details.set(groupId, await body(api.PATCH('/api/groups/{group_id}', { params: at(groupId), body: change })));
    await this.load();
  }

  async remove(groupId: string): Promise<void> {
    await api.DELETE('/api/groups/{group_id}', { params: at(groupId) });
    await this.changed(groupId);
  }

  /** Comes in, accepts an invitation, or asks. */
  async join(groupId: string, answers: string[]): Promise<GroupDetail> {
    const group = await body(api.POST('/api/groups/{group_id}/join', { params: at(groupId), body: { answers } }));
    this.#details.set(groupId, group);
    await Promise.all([this.load(), this.found.phase === 'ready' && this.found.load(), this.#open.get(groupId)?.changed()]);
    return group;
  }

  /** Takes a request back, or declines an invitation. */
  async withdraw(groupId: string): Promise<void> {
    await api.DELETE('/api/groups/{group_id}/join', { params: at(groupId) });
    await Promise.all([this.changed(groupId), this.found.phase === 'ready' && this.found.load()]);
  }

  async leave(groupId: string, successor?: string): Promise<void> {
    await api.POST('/api/groups/{group_id}/leave', { params: at(groupId), body: { successor } });
    await this.changed(groupId);
  }

  async invite(groupId: string, handles: string[]): Promise<void> {
    await api.POST('/api/groups/{group_id}/invitations', { params: at(groupId), body: { handles } });
  }

  async decide(groupId: string, accountIds: string[], accept: boolean): Promise<void> {
    const body = { account_ids: accountIds, accept };
    await api.POST('/api/groups/{group_id}/requests/decide', { params: at(groupId), body });
    await this.changed(groupId);
  }

  async setRole(groupId: string, accountId: string, role: GroupRole): Promise<void> {
    await api.PUT('/api/groups/{group_id}/members/{account_id}/role', { params: member(groupId, accountId), body: { role } });
    await this.changed(groupId);
  }

  async takeOut(groupId: string, accountId: string, how: { ban: boolean; delete_posts: boolean }): Promise<void> {
    await api.POST('/api/groups/{group_id}/members/{account_id}/remove', { params: member(groupId, accountId), body: how });
    await this.changed(groupId);
  }

  async unban(groupId: string, accountId: string): Promise<void> {
    await api.DELETE('/api/groups/{group_id}/bans/{account_id}', { params: member(groupId, accountId) });
    await this.#open.get(groupId)?.bans.load();
  }

  async letThrough(post: PostView): Promise<void> {
    posts.put(await body(api.POST('/api/posts/{post_id}/let-through', { params: { path: { post_id: post.post_id } } })));
    if (post.group) await this.changed(post.group.group_id);
  }

  async pin(post: PostView, pinned: boolean): Promise<void> {
    const params = { path: { post_id: post.post_id } };
    const view = pinned ? api.PUT('/api/posts/{post_id}/pin', { params }) : api.DELETE('/api/posts/{post_id}/pin', { params });
    posts.put(await body(view));
    if (post.group) await this.#open.get(post.group.group_id)?.changed();
  }

  /** A post is new: on its group's page, if that is open, it stands on top. */
  async added(postId: string): Promise<void> {
    if (![...this.#open.values()].some((group) => group.feed.phase === 'ready')) return;
    await posts.refresh(postId);
    const placed = posts.get(postId)?.group;
    if (placed && !placed.pending) this.#open.get(placed.group_id)?.feed.prepend(postId);
  }

  /** A post was written or deleted here: the group's page shows what is there now. */
  async postChanged(groupId: string): Promise<void> {
    const group = this.#open.get(groupId);
    if (group && group.feed.phase !== 'empty') await group.readPosts();
  }

  reset(): void {
    for (const list of [this.mine, this.invitations, this.found]) list.reset();
    this.search = '';
    this.#details.clear();
    this.#open.clear();
  }
}

export const groups = new Groups();
