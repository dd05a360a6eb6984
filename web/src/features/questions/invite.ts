import { api, body } from '$lib/api/client';
import type { PostView } from '$lib/api/types';
import { t } from '$lib/i18n/index.svelte';
import { limits } from '$lib/text/limits';
import { draftFor } from '../posts/draft';

/**
 * Begins a post with a chat for just those who answered a question: they are invited, nobody is added. Gives how many more
 * answered than a post can name.
 */
export async function inviteAnswerers(post: PostView): Promise<number> {
  const handles: string[] = [];
  let cursor: string | undefined;
  do {
    const params = { path: { post_id: post.post_id }, query: { cursor, limit: 100 } };
    const page = await body(api.GET('/api/posts/{post_id}/answers', { params }));
    handles.push(...page.items.map((answer) => answer.account.handle));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  const title = [...post.text.trim().split('\n')[0]!].slice(0, limits.chatTitleMax).join('');
  draftFor({ text: t('question.chat.text', { question: title }), handles: handles.slice(0, limits.audiencePeopleMax), title });
  return Math.max(0, handles.length - limits.audiencePeopleMax);
}
