// Which events are worth a write: repeated ones count up, many alike are combined, and a flood from one object is dropped.
// No IO; the time is an argument. Upstream: k8s.io/client-go/tools/record/events_cache.go.
import { defined } from "#std/defined.ts";
import type { EventTarget } from "./event-recorder.ts";

/**
 * How many objects and messages are remembered, each in 1 KB. Upstream: maxLruCacheEntries, 4096, for the few
 * recorders of a process; here each of 30 controllers has one.
 */
const correlatorEntriesMax = 1024;
/** Events of one object that pass at once; then one in `spamRefillMilliseconds`. */
export const spamBurst = 25;
export const spamRefillMilliseconds = 300_000;
/** From this many different messages of one reason within the interval on, they are combined. */
const similarEventsMax = 10;
export const similarIntervalMilliseconds = 600_000;

export interface Occurrence {
  readonly target: EventTarget;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** One Event object and how often it has happened. */
export interface EventRecord extends Omit<Occurrence, "message"> {
  message: string;
  readonly firstAt: number;
  lastAt: number;
  count: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

interface Similar {
  /** Different ones, few: a list takes a tenth of a set. */
  readonly messages: string[];
  seenAt: number;
}

export class EventCorrelator {
  readonly #buckets = new RecentMap<Bucket>(correlatorEntriesMax);
  readonly #similar = new RecentMap<Similar>(correlatorEntriesMax);
  readonly #records = new RecentMap<EventRecord>(correlatorEntriesMax);

  /** The record that an occurrence makes or adds to, or undefined where the object has said too much. */
  correlate(occurrence: Occurrence, now: number): EventRecord | undefined {
    const object = objectKey(occurrence.target);
    if (!this.#takeToken(object, now)) return undefined;
    const group = `${object}|${occurrence.type}|${occurrence.reason}`;
    const combined = this.#isTooSimilar(group, occurrence.message, now);
    const message = combined ? `(combined from similar events): ${occurrence.message}` : occurrence.message;
    const key = combined ? group : `${group}|${message}`;
    const record = this.#records.get(key) ?? newRecord(occurrence, message, now);
    record.message = message;
    record.lastAt = now;
    record.count++;
    this.#records.set(key, record);
    return record;
  }

  #takeToken(object: string, now: number): boolean {
    const bucket = this.#buckets.get(object) ?? { tokens: spamBurst, filledAt: now };
    const tokens = Math.min(spamBurst, bucket.tokens + Math.max(0, now - bucket.filledAt) / spamRefillMilliseconds);
    const allowed = tokens >= 1;
    this.#buckets.set(object, { tokens: allowed ? tokens - 1 : tokens, filledAt: now });
    return allowed;
  }

  #isTooSimilar(group: string, message: string, now: number): boolean {
    const known = this.#similar.get(group);
    const fresh = known !== undefined && now - known.seenAt <= similarIntervalMilliseconds;
    const similar: Similar = fresh ? known : { messages: [], seenAt: now };
    similar.seenAt = now;
    const { messages } = similar;
    if (messages.length < similarEventsMax && !messages.includes(message)) messages.push(message);
    this.#similar.set(group, similar);
    return messages.length >= similarEventsMax;
  }
}

/** Remembers who it is about and not the object: thousands of records outlive theirs. */
function newRecord({ target, type, reason }: Occurrence, message: string, now: number): EventRecord {
  const { apiVersion, kind, metadata } = target;
  const { name, namespace, uid, resourceVersion } = metadata;
  const about = { apiVersion, kind, metadata: { name, ...defined({ namespace, uid, resourceVersion }) } };
  return { target: about, type, reason, message, firstAt: now, lastAt: now, count: 0 };
}

/** A map of bounded size that forgets what was not touched for longest. */
class RecentMap<V> {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, V>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#entriesMax) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function objectKey({ apiVersion, kind, metadata }: EventTarget): string {
  return `${apiVersion}|${kind}|${metadata.namespace ?? ""}|${metadata.name}|${metadata.uid ?? ""}`;
}
