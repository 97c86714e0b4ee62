// The components of a control plane as functions: what `up` runs in its own process, and `karmada controller-manager` and
// `karmada scheduler` in one each. They reach the API server through the client they are given, and nothing else.
import type { Client } from "#client/client.ts";
import { createInformerFactory } from "#client/informers.ts";
import type { InformerFactory } from "#client/informer.ts";
import { karmadaControllers, type KarmadaControllersOptions } from "#controllers/all.ts";
import { startInterpreter } from "#interpreter/start-interpreter.ts";
import type { Controller } from "#runtime/controller.ts";
import type { LeaderElection } from "#runtime/leader-election.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import type { Precedence } from "#runtime/precedence.ts";
import { scheduler, type SchedulerOptions } from "#scheduler/controller.ts";
import { descheduler, type DeschedulerOptions } from "#scheduler/descheduler/controller.ts";
import { defined } from "#std/defined.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";

export interface ComponentOptions {
  readonly client: Client;
  /** Absent: of its own. */
  readonly informers?: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly leaderElection?: LeaderElection;
  readonly precedence?: Precedence;
}

/** Karmada's controllers: policies, bindings, works, clusters. */
export function startControllerManager(
  options: ComponentOptions &
    Pick<KarmadaControllersOptions, "gates" | "connect" | "clusterStatus" | "eviction" | "taintEviction">,
): Manager {
  const { client, clock, random, log, signal, gates, connect, clusterStatus, eviction, taintEviction } = options;
  const informers = informersOf(options);
  const interpreter = startInterpreter({ client, informers, clock, random, log, signal });
  const started: { manager?: Manager } = {};
  const controllers = karmadaControllers({
    ...{ client, informers, interpreter, clock, random, log, signal },
    mayWrite: () => started.manager?.leading ?? false,
    ...defined({ gates, connect, clusterStatus, eviction, taintEviction }),
  });
  started.manager = manage(options, informers, controllers);
  return started.manager;
}

/** The scheduler. */
export function startScheduler(
  options: ComponentOptions & { readonly scheduler?: Partial<SchedulerOptions> },
): Manager {
  return manage(options, informersOf(options), [scheduler(options.scheduler)]);
}

/** The descheduler. */
export function startDescheduler(options: ComponentOptions & { readonly descheduler: DeschedulerOptions }): Manager {
  return manage(options, informersOf(options), [descheduler(options.descheduler)]);
}

function informersOf({ client, informers, clock, random, log, signal }: ComponentOptions): InformerFactory {
  return informers ?? createInformerFactory({ client, clock, random, log, signal });
}

function manage(options: ComponentOptions, informers: InformerFactory, controllers: readonly Controller[]): Manager {
  const { client, clock, random, log, signal, leaderElection, precedence } = options;
  return startManager({
    ...{ client, informers, controllers, clock, random, log, signal },
    ...defined({ leaderElection, precedence }),
  });
}
