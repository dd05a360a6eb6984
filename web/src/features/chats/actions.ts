import type { AccountRef } from '$lib/api/types';
import type { FileView, MessageView } from '$lib/core/types';

/** What a message in the list can ask the view around it for. */
export interface MessageActions {
  reply(message: MessageView): void;
  /** Opens what can be done with a message, beside `anchor`. */
  menu(message: MessageView, anchor: DOMRect): void;
  react(message: MessageView): void;
  info(message: MessageView): void;
  /** Opens what somebody says who wants to show a message to those who can act. */
  report(message: MessageView): void;
  jump(seq: number): void;
  pickDate(): void;
  /** Shows a picture or a video of a message, as large as there is room. */
  view(message: MessageView, file: FileView): void;
  /** Opens the comparison of identity keys with somebody. */
  safety(person: AccountRef): void;
}

/** Whether it can be proved to others that its sender sent it. */
export const isReportable = ({ message_id, mine, kind, state, vouched_by }: MessageView): boolean =>
  Boolean(message_id) && !mine && !vouched_by && (kind === 'text' || kind === 'poll') && state === 'sent';

/** Whether anything can be said about it: it was written, is not gone, and others have got it. */
export const isOpenToWords = (message: MessageView): boolean =>
  Boolean(message.message_id) && (message.kind === 'text' || message.kind === 'poll') && message.state !== 'failed';
