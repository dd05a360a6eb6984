/** What is reacted to. */
export type ReactedTo = { post_id: string; comment_id?: undefined } | { comment_id: string; post_id?: undefined };
