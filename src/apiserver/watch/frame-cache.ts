// Encoded watch events, kept for a while so that all watchers of an event send the same bytes.
import { RecentCache } from "#std/recent-cache.ts";
import type { StoredEvent } from "#storage/storage.ts";

/** At least so many bytes are kept, at most twice as many. Watchers read an event within moments of each other. */
const frameBytesMax = 512 * 1024;

/** Frames by event and view (resource version, representation, type of event). */
export class FrameCache {
  readonly #frames = new RecentCache<StoredEvent, Map<string, Uint8Array>>(frameBytesMax);

  /** The frame of `event` in `view`; `make` encodes it the first time. */
  get(event: StoredEvent, view: string, make: () => Uint8Array): Uint8Array {
    const frames = this.#frames.peek(event) ?? new Map<string, Uint8Array>();
    const known = frames.get(view);
    if (known !== undefined) return known;
    const frame = make();
    frames.set(view, frame);
    this.#frames.set(event, frames, frame.length);
    return frame;
  }
}
