/** What is heard just now: one thing at a time. */
let current: HTMLMediaElement | undefined;

export const playing = {
  async begin(media: HTMLMediaElement): Promise<void> {
    if (current !== media) current?.pause();
    current = media;
    await media.play().catch(() => undefined);
  },
  end(media: HTMLMediaElement): void {
    media.pause();
    if (current === media) current = undefined;
  }
};
