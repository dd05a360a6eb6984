/** What is reacted to. */
export interface ReactedTo {
  kind: 'post' | 'comment';
  id: string;
}
