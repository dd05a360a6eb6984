import { toBase64url } from '$lib/core/base64url';
import { limits } from '$lib/text/limits';
import { plainType } from './kinds';
import type { Prepared } from './prepare';
import { steps } from './waveform';

const LOOK_MS = 60;
/** The longest voice note. */
export const VOICE_MS_MAX = 15 * 60_000;
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];

/** A voice note that is being spoken. */
export class Recording {
  elapsedMs = $state(0);
  /** How loud it has been so far, from 0 to 1. */
  levels = $state.raw<readonly number[]>([]);
  #chunks: Blob[] = [];
  #timer: ReturnType<typeof setInterval>;
  #startedAt = performance.now();
  #context = new AudioContext();

  private constructor(
    readonly stream: MediaStream,
    readonly recorder: MediaRecorder,
    onend: () => void
  ) {
    const analyser = this.#context.createAnalyser();
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.levels = [...this.levels, loudness(samples)];
      this.elapsedMs = performance.now() - this.#startedAt;
      if (this.elapsedMs >= VOICE_MS_MAX) onend();
    }, LOOK_MS);
    recorder.ondataavailable = (event) => this.#chunks.push(event.data);
    recorder.start();
  }

  /** Asks for the microphone. `onend`: it is as long as it may be. */
  static async start(onend: () => void): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    return new Recording(stream, new MediaRecorder(stream, { mimeType }), onend);
  }

  async finish(): Promise<Prepared> {
    const stopped = new Promise((resolve) => this.recorder.addEventListener('stop', resolve, { once: true }));
    const durationMs = performance.now() - this.#startedAt;
    this.recorder.stop();
    await stopped;
    this.#free();
    const type = plainType(this.recorder.mimeType);
    const blob = new Blob(this.#chunks, { type });
    const name = `voice.${type.slice('audio/'.length)}`;
    const waveform = toBase64url(steps(this.levels, limits.waveformMax));
    return { blob, about: { name, media_type: type, duration_ms: Math.round(durationMs), voice: true, waveform } };
  }

  cancel(): void {
    this.recorder.stop();
    this.#free();
  }

  #free(): void {
    clearInterval(this.#timer);
    for (const track of this.stream.getTracks()) track.stop();
    void this.#context.close();
  }
}

/** Speech lies between -50 and -10 dB. */
function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-10);
  return Math.max(0, Math.min(1, (decibels + 50) / 40));
}
