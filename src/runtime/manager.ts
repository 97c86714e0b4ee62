// Runs controllers: hands them what they need, starts each when all it reads has been listed, and ends them together.
// Upstream: controller-runtime pkg/manager/internal.go.
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import { errorText } from "#machinery/api-error.ts";
import type { Logger } from "#std/logger.ts";
import { createPacer } from "#std/pacer.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { ControllerRun, type Sharing } from "./controller-run.ts";
import type { Controller } from "./controller.ts";
import { createEventRecorder, EventBudget } from "./create-event-recorder.ts";
import { campaign, fencedClient, type LeaderElection, type Leadership } from "./leader-election.ts";
import type { ControllerFigures } from "./metrics.ts";
import { Precedence } from "./precedence.ts";

export interface ManagerOptions {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly controllers: readonly Controller[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Work only while holding a Lease. Caches are kept warm meanwhile, and writes are fenced by the Lease. */
  readonly leaderElection?: LeaderElection;
  /** Shared with other managers on the same processors. Absent: of its own. */
  readonly precedence?: Precedence;
}

export interface Manager {
  /** Resolves when everything that the controllers read has been listed; rejects when they are ended before. */
  readonly synced: Promise<void>;
  /**
   * Resolves when all controllers have ended: because the signal aborted, or because the Lease was lost (`lostLease`).
   * As upstream, a process that lost it does not campaign again: it ends, and another is started.
   */
  readonly stopped: Promise<void>;
  readonly lostLease: boolean;
  /** Whether the controllers are at work: always without leader election. */
  readonly leading: boolean;
  /** By controller: keys that wait to be worked on. */
  queueDepths(): Readonly<Record<string, number>>;
  figures(): readonly ControllerFigures[];
}

/** Starts controllers. They run until the signal aborts. */
export function startManager(options: ManagerOptions): Manager {
  return new RunningManager(options);
}

/** What the controllers of a manager share: their thread, and the server that they write events to. */
interface Shared extends Sharing {
  readonly budget: EventBudget;
}

class RunningManager implements Manager {
  readonly synced: Promise<void>;
  readonly stopped: Promise<void>;
  readonly #options: ManagerOptions;
  readonly #runs: readonly ControllerRun[];
  readonly #end = new AbortController();
  #leadership: Leadership | undefined;
  #lostLease = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#follow(options.signal);
    const client = this.#writingClient();
    const { clock, precedence = new Precedence(clock) } = options;
    const shared = { pacer: createPacer(clock), precedence, budget: new EventBudget(clock) };
    this.#runs = options.controllers.map((controller) => this.#prepare(controller, client, shared));
    this.synced = Promise.all(this.#runs.map((run) => run.synced())).then(() => undefined);
    this.synced.catch(() => undefined); // nobody may be waiting for it
    this.stopped = this.#run();
  }

  get lostLease(): boolean {
    return this.#lostLease;
  }

  get leading(): boolean {
    return this.#options.leaderElection === undefined || (this.#leadership?.holds() ?? false);
  }

  queueDepths(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.figures().map(({ name, depth }) => [name, depth]));
  }

  figures(): readonly ControllerFigures[] {
    return this.#runs.map((run) => run.figures());
  }

  #follow(parent: AbortSignal): void {
    const end = (): void => {
      this.#end.abort(parent.reason);
    };
    if (parent.aborted) end();
    else parent.addEventListener("abort", end, { once: true });
    this.#end.signal.addEventListener("abort", () => {
      parent.removeEventListener("abort", end);
    });
  }

  #writingClient(): Client {
    const { client, leaderElection } = this.#options;
    return leaderElection === undefined ? client : fencedClient(client, () => this.leading);
  }

  #prepare(controller: Controller, client: Client, { budget, ...sharing }: Shared): ControllerRun {
    const { informers, clock, random } = this.#options;
    const { signal } = this.#end;
    const log = this.#options.log.child({ controller: controller.name });
    const { precedence } = sharing;
    const component = controller.name;
    const events = createEventRecorder({ client, clock, random, component, log, budget, precedence, signal });
    const { options } = controller;
    return new ControllerRun(controller, { client, informers, events, clock, random, log, options, signal }, sharing);
  }

  async #run(): Promise<void> {
    try {
      if (!(await this.#lead())) return;
      await Promise.all(this.#runs.map((run) => this.#runOne(run)));
      await this.#leadership?.release();
    } catch (error) {
      // Nothing above fails in the ordinary course of things, so this is a bug: say so, and end.
      this.#options.log.error("the controllers ended unexpectedly", { error: errorText(error) });
      this.#end.abort(error);
    }
  }

  /** Whether it leads; false when it was ended first. */
  async #lead(): Promise<boolean> {
    const { leaderElection, client, clock, random, log } = this.#options;
    if (leaderElection === undefined) return true;
    const { signal } = this.#end;
    try {
      this.#leadership = await campaign({ ...leaderElection, client, clock, random, log }, signal);
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
    const { signal: lost } = this.#leadership;
    lost.addEventListener("abort", () => {
      this.#lostLease = true;
      this.#end.abort(lost.reason);
    });
    return true;
  }

  /** A controller does not wait for what only others read. */
  async #runOne(run: ControllerRun): Promise<void> {
    try {
      await run.synced();
    } catch (error) {
      if (this.#end.signal.aborted) return;
      throw error;
    }
    await run.work();
  }
}
