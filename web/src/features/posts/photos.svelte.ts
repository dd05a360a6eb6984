import { ApiError } from '$lib/api/error';
import type { MediaView } from '$lib/api/types';
import { isVideo } from '$lib/media/kinds';
import { prepare } from '$lib/media/prepare';
import { forgetPhoto, uploadPhoto, uploadVideo } from '$lib/media/upload';
import { limits } from '$lib/text/limits';

/** A photo or video of a draft, as it is kept over a reload. */
export interface KeptPhoto {
  media_id: string;
  alt: string;
  video?: boolean;
}

/** A photo or video of a post that is being written. */
export class DraftPhoto {
  alt = $state('');
  /** Of the upload, from 0 to 1. */
  progress = $state(0);
  /** A video whose bytes are all there is made by the server. */
  making = $state(false);
  /** Its sizes are made: it can go with the post. */
  view = $state.raw<MediaView>();
  failure = $state.raw<ApiError>();
  /** What is shown of it: the file in this page, or what the server has. */
  readonly url: string;
  readonly #stop = new AbortController();

  constructor(
    readonly id: string,
    readonly file?: File,
    readonly video = file ? isVideo(file) : false
  ) {
    this.url = file ? URL.createObjectURL(file) : `/api/media/${id}/small`;
  }

  /** Ready to go with the post. */
  get ready(): boolean {
    return !this.failure && (this.view !== undefined || !this.file);
  }
  get underWay(): boolean {
    return !this.failure && !this.ready;
  }

  /** Makes it small enough and uploads it, from where an earlier try ended. */
  async upload(): Promise<void> {
    if (!this.file) return;
    this.failure = undefined;
    const { signal } = this.#stop;
    const onprogress = (share: number) => (this.progress = share);
    try {
      if (this.video) this.view = await uploadVideo(this.id, this.file, onprogress, () => (this.making = true), signal);
      else this.view = await uploadPhoto(this.id, (await prepare(this.file, false)).blob, onprogress, signal);
    } catch (thrown) {
      if (!signal.aborted) this.failure = ApiError.of(thrown);
    } finally {
      this.making = false;
    }
  }

  /** One of a kept draft that the server has forgotten meanwhile. */
  lost(): void {
    if (!this.file) this.failure = new ApiError({ code: 'media_gone', message: '' });
  }

  drop(): void {
    this.#stop.abort();
    this.release();
    void forgetPhoto(this.id);
  }
  release(): void {
    if (this.file) URL.revokeObjectURL(this.url);
  }
}

/** The photos of a post that is being written, in their order, or its one video. */
export class DraftPhotos {
  list = $state.raw<readonly DraftPhoto[]>([]);
  /** More were chosen than a post takes. */
  tooMany = $state(false);
  /** Photos and a video were chosen together. */
  mixed = $state(false);
  readonly video = $derived(this.list.find((photo) => photo.video));
  readonly underWay = $derived(this.list.some((photo) => photo.underWay));
  readonly allReady = $derived(this.list.every((photo) => photo.ready));
  readonly undescribed = $derived(this.list.filter((photo) => !photo.alt.trim()).length);
  /** Those that outlive a reload. */
  readonly kept = $derived<KeptPhoto[]>(this.list.filter((photo) => photo.ready).map(keptOf));
  /** For the post. */
  readonly media = $derived(this.kept.map(({ media_id, alt }) => ({ media_id, alt })));

  constructor(kept: readonly KeptPhoto[]) {
    this.list = kept.map(({ media_id, alt, video }) => {
      const photo = new DraftPhoto(media_id, undefined, video);
      photo.alt = alt;
      return photo;
    });
  }

  add(files: Iterable<File>): void {
    const all = [...files];
    const chosen = this.#fitting(all);
    this.mixed = chosen.length < all.length;
    const room = limits.postPhotosMax - this.list.length;
    this.tooMany = chosen.length > room;
    const photos = chosen.slice(0, room).map((file) => new DraftPhoto(crypto.randomUUID(), file));
    this.list = [...this.list, ...photos];
    void uploadInTurn(photos);
  }

  /** A video comes alone, and is alone. */
  #fitting(chosen: File[]): File[] {
    if (this.video) return [];
    const [first] = chosen;
    if (!this.list.length && first && isVideo(first)) return [first];
    return chosen.filter((file) => !isVideo(file));
  }

  remove(photo: DraftPhoto): void {
    this.list = this.list.filter((one) => one !== photo);
    this.tooMany = false;
    this.mixed = false;
    photo.drop();
  }

  /** One place towards the front (`-1`) or the end (`1`). */
  move(photo: DraftPhoto, by: -1 | 1): void {
    const from = this.list.indexOf(photo);
    const other = this.list[from + by];
    if (other) this.list = this.list.map((one) => (one === photo ? other : one === other ? photo : one));
  }

  /** They are in the post now, or the page is left. */
  release(): void {
    for (const photo of this.list) photo.release();
  }
}

const keptOf = ({ id, alt, video }: DraftPhoto): KeptPhoto => ({ media_id: id, alt, ...(video ? { video } : {}) });

/** One after the other: a photo takes much memory while it is made smaller. */
async function uploadInTurn(photos: readonly DraftPhoto[]): Promise<void> {
  for (const photo of photos) await photo.upload();
}
