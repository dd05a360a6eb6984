import type { Page } from '$lib/api/types';
import { core } from '$lib/core/core.svelte';
import type { ChatReportView } from '$lib/core/reports';
import { Pager } from './pager.svelte';

/** Reports to the hosts of one chat, as far as they are on the page. */
export class Reports<Row extends { report_id: string }> extends Pager<Row> {
  constructor(page: (cursor?: string) => Promise<Page<Row>>) {
    super(page, (report) => report.report_id);
  }
}

class AllReports {
  #chats = new Map<string, Reports<ChatReportView>>();

  ofChat(chatId: string): Reports<ChatReportView> {
    let reports = this.#chats.get(chatId);
    if (!reports) this.#chats.set(chatId, (reports = new Reports((cursor) => core.call('chat_reports', { chat_id: chatId, cursor }))));
    return reports;
  }

  /** What the page shows, read again: its changes may have been missed. */
  async catchUp(): Promise<void> {
    const shown = [...this.#chats.values()].filter((queue) => queue.phase !== 'empty');
    await Promise.all(shown.map((queue) => queue.load()));
  }

  /** Those to a chat's hosts are other ones now; what nobody has looked at yet is read when somebody does. */
  async chatChanged(chatId: string): Promise<void> {
    await this.#chats.get(chatId)?.load();
  }

  reset(): void {
    this.#chats.clear();
  }
}

export const reports = new AllReports();
