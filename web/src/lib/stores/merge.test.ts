import { describe, expect, it } from 'vitest';
import type { PostView } from '$lib/api/types';
import type { MessageView } from '$lib/core/types';
import { mergeMessages, mergeTop } from './merge';

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
