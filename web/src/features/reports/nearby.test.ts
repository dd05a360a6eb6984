import { expect, test } from 'vitest';
import type { MessageView } from '$lib/core/types';
import { nearby } from './nearby';

const said = (seq: number, by: string, more: Partial<MessageView> = {}): MessageView => ({
  local_id: `${seq}`,
  message_id: `m${seq}`,
  seq,
  kind: 'text',
  sender: { account_id: by, handle: by, name: by },
  people: [],
  text: `${seq}`,
  at: seq,
  state: 'sent',
  mine: false,
  ...more
});
const seqs = (messages: MessageView[]) => messages.map((message) => message.seq);

test('what the same sender wrote around a message is offered, and nothing that cannot be proved', () => {
  const log = [said(1, 'bea'), said(2, 'cleo'), said(3, 'bea'), said(4, 'bea', { kind: 'deleted' }), said(5, 'bea', { vouched_by: null })];
  expect(seqs(nearby(log, log[2]!))).toEqual([1, 3, 5]);
});

test('no more is offered than one report holds, with the chosen one among it', () => {
  const log = Array.from({ length: 100 }, (_, index) => said(index, 'bea'));
  for (const index of [0, 50, 99]) {
    const offered = seqs(nearby(log, log[index]!));
    expect(offered).toHaveLength(20);
    expect(offered).toContain(index);
  }
});
