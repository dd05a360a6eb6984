import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { ApiError } from '$lib/api/error';
import { core } from '$lib/core/core.svelte';
import type { CoreEvent, FilePlace, FileView } from '$lib/core/types';
import { blobType } from '$lib/media/kinds';

/** Files kept open in the page; those opened first are let go. */
const OPEN_MAX = 120;
const WANTED = 'wanted-files';
function readWanted(): string[] {
  try {
    return JSON.parse(localStorage.getItem(WANTED) ?? '[]') as string[];
  } catch {
    return [];
  }
}
export type Progress = Extract<CoreEvent, { event: 'file_progress' }>;

/** The files of messages in this page: which are open, on their way, or could not be had. */
class Files {
  /** Addresses of their bytes, by file. */
  #urls = new SvelteMap<string, string>();
  #opening = new Map<string, Promise<string>>();
  loading = new SvelteSet<string>();
  failures = new SvelteMap<string, ApiError>();
  progress = new SvelteMap<string, Progress>();
  /** Asked for by somebody, and not here when the page was left. */
  #wanted = new Set(readWanted());

  url(fileId: string): string | undefined {
    return this.#urls.get(fileId);
  }

  wasWanted(fileId: string): boolean {
    return this.#wanted.has(fileId);
  }

  /** The address of a file's bytes in this page, once all of them are on the device. */
  async open(place: FilePlace, file: FileView): Promise<string> {
    const { file_id: fileId } = place;
    const known = this.#urls.get(fileId);
    if (known) return known;
    let opening = this.#opening.get(fileId);
    if (!opening) {
      opening = this.#open(place, file);
      this.#opening.set(fileId, opening);
    }
    return opening;
  }

  /** As `open`; what goes wrong stands in `failures`. */
  show(place: FilePlace, file: FileView): void {
    void this.open(place, file).catch(() => undefined);
  }

  async save(place: FilePlace, file: FileView): Promise<void> {
    const link = document.createElement('a');
    link.href = await this.open(place, file);
    link.download = file.name;
    link.click();
  }

  stop(fileId: string): void {
    this.#want(fileId, false);
    void core.call('stop_file', { file_id: fileId });
  }

  /** A file that is being sent is open already. */
  keep(fileId: string, url: string): void {
    this.#urls.set(fileId, url);
    this.#letGo();
  }

  /** It has another id from now on. */
  rename(from: string, to: string): void {
    const url = this.#urls.get(from);
    if (!url) return;
    this.#urls.delete(from);
    this.keep(to, url);
  }

  drop(fileId: string): void {
    const url = this.#urls.get(fileId);
    if (url) URL.revokeObjectURL(url);
    this.#urls.delete(fileId);
  }

  progressed(event: Progress): void {
    if (event.done_bytes >= event.total_bytes) this.progress.delete(event.file_id);
    else this.progress.set(event.file_id, event);
  }

  async #open(place: FilePlace, file: FileView): Promise<string> {
    const { file_id: fileId } = place;
    this.failures.delete(fileId);
    this.loading.add(fileId);
    this.#want(fileId, true);
    try {
      const { blob } = await core.call('open_file', { ...place, blob_type: blobType(file) });
      const url = URL.createObjectURL(blob!);
      this.keep(fileId, url);
      this.#want(fileId, false);
      return url;
    } catch (thrown) {
      const error = ApiError.of(thrown);
      // Somebody stopped it: nothing went wrong.
      if (this.#wanted.has(fileId)) this.failures.set(fileId, error);
      throw error;
    } finally {
      this.#opening.delete(fileId);
      this.loading.delete(fileId);
      this.progress.delete(fileId);
    }
  }

  #want(fileId: string, on: boolean): void {
    if (on) this.#wanted.add(fileId);
    else this.#wanted.delete(fileId);
    localStorage.setItem(WANTED, JSON.stringify([...this.#wanted].slice(-OPEN_MAX)));
  }

  #letGo(): void {
    for (const fileId of [...this.#urls.keys()].slice(0, Math.max(0, this.#urls.size - OPEN_MAX))) this.drop(fileId);
  }

  reset(): void {
    for (const fileId of [...this.#urls.keys()]) this.drop(fileId);
    for (const all of [this.loading, this.failures, this.progress, this.#wanted]) all.clear();
    localStorage.removeItem(WANTED);
  }
}

export const files = new Files();
