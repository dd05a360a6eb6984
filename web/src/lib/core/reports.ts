import type { AccountRef, ReportReason } from '$lib/api/types';

/** Who is to see a report. */
export type ReportTo = 'hosts' | 'operator';
/** What a report discloses. */
export interface Disclosure {
  reason: ReportReason;
  comment: string;
  /** In the order of the log. */
  messages: DisclosedView[];
}
/** A message that a report discloses, or an edit. */
export interface DisclosedView {
  message_id: string;
  seq: number;
  sender: AccountRef;
  at: number;
  /** None: a newer version is needed to read it. */
  text: string | null;
  /** Of an edit: the message it takes the place of. */
  edits?: string | null;
  /** It was sent like that, at that place and time. */
  is_proved: boolean;
}
/** A report to the hosts of a chat. */
export interface ChatReportView {
  report_id: string;
  reporter: AccountRef;
  reported_at: number;
  /** None: this device cannot open it, or it is not by the reporter. */
  disclosure: Disclosure | null;
}
