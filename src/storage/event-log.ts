// The recent changes of a store, oldest first. Watches replay it, and reads of an older revision undo it from the present.
import type { StoredEntry, StoredEvent } from "./storage.ts";

/** An entry with the number of the record that holds it in a driver's log: unique and ascending over all writes. */
export interface MvccEntry extends StoredEntry {
  readonly sequence: number;
}

/** A change with the number of its own record (for a delete, that of the tombstone). */
export interface MvccEvent extends StoredEvent {
  readonly entry: MvccEntry;
  readonly previous: MvccEntry | undefined;
  readonly sequence: number;
}

/** What an event takes beside the values' bytes: the objects themselves, the buffer of a value, their place in the log. */
const eventOverheadBytes = 500;

/** Changes of whole transactions, by ascending revision. */
export class EventLog {
  readonly #events: MvccEvent[] = [];
  #bytes = 0;

  get length(): number {
    return this.#events.length;
  }

  /** What the log keeps alive that would be gone without it: values that were replaced or deleted since. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: MvccEvent): void {
    this.#events.push(event);
    this.#bytes += bytesOf(event);
  }

  /** Takes out everything older than `revision`. */
  trimBefore(revision: number): MvccEvent[] {
    const trimmed = this.#events.splice(0, this.#firstAt(revision));
    for (const event of trimmed) this.#bytes -= bytesOf(event);
    return trimmed;
  }

  /** The oldest revision to keep so that the log holds at most this much. The newest transaction always stays. */
  oldestWithin(eventsMax: number, bytesMax: number): number {
    let bytes = this.#bytes;
    let index = 0;
    while (index < this.#events.length && (this.#events.length - index > eventsMax || bytes > bytesMax)) {
      const event = this.#events[index++];
      if (event !== undefined) bytes -= bytesOf(event);
    }
    const last = this.#events.at(-1)?.revision ?? 0;
    const dropped = this.#events[index - 1]?.revision ?? 0;
    return Math.min(last, dropped + 1);
  }

  /**
   * Changes under `prefix` from revision `from` on, of whole transactions, stopping after about `eventsMax`.
   * `revision` is the last one looked at, or undefined when the log has been read to its end.
   */
  read(prefix: string, from: number, eventsMax: number): { events: MvccEvent[]; revision: number | undefined } {
    const events: MvccEvent[] = [];
    let revision = 0;
    for (let index = this.#firstAt(from); index < this.#events.length; index++) {
      const event = this.#events[index];
      if (event === undefined) break;
      if (events.length >= eventsMax && event.revision !== revision) return { events, revision };
      revision = event.revision;
      if (event.key.startsWith(prefix)) events.push(event);
    }
    return { events, revision: undefined };
  }

  /** For each key under `prefix` that has changed after `revision`: what it held at that time. */
  changedSince(revision: number, prefix: string): Map<string, MvccEntry | undefined> {
    const held = new Map<string, MvccEntry | undefined>();
    for (let index = this.#firstAt(revision + 1); index < this.#events.length; index++) {
      const event = this.#events[index];
      if (event?.key.startsWith(prefix) === true && !held.has(event.key)) held.set(event.key, event.previous);
    }
    return held;
  }

  /** The index of the first event at `revision` or later. */
  #firstAt(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? revision) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function bytesOf(event: MvccEvent): number {
  return eventOverheadBytes + (event.previous?.value.byteLength ?? 0);
}
