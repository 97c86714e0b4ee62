// One controller at work: its queue, what fills it, and the workers that empty it.
// Upstream: controller-runtime pkg/internal/controller/controller.go.
import type { Informer, InformerEvent } from "#client/informer.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { type Kind, type KubeObject, refKey } from "#machinery/object.ts";
import { type Backoff, backoffDelay } from "#std/backoff.ts";
import { defined } from "#std/defined.ts";
import { createPacer, type Pacer } from "#std/pacer.ts";
import {
  type Controller,
  type ControllerContext,
  type NameWatch,
  type ReconcileKey,
  TerminalError,
  type Watch,
} from "./controller.ts";
import type { ControllerFigures } from "./metrics.ts";
import type { Precedence } from "./precedence.ts";
import { type Priority, WorkQueue } from "./work-queue.ts";

/** Keys of one controller worked on at once. Upstream: --concurrent-*-syncs. */
export const reconcileWorkersDefault = 5;

const sourceBackoff: Backoff = { firstMilliseconds: 1_000, maxMilliseconds: 60_000, jitter: 0.5 };
/** Writers that meet are ordinary; only who loses again and again is worth a line. */
const quietConflicts = 5;

/** What the controllers of a thread share, and beyond it what goes first. */
export interface Sharing {
  readonly pacer: Pacer;
  readonly precedence: Precedence;
}

export class ControllerRun {
  readonly #controller: Controller;
  readonly #context: ControllerContext<object>;
  readonly #sharing: Sharing;
  readonly #queue: WorkQueue<ReconcileKey>;
  readonly #informers: readonly Informer[];
  readonly #removals: (() => void)[] = [];
  readonly #counts = { done: 0, requeued: 0, failed: 0, terminal: 0, workMillisecondsTotal: 0, workMillisecondsMax: 0 };

  /** Begins to listen at once, so that nothing is missed; works when told to. */
  constructor(controller: Controller, context: ControllerContext<object>, sharing: Sharing) {
    this.#controller = controller;
    this.#context = context;
    const { clock, random } = context;
    const { turnMilliseconds } = controller;
    const pacer = turnMilliseconds === undefined ? sharing.pacer : createPacer(clock, turnMilliseconds);
    this.#sharing = { ...sharing, pacer };
    const rankOf =
      controller.rank === undefined ? undefined : (key: ReconcileKey) => controller.rank?.(key, context) ?? 0;
    const onBusy = controller.standing === "leads" ? this.#tellBusy : undefined;
    this.#queue = new WorkQueue({ clock, random, keyOf, ...defined({ rankOf, backoff: controller.backoff, onBusy }) });
    const own = controller.for.map((kind) => this.#listen(kind));
    const others = (controller.watches ?? []).map((watch) => this.#listenTo(watch));
    this.#informers = [...own, ...others];
    const { signal } = context;
    if (signal.aborted) this.#close();
    else signal.addEventListener("abort", this.#close, { once: true });
  }

  /** Resolves when all it reads has been listed. */
  async synced(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.waitForSync(this.#context.signal)));
  }

  /** Works until the context's signal aborts and what was under way has ended. */
  async work(): Promise<void> {
    const workers = Array.from({ length: this.#controller.workers ?? reconcileWorkersDefault }, () => this.#worker());
    await Promise.all([this.#runSource(), ...workers]);
  }

  figures(): ControllerFigures {
    return { name: this.#controller.name, ...this.#queue.figures(), ...this.#counts };
  }

  readonly #close = (): void => {
    for (const remove of this.#removals) remove();
    this.#queue.close();
  };

  readonly #tellBusy = (isBusy: boolean): void => {
    if (isBusy) this.#sharing.precedence.enter();
    else this.#sharing.precedence.leave();
  };

  #listen(kind: Kind): Informer {
    const informer = this.#context.informers.for(kind);
    const { changed } = this.#controller;
    const handler = (event: InformerEvent<KubeObject>): void => {
      if (event.type === "updated" && changed !== undefined && !changed(event.object, event.old)) return;
      const { namespace, name } = event.ref;
      this.#queue.add({ kind, namespace, name }, { priority: priorityOf(event) });
    };
    this.#removals.push(informer.onEvent(handler));
    return informer;
  }

  #listenTo(watch: Watch | NameWatch): Informer {
    const informer = this.#context.informers.for(watch.kind);
    const handler = (event: InformerEvent<KubeObject>): void => {
      const keys =
        "mapName" in watch
          ? watch.mapName(event.ref)
          : watch.map(event.object, event.type === "updated" ? event.old : undefined, this.#context);
      if ("priority" in watch) {
        void this.#addInTurns(keys);
        return;
      }
      const priority = priorityOf(event);
      for (const key of keys) this.#queue.add(key, { priority });
    };
    this.#removals.push(informer.onEvent(handler));
    return informer;
  }

  /** Lets others in between. */
  async #addInTurns(keys: Iterable<ReconcileKey>): Promise<void> {
    const { log, signal } = this.#context;
    try {
      for (const key of keys) {
        this.#queue.add(key, { priority: "low" });
        await this.#sharing.pacer.pause();
        if (signal.aborted) return;
      }
    } catch (error) {
      log.error("what a change concerns cannot be told", { error: errorText(error) });
    }
  }

  async #runSource(): Promise<void> {
    const { clock, random, log, signal } = this.#context;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        const enqueue = this.#queue.add.bind(this.#queue);
        await this.#controller.source?.({ ...this.#context, enqueue });
        return;
      } catch (error) {
        if (isAborted(signal)) return;
        log.error("the source of keys failed, starting it again", { error: errorText(error), failures });
        await clock.sleep(backoffDelay(sourceBackoff, failures, random), signal).catch(() => undefined);
      }
    }
  }

  async #worker(): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      if (!(await this.#hasTurn())) return;
      const startedAt = this.#context.clock.monotonic();
      await this.#reconcile(key);
      this.#queue.done(key);
      const worked = this.#context.clock.monotonic() - startedAt;
      this.#counts.workMillisecondsTotal += worked;
      this.#counts.workMillisecondsMax = Math.max(this.#counts.workMillisecondsMax, worked);
      if (this.#controller.standing === "leads") this.#sharing.precedence.progress();
      await this.#sharing.pacer.pause();
    }
  }

  /** Waits while others go first. False when the end comes before the turn does. */
  async #hasTurn(): Promise<boolean> {
    if (this.#controller.standing !== "follows") return true;
    const { signal } = this.#context;
    try {
      await this.#sharing.precedence.turn(signal);
      return true;
    } catch (error) {
      if (isAborted(signal)) return false;
      throw error;
    }
  }

  async #reconcile(key: ReconcileKey): Promise<void> {
    try {
      const result = await this.#controller.reconcile(key, this.#context);
      this.#queue.forget(key);
      if (result.kind === "done") {
        this.#counts.done++;
      } else {
        this.#counts.requeued++;
        // A wait of nothing still lets other keys go first.
        this.#queue.add(key, { afterMilliseconds: result.afterMilliseconds });
      }
    } catch (error) {
      if (!this.#context.signal.aborted) this.#failed(key, error);
    }
  }

  /** The one place where a failure is logged and counted. */
  #failed(key: ReconcileKey, error: unknown): void {
    const { log } = this.#context;
    const fields = { kind: key.kind.kind, object: refKey(key), error: errorText(error) };
    if (error instanceof TerminalError) {
      this.#counts.terminal++;
      this.#queue.forget(key);
      log.error("reconcile failed for good", fields);
      return;
    }
    this.#counts.failed++;
    const failures = this.#queue.retry(key);
    const quiet = isApiError(error, "Conflict") && failures < quietConflicts;
    if (quiet) log.debug("reconcile met another writer, trying again", { ...fields, failures });
    else log.warn("reconcile failed, trying again", { ...fields, failures });
  }
}

function keyOf(key: ReconcileKey): string {
  return `${key.kind.group}/${key.kind.plural}|${key.namespace ?? ""}/${key.name}`;
}

function priorityOf(event: InformerEvent<KubeObject>): Priority {
  return event.type === "added" && event.initial ? "low" : "normal";
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
