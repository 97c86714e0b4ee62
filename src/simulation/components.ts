// What runs in each process of a simulated control plane: the product's own controllers, on the ports of the simulation.
import type { Client, Transport } from "#client/client.ts";
import { createInformerFactory } from "#client/informers.ts";
import { karmadaControllers } from "#controllers/all.ts";
import { customizationSource } from "#interpreter/customized/customization-source.ts";
import { informedCustomizations } from "#interpreter/customized/customizations.ts";
import { thoroughScripts } from "#interpreter/customized/script-engine.ts";
import { createInterpreter } from "#interpreter/interpreter.ts";
import { garbageCollector } from "#kubecontrollers/garbage-collector/controller.ts";
import { namespaceController } from "#kubecontrollers/namespace/controller.ts";
import type { Controller } from "#runtime/controller.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { scheduler } from "#scheduler/controller.ts";
import { silentLogger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { type ComponentName, lease, needsLease } from "./parts.ts";

/** So many bindings leave a tainted cluster in a second: a seed is short. */
const evictionRatePerSecond = 2;

/** Groups of which nobody ever has an object: to list and watch them all was two thirds of all that a seed did. */
const neverUsed = [
  ...["admissionregistration.k8s.io", "apiregistration.k8s.io", "autoscaling", "batch", "certificates.k8s.io"],
  ...["discovery.k8s.io", "flowcontrol.apiserver.k8s.io", "multicluster.x-k8s.io", "networking.k8s.io", "node.k8s.io"],
  ...["operator.karmada.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io"],
  ...["search.karmada.io", "storage.k8s.io"],
].join(";");

/** What has moved may move again soon: a seed is short. */
const stabilizationSeconds = 5;

/** Twice the default: renewing is most of what goes on in a calm world. */
const retryPeriodMilliseconds = 4_000;

export interface ComponentOptions {
  readonly name: ComponentName;
  /** Of this process: another one after each start. */
  readonly identity: string;
  readonly client: Client;
  readonly connect: (member: string) => Transport;
  readonly failover: boolean;
  readonly mutant: Mutant;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Starts a process. */
export function startComponent(options: ComponentOptions): Manager {
  const { name, identity, client, mutant, clock, random, signal } = options;
  const log = silentLogger;
  const informers = createInformerFactory({ client, clock, random, log, signal });
  const started: { manager?: Manager } = {};
  const controllers = (): readonly Controller[] => {
    if (name === "scheduler") return [scheduler()];
    if (name === "kube-controller-manager") return [garbageCollector(), namespaceController()];
    // In Lua, on this thread: no other has the time of this world.
    const scripts = { engine: thoroughScripts(clock), log };
    const customizations = customizationSource(informedCustomizations(informers), scripts);
    const interpreter = createInterpreter({ clock, sources: [customizations], signal });
    return karmadaControllers({
      ...{ client, informers, clock, random, log, signal, interpreter },
      gates: { Failover: options.failover, StatefulFailoverInjection: true },
      eviction: { stabilizationSeconds, ...mutant.eviction },
      skip: { apis: neverUsed },
      taintEviction: { enabled: options.failover, ratePerSecond: evictionRatePerSecond },
      connect: ({ cluster }) => options.connect(cluster),
      mayWrite: () => started.manager?.leading ?? false,
    });
  };
  started.manager = startManager({
    ...{ client, informers, controllers: controllers(), clock, random, log, signal },
    ...(needsLease(name)
      ? { leaderElection: { ...lease, retryPeriodMilliseconds, ...mutant.leaderElection, identity } }
      : {}),
  });
  return started.manager;
}
