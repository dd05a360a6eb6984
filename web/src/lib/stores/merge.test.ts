import { describe, expect, it } from 'vitest';
import type { PostView } from '$lib/api/types';
import type { MessageView } from '$lib/core/types';
import { firstUnread, mergeMessages, mergeTop, requote, withinWindow } from './merge';

const message = (local_id: string, seq: number | null, state: MessageView['state'] = 'sent'): MessageView => ({
  local_id,
  seq,
  kind: 'text',
  sender: null,
  people: [],
  text: local_id,
  at: 0,
  state,
  mine: true
});
const ids = (list: { local_id: string }[]) => list.map((one) => one.local_id).join('');

describe('messages', () => {
  it('keep what is not sent at the end, in the order it was written', () => {
    const shown = mergeMessages([message('a', 1), message('x', null, 'pending'), message('y', null, 'pending')], [message('b', 2)]);
    expect(ids(shown)).toBe('abxy');
  });
  it('move to their place under the same id once sent', () => {
    const shown = mergeMessages([message('a', 1), message('x', null, 'pending'), message('y', null, 'pending')], [message('y', 2)]);
    expect(ids(shown)).toBe('ayx');
    expect(shown).toHaveLength(3);
  });
  it('take older ones in above, and rows of one log entry in their order', () => {
    expect(ids(mergeMessages([message('c', 5), message('d', 5)], [message('e', 6)]))).toBe('cde');
    expect(ids(mergeMessages([message('a', 1), message('b', 2)], [message('c', 3)]))).toBe('abc');
  });
});

describe('a window of a timeline', () => {
  const window = { messages: [message('b', 5), message('c', 6)], hasOlder: true, hasNewer: true };
  it('takes in what belongs between its ends, and what it has already', () => {
    const changed = [message('a', 4), message('b', 5), message('x', 5), message('d', 7), message('y', null, 'pending')];
    expect(ids(withinWindow(window, changed))).toBe('bx');
    expect(ids(withinWindow({ ...window, hasNewer: false }, changed))).toBe('bxdy');
    expect(ids(withinWindow({ ...window, hasOlder: false }, changed))).toBe('abx');
  });
  it('knows the first unread message only when nothing before it is missing', () => {
    const theirs = (local_id: string, seq: number) => ({ ...message(local_id, seq), mine: false });
    const shown = { messages: [theirs('a', 4), message('b', 5), theirs('c', 6)], hasOlder: true, hasNewer: false };
    expect(firstUnread(shown, 4)?.local_id).toBe('c');
    expect(firstUnread(shown, 2)).toBeUndefined();
    expect(firstUnread({ ...shown, hasOlder: false }, 2)?.local_id).toBe('a');
    expect(firstUnread(shown, 6)).toBeUndefined();
  });
  it('quotes what was changed or taken away as it is now', () => {
    const original = { ...message('a', 1), message_id: 'm' };
    const reply = { message_id: 'm', seq: 1, kind: 'text' as const, sender: null, text: 'a', people: [] };
    const shown = [{ ...message('b', 2), reply }];
    expect(requote(shown, [original])).toBe(shown);
    const deleted = { ...original, kind: 'deleted', text: '' } as const;
    expect(requote(shown, [deleted])[0]!.reply).toEqual({ ...reply, kind: 'deleted', text: '' });
  });
});

const post = (post_id: string, created_at: number) => ({ post_id, created_at }) as PostView;

describe('the feed after a time offline', () => {
  it('holds new posts back and drops what went', () => {
    const shown = [post('d', 40), post('c', 30), post('b', 20), post('a', 10)];
    const page = [post('e', 50), post('d', 40), post('b', 20)];
    expect(mergeTop(shown, page, false)).toEqual({ ids: ['d', 'b', 'a'], fresh: ['e'] });
  });
  it('knows that everything is on a page that is the only one', () => {
    expect(mergeTop([post('b', 20), post('a', 10)], [post('b', 20)], true)).toEqual({ ids: ['b'], fresh: [] });
  });
});
