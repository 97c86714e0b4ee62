// Watches a collection: what is there (if asked), then every change as a line of JSON, with bookmarks in between.
// Each watch reads the storage's own watch, which replays history at the reader's pace and is bounded; the bytes of an
// event are shared among watchers by the FrameCache.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/watch.go and pkg/storage/cacher.
import { ApiError, isApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { StoredEntry, StoredEvent } from "#storage/storage.ts";
import { keptReading } from "../crud/kept.ts";
import { representationOf } from "../crud/represent.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import { parseWatchOptions, type WatchOptions } from "../list/options.ts";
import { waitForRevision } from "../list/read-at.ts";
import { type Selection, selectionOf } from "../list/selection.ts";
import { yieldingEvery } from "../list/turns.ts";
import type { ResourceContext, ServerCore } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import type { RequestInfo } from "../request/request-info.ts";
import { internalError } from "../request/respond.ts";
import { type Change, changeFor, WatchEncoder } from "./encode.ts";
import { KeptEncoder } from "./kept-encoder.ts";
import { TimedBatches } from "./timed-batches.ts";

/** Watches end after a random time in this range, where the client has not asked for one. */
const timeoutMillisecondsMin = 1_800_000;
const timeoutMillisecondsMax = 3_600_000;
const bookmarkPeriodMilliseconds = 60_000;
/** A last bookmark comes so long before the end. */
const lastBookmarkMilliseconds = 2_000;
/** Events that all watchers together are given in one turn of the event loop: 2 to 5 ms. */
export const deliveriesOfTurn = 400;

/** Answers a watch request: at once, before anything has been read, so that clients see the headers. */
export function handleWatch(context: ResourceContext): ApiResponse {
  const { core, info, signal } = context;
  const negotiated = negotiate(context.request, info, {
    transformations: ["Table", "PartialObjectMetadata"],
    stream: true,
  });
  const representation = representationOf(negotiated, info.query);
  const form = core.forms.of(context.resource);
  const plan = { info, form, selection: selectionOf(core, form, info), options: parseWatchOptions(info.query) };
  const headers = { "content-type": "application/json" };
  if (context.request.kept === true && representation.kind === "object" && representation.bare) {
    const content = watchLines(core, { ...plan, encoder: new KeptEncoder(form) }, signal);
    return { status: 200, headers, body: Buffer.alloc(0), kept: { ...keptReading(core, form), content } };
  }
  const encoder = new WatchEncoder(core, form, representation);
  return { status: 200, headers, body: watchLines(core, { ...plan, encoder }, signal) };
}

/** What a watch makes of what it finds: lines, or whatever else its reader takes. */
export interface EventEncoder<L> {
  /** An object that was there before. */
  initial(entry: StoredEntry): L;
  change(event: StoredEvent, change: Change): L;
  /** `isInitialEnd` marks the one that ends the initial events. */
  bookmark(revision: number, isInitialEnd: boolean): L;
  /** The last that a failed watch says, unless this throws. */
  failure(error: ApiError): L;
}

interface WatchPlan<L> {
  readonly info: RequestInfo;
  readonly form: ResourceForm;
  readonly selection: Selection;
  readonly options: WatchOptions;
  readonly encoder: EventEncoder<L>;
}

/** The lines. Ends without an error at the time-out and when the server closes; the client goes on from where it was. */
async function* watchLines<L>(core: ServerCore, plan: WatchPlan<L>, caller: AbortSignal): AsyncGenerator<L, undefined> {
  const timeout = timeoutMilliseconds(plan.options, core.random);
  using deadline = deadlineSignal(core.clock, timeout, caller);
  using outdated = untilOutdated(core, plan.form);
  const signal = AbortSignal.any([deadline, core.closing, outdated]);
  let isUnderWay = false;
  core.requestMetrics.watchOpened(plan.info);
  try {
    const revision = yield* initialLines(core, plan, signal);
    isUnderWay = plan.options.initialEvents;
    for await (const line of changeLines(core, plan, { after: revision, signal, timeout })) {
      isUnderWay = true;
      yield line;
    }
  } catch (error) {
    // A watch that was cut because its reader is slow just ends: the reader can go on from the last event it has read.
    if (signal.aborted || (isUnderWay && isApiError(error, "Expired"))) return undefined;
    if (!isApiError(error)) core.log.error("watch failed", { resource: plan.form.qualifiedResource, error });
    yield plan.encoder.failure(isApiError(error) ? error : internalError(error));
  } finally {
    core.requestMetrics.watchClosed(plan.info);
  }
  return undefined;
}

/** What is there, and a bookmark behind it; answers with the revision of that state. */
async function* initialLines<L>(
  core: ServerCore,
  { form, selection, options, encoder }: WatchPlan<L>,
  signal: AbortSignal,
): AsyncGenerator<L, number> {
  const { since } = options;
  if (!options.initialEvents) return since === undefined || since === 0 ? core.storage.revision : seen(core, since);
  if (since !== undefined) await waitForRevision(core, since, signal);
  const { entries, revision } = await core.storage.range({ prefix: selection.prefix });
  const turn = yieldingEvery(core.clock);
  for (const entry of await form.readable(entries)) {
    if (selection.keeps(entry)) yield encoder.initial(entry);
    const pause = turn(signal);
    if (pause !== undefined) await pause;
  }
  if (options.bookmarks) yield encoder.bookmark(revision, true);
  return revision;
}

/**
 * A revision that the client has seen. One that is yet to come is of a past that has been lost: a server restored from
 * a backup would else keep silent until it has come so far again, and the client would know nothing of what changed.
 */
function seen({ storage }: ServerCore, revision: number): number {
  const { revision: current } = storage;
  if (revision <= current) return revision;
  throw new ApiError("Expired", `too large resource version: ${revision}, current: ${current}`);
}

interface ChangeOptions {
  readonly after: number;
  readonly signal: AbortSignal;
  /** Milliseconds after which the watch will end. */
  readonly timeout: number;
}

async function* changeLines<L>(
  { storage, clock, deliveries }: ServerCore,
  { form, selection, options, encoder }: WatchPlan<L>,
  { after, signal, timeout }: ChangeOptions,
): AsyncGenerator<L, undefined> {
  const batches = new TimedBatches({
    source: storage.watch({ prefix: selection.prefix, startRevision: after + 1, signal }),
    clock,
    nextTickMilliseconds: options.bookmarks ? bookmarkTicks(clock, timeout) : () => undefined,
  });
  let revision = after;
  // One of many events is bounded here, and many watchers of one by `deliveries`. A reader in this process, or one that is quick, takes line after line without a turn of the event loop in between.
  const turn = yieldingEvery(clock);
  try {
    for (;;) {
      const item = await batches.next();
      if (item.kind === "end") return undefined;
      if (item.kind === "tick") {
        yield encoder.bookmark(revision, false);
        continue;
      }
      const { events } = item.batch;
      const shared = deliveries.spend(events.length);
      if (shared !== undefined) await shared;
      const readable = await readableEvents(form, events);
      for (const [index, event] of events.entries()) {
        const change = changeFor(readable[index] ?? event, selection);
        if (change !== undefined) yield encoder.change(event, change);
        const pause = turn(signal);
        if (pause !== undefined) await pause;
      }
      revision = Math.max(revision, item.batch.revision);
    }
  } finally {
    await batches.close();
  }
}

/** Events of entries that `form` may look at. */
async function readableEvents(form: ResourceForm, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
  if (form.resource.stored?.convert === undefined) return events;
  const entries = events.flatMap(({ entry, previous }) => (previous === undefined ? [entry] : [entry, previous]));
  const readable = (await form.readable(entries)).values();
  const next = (entry: StoredEntry): StoredEntry => readable.next().value ?? entry;
  return events.map((event) => {
    const entry = next(event.entry);
    return { ...event, entry, previous: event.previous === undefined ? undefined : next(event.previous) };
  });
}

/** A signal that aborts when the resource is served no more, or stored as another version: the client asks anew. */
function untilOutdated({ registry }: ServerCore, { resource }: ResourceForm): AbortSignal & Disposable {
  const { group, version, plural } = resource.kind;
  const controller = new AbortController();
  const stop = registry.onChange(() => {
    const current = registry.find(group, version, plural);
    if (current === resource) return;
    // A webhook that converts may be another one now.
    const isConverted = [resource, current].some((each) => each?.stored?.convert !== undefined);
    const isStoredAlike = current?.stored?.apiVersion === resource.stored?.apiVersion;
    if (current === undefined || isConverted || !isStoredAlike) controller.abort();
  });
  return Object.assign(controller.signal, { [Symbol.dispose]: stop });
}

/** When bookmarks are due: every minute, and once more shortly before the end. */
function bookmarkTicks(clock: Clock, timeout: number): () => number | undefined {
  const last = clock.monotonic() + timeout - lastBookmarkMilliseconds;
  return () => {
    const left = last - clock.monotonic();
    return left <= 0 ? undefined : Math.min(bookmarkPeriodMilliseconds, left);
  };
}

function timeoutMilliseconds({ timeoutSeconds = 0 }: WatchOptions, random: Random): number {
  if (timeoutSeconds > 0) return timeoutSeconds * 1000;
  return timeoutMillisecondsMin + (random.uint32() % (timeoutMillisecondsMax - timeoutMillisecondsMin));
}
