// Encoded watch events, kept for a while so that all watchers of an event send the same bytes.
import type { StoredEvent } from "#storage/storage.ts";

/** Bytes per generation; two are kept. Watchers read an event within moments of each other, so little is enough. */
export const frameGenerationBytesMax = 8 * 1024 * 1024;

/** Frames by event and kind of frame, in two generations (see ParsedCache). */
export class FrameCache {
  #young = new Map<StoredEvent, Map<string, Uint8Array>>();
  #old = new Map<StoredEvent, Map<string, Uint8Array>>();
  #youngBytes = 0;

  /** The frame of `event` known as `key`; `make` encodes it the first time. */
  get(event: StoredEvent, key: string, make: () => Uint8Array): Uint8Array {
    let frames = this.#young.get(event);
    if (frames === undefined) {
      if (this.#youngBytes >= frameGenerationBytesMax) this.#turn();
      frames = this.#old.get(event) ?? new Map<string, Uint8Array>();
      this.#young.set(event, frames);
      for (const frame of frames.values()) this.#youngBytes += frame.length;
    }
    const known = frames.get(key);
    if (known !== undefined) return known;
    const frame = make();
    frames.set(key, frame);
    this.#youngBytes += frame.length;
    return frame;
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}
