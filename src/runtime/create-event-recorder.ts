// Writes core/v1 Events in the background. Callers never wait and never hear of failures: events are best effort.
// Upstream: k8s.io/client-go/tools/record/event.go.
import { Event } from "#api/kinds.ts";
import type { Client, Draft } from "#client/client.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { type Backoff, backoffDelay } from "#std/backoff.ts";
import type { Logger } from "#std/logger.ts";
import { type Random } from "#std/random.ts";
import { type Clock, formatTime } from "#std/time.ts";
import { EventCorrelator, type EventRecord } from "./event-correlator.ts";
import type { EventRecorder, EventTarget } from "./event-recorder.ts";
import type { Precedence } from "./precedence.ts";

/** Events that wait to be written; what comes on top is dropped. Upstream: maxQueuedEvents. */
export const queuedEventsMax = 1000;
/**
 * Events are written as fast as they come up to so many at once, and at this rate after that: telling of work must not
 * take the time of the work. Upstream's recorders share 40 requests a second with everything else of their process.
 */
const eventBurstMax = 100;
const eventsPerSecondMax = 25;
/** How often one event is tried. Upstream: maxTriesPerEvent. */
const triesMax = 12;
const writeBackoff: Backoff = { firstMilliseconds: 500, maxMilliseconds: 10_000, jitter: 0.5 };
/** Leaves room for the dot and the suffix within a name of 253. */
const targetNameCharactersMax = 236;

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Who says it: the controller's name. */
  readonly component: string;
  readonly log: Logger;
  /** Shared by recorders that write to one server. Absent: of its own. */
  readonly budget?: EventBudget;
  /** Events wait for what goes first. Absent: for nothing. */
  readonly precedence?: Precedence;
  /** Ends the writing; what waits is dropped. */
  readonly signal: AbortSignal;
}

/** How fast events may be written, so that telling of work never takes the place of work. */
export class EventBudget {
  readonly #clock: Clock;
  /** Writes that may go at once, as of `#countedAt`. Below zero: so many wait. */
  #allowance = eventBurstMax;
  #countedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
  }

  /** Takes one write from it, and says how long to wait before that write. */
  take(): number {
    const now = this.#clock.monotonic();
    const earned = ((now - this.#countedAt) / 1000) * eventsPerSecondMax;
    this.#allowance = Math.min(eventBurstMax, this.#allowance + earned) - 1;
    this.#countedAt = now;
    return Math.max(0, (-this.#allowance / eventsPerSecondMax) * 1000);
  }
}

/** A recorder of `component`. It does nothing, and holds no timer, while nothing happens. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log, signal } = options;
  const correlator = new EventCorrelator();
  const writer = new EventWriter(options);
  return {
    event(target, type, reason, message) {
      if (signal.aborted) return;
      const record = correlator.correlate({ target, type, reason, message }, clock.now());
      if (record === undefined || !writer.enqueue(record)) log.debug("event dropped", { reason, message });
    },
  };
}

class EventWriter {
  readonly #options: EventRecorderOptions;
  /** In order of their first change since they were last written: changes of one record meanwhile are one write. */
  readonly #pending = new Set<EventRecord>();
  /** The names of records that the server has. */
  readonly #names = new WeakMap<EventRecord, string>();
  readonly #budget: EventBudget;
  #running = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#budget = options.budget ?? new EventBudget(options.clock);
  }

  /** False when the queue is full. */
  enqueue(record: EventRecord): boolean {
    if (this.#pending.size >= queuedEventsMax && !this.#pending.has(record)) return false;
    this.#pending.add(record);
    if (!this.#running) void this.#run();
    return true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    const { clock, signal } = this.#options;
    await clock.yield(); // let the caller get on first
    for (const record of this.#pending) {
      await this.#untilAllowed();
      if (signal.aborted) break;
      this.#pending.delete(record);
      await this.#write(record);
    }
    this.#running = false;
  }

  /** Resolves at once when the signal aborts. */
  async #untilAllowed(): Promise<void> {
    const { clock, precedence, signal } = this.#options;
    await precedence?.turn(signal)?.catch(() => undefined);
    const wait = this.#budget.take();
    if (wait > 0) await clock.sleep(wait, signal).catch(() => undefined);
  }

  async #write(record: EventRecord): Promise<void> {
    const { clock, random, log, signal } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        await this.#writeOnce(record);
        return;
      } catch (error) {
        const passing = isApiError(
          error,
          "ServiceUnavailable",
          "Timeout",
          "ServerTimeout",
          "TooManyRequests",
          "InternalError",
        );
        if (signal.aborted || !passing || tries === triesMax) {
          log.debug("event not written", { reason: record.reason, error: errorText(error) });
          return;
        }
        await clock.sleep(backoffDelay(writeBackoff, tries, random), signal).catch(() => undefined);
      }
    }
  }

  async #writeOnce(record: EventRecord): Promise<void> {
    const { client, clock, random, component, signal } = this.#options;
    const namespace = namespaceOf(record.target);
    const known = this.#names.get(record);
    if (known !== undefined) {
      const { count, message } = record;
      const patch = { count, message, lastTimestamp: formatTime(record.lastAt) };
      try {
        await client.patch(Event, { namespace, name: known }, { type: "merge", patch }, { signal });
        return;
      } catch (error) {
        if (!isApiError(error, "NotFound")) throw error; // else it has expired: tell it again
      }
    }
    const name = eventName(record.target, clock.now(), random);
    await client.create(Event, eventOf(record, component, name), { signal });
    this.#names.set(record, name);
  }
}

function eventOf(record: EventRecord, component: string, name: string): Draft<Event> {
  const { target, type, reason, message, count, firstAt, lastAt } = record;
  const { namespace, uid, resourceVersion } = target.metadata;
  return {
    metadata: { name, namespace: namespaceOf(target) },
    involvedObject: {
      apiVersion: target.apiVersion,
      kind: target.kind,
      name: target.metadata.name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    type,
    reason,
    message,
    count,
    firstTimestamp: formatTime(firstAt),
    lastTimestamp: formatTime(lastAt),
    source: { component },
    reportingComponent: component,
    reportingInstance: "",
  };
}

function namespaceOf(target: EventTarget): string {
  const { namespace } = target.metadata;
  return namespace === undefined || namespace === "" ? "default" : namespace;
}

/** The object's name and the time in nanoseconds, in hexadecimal, as upstream; chance stands in for the nanoseconds. */
function eventName(target: EventTarget, now: number, random: Random): string {
  const nanoseconds = BigInt(Math.floor(now)) * 1_000_000n + BigInt(random.uint32() % 1_000_000);
  return `${target.metadata.name.slice(0, targetNameCharactersMax)}.${nanoseconds.toString(16)}`;
}
