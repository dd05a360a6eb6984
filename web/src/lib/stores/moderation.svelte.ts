import { api, body } from '$lib/api/client';
import type {
  BlockedDomain,
  CaseAction,
  CaseDetail,
  CaseView,
  LogEntryView,
  ModeratorView,
  NoticeView,
  ReportReason,
  ReportTarget
} from '$lib/api/types';
import { Pager } from './pager.svelte';

const cases = (closed: boolean) =>
  new Pager<CaseView>(
    (cursor) => body(api.GET('/api/moderation/reports', { params: { query: { closed, cursor } } })),
    (one) => one.case_id
  );

/** A decision on a case. */
export interface Decision {
  action: CaseAction;
  rule?: ReportReason;
  note: string;
  duration_ms?: number;
}

/** What people report of the public side, and what the server's people do about it. */
class Moderation {
  readonly open = cases(false);
  readonly closed = cases(true);
  readonly log = new Pager<LogEntryView>(
    (cursor) => body(api.GET('/api/moderation/log', { params: { query: { cursor } } })),
    (entry) => entry.entry_id
  );
  readonly domains = new Pager<BlockedDomain>(
    (cursor) => body(api.GET('/api/moderation/domains', { params: { query: { cursor } } })),
    (one) => one.domain
  );
  people = $state.raw<ModeratorView[]>([]);
  /** What was decided about oneself and not read yet. */
  notices = $state.raw<NoticeView[]>([]);
  #groups = new Map<string, Pager<CaseView>>();

  async report(report: { target: ReportTarget; reason: ReportReason; comment: string; desk: 'server' | 'group' }): Promise<void> {
    await api.POST('/api/reports/public', { body: { report_id: crypto.randomUUID(), ...report } });
  }

  case(caseId: string, cursor?: string): Promise<CaseDetail> {
    return body(api.GET('/api/moderation/reports/{case_id}', { params: { path: { case_id: caseId }, query: { cursor } } }));
  }

  async decide(caseId: string, decision: Decision): Promise<void> {
    await api.POST('/api/moderation/reports/{case_id}/decide', { params: { path: { case_id: caseId } }, body: decision });
    await this.changed();
  }

  /** The queue is another one now. */
  async changed(): Promise<void> {
    await Promise.all([this.open.load(), this.closed.phase !== 'empty' && this.closed.load()]);
  }

  async loadPeople(): Promise<void> {
    this.people = await body(api.GET('/api/moderation/moderators'));
  }

  async setModerator(handle: string, on: boolean): Promise<void> {
    const params = { path: { handle } };
    if (on) await api.PUT('/api/moderation/moderators/{handle}', { params });
    else await api.DELETE('/api/moderation/moderators/{handle}', { params });
    await this.loadPeople();
  }

  async blockDomain(domain: string): Promise<void> {
    await api.PUT('/api/moderation/domains', { body: { domain } });
    await this.domains.load();
  }

  async unblockDomain(domain: string): Promise<void> {
    await api.DELETE('/api/moderation/domains/{domain}', { params: { path: { domain } } });
    await this.domains.load();
  }

  async loadNotices(): Promise<void> {
    const page = await body(api.GET('/api/notices'));
    this.notices = page.items.filter((notice) => !notice.seen || (notice.until ?? 0) > Date.now());
  }

  async seen(noticeId: string): Promise<void> {
    await api.POST('/api/notices/{notice_id}/seen', { params: { path: { notice_id: noticeId } } });
    await this.loadNotices();
  }

  async appeal(noticeId: string, text: string): Promise<void> {
    await api.POST('/api/notices/{notice_id}/appeal', { params: { path: { notice_id: noticeId } }, body: { text } });
    await this.loadNotices();
  }

  /** What was reported to a group's own moderators. */
  ofGroup(groupId: string): Pager<CaseView> {
    let list = this.#groups.get(groupId);
    if (!list) {
      const path = { group_id: groupId };
      list = new Pager(
        (cursor) => body(api.GET('/api/groups/{group_id}/reports', { params: { path, query: { cursor } } })),
        (one) => one.case_id
      );
      this.#groups.set(groupId, list);
    }
    return list;
  }

  async closeInGroup(groupId: string, caseId: string, remove: boolean): Promise<void> {
    const params = { path: { group_id: groupId, case_id: caseId } };
    await api.POST('/api/groups/{group_id}/reports/{case_id}/close', { params, body: { remove } });
    await this.ofGroup(groupId).load();
  }

  reset(): void {
    for (const list of [this.open, this.closed, this.log, this.domains]) list.reset();
    this.#groups.clear();
    this.people = [];
    this.notices = [];
  }
}

export const moderation = new Moderation();
