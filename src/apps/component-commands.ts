// `karmada controller-manager` and `karmada scheduler`: one component as a process, against any Kubernetes API server that
// has Karmada's kinds. Several may run: they elect a leader.
import { type CommandIo, defineCommand, flag } from "#cli/command.ts";
import type { Manager } from "#runtime/manager.ts";
import { schedulerNameDefault } from "#scheduler/trigger/decide.ts";
import { packageVersion } from "./version.ts";
import type * as Components from "./components.ts";
import { connectionFlags, connectTo } from "./connect.ts";
import { evictionFlags, evictionOptions } from "./eviction-flags.ts";
import { deschedulerFlags, deschedulerOptions, estimatorFlags, estimatorsOf, timeoutOf } from "./estimator-flags.ts";
import { featureGatesFlag, parseFeatureGates, parseGates, schedulerGateDefaults } from "./feature-gates-flag.ts";
import { loggerOf, logLevelFlag } from "./logger.ts";
import { pluginsFlag, selectPlugins } from "./plugins-flag.ts";

const leaderNamespace = "karmada-system";

const componentFlags = {
  kubeconfig: connectionFlags.kubeconfig,
  karmadaContext: connectionFlags.karmadaContext,
  leaderElect: flag.boolean("Work only while holding the component's Lease, so that several processes can stand by."),
  logLevel: logLevelFlag("info"),
} as const;

type Start = (components: typeof Components, options: Components.ComponentOptions) => Manager | Promise<Manager>;

export const controllerManagerCommand = defineCommand({
  name: "controller-manager",
  group: "Components",
  summary: "Run Karmada's controllers against the API server of a kubeconfig",
  flags: { ...componentFlags, featureGates: featureGatesFlag, ...evictionFlags },
  run: ({ flags, io, signal }) => {
    const gates = parseFeatureGates(flags.featureGates);
    const eviction = evictionOptions(flags);
    return runComponent("karmada-controller-manager", flags, io, signal, (components, options) =>
      components.startControllerManager({ ...options, gates, ...eviction }),
    );
  },
});

export const schedulerCommand = defineCommand({
  name: "scheduler",
  group: "Components",
  summary: "Run the scheduler against the API server of a kubeconfig",
  flags: {
    ...componentFlags,
    plugins: pluginsFlag,
    featureGates: featureGatesFlag,
    enableEmptyWorkloadPropagation: flag.boolean(
      "Send workloads to chosen clusters whose share of the replicas is none, too.",
    ),
    enableSchedulerEstimator: flag.boolean("Ask members' own estimators how much fits, over gRPC."),
    disableSchedulerEstimatorInPullMode: flag.boolean("Do not ask the estimators of members in Pull mode."),
    ...estimatorFlags,
    schedulerName: flag.string("Whose bindings to schedule: those that name this scheduler.", schedulerNameDefault, {
      placeholder: "name",
    }),
  },
  run: ({ flags, io, signal }) => {
    const { schedulerName, enableEmptyWorkloadPropagation: keepsEmpty } = flags;
    const plugins = selectPlugins(flags.plugins);
    // Schedulers of different names work side by side, so each has a Lease of its own.
    const name = schedulerName === schedulerNameDefault ? "karmada-scheduler" : `karmada-scheduler-${schedulerName}`;
    const { SchedulingOvercommitProtection: overcommitProtection = false } = parseGates(
      flags.featureGates,
      schedulerGateDefaults,
    );
    return runComponent(name, flags, io, signal, async (components, options) => {
      const estimators = flags.enableSchedulerEstimator
        ? {
            estimators: await estimatorsOf(flags, options.client, io, options.signal),
            timeoutMilliseconds: timeoutOf(flags),
            skipsPull: flags.disableSchedulerEstimatorInPullMode,
          }
        : undefined;
      return components.startScheduler({
        ...options,
        scheduler: { schedulerName, plugins, estimators, keepsEmpty, overcommitProtection },
      });
    });
  },
});

export const deschedulerCommand = defineCommand({
  name: "descheduler",
  group: "Components",
  summary: "Take back replicas that find no node, so that the scheduler places them anew",
  flags: { ...componentFlags, ...deschedulerFlags, ...estimatorFlags },
  run: ({ flags, io, signal }) =>
    runComponent("karmada-descheduler", flags, io, signal, async (components, options) => {
      const estimators = await estimatorsOf(flags, options.client, io, options.signal);
      const descheduler = { ...deschedulerOptions(flags), estimators, timeoutMilliseconds: timeoutOf(flags) };
      return components.startDescheduler({ ...options, descheduler });
    }),
});

interface ComponentFlags {
  readonly leaderElect: boolean;
  readonly logLevel: string;
  readonly kubeconfig: string;
  readonly karmadaContext: string;
}

async function runComponent(
  name: string,
  flags: ComponentFlags,
  io: CommandIo,
  signal: AbortSignal,
  start: Start,
): Promise<number> {
  const components = await import("./components.ts");
  const { installKinds } = await import("#install/kinds.ts");
  const connection = await connectTo(
    { kubeconfig: flags.kubeconfig, context: flags.karmadaContext, namespace: "", userAgent: name },
    io,
  );
  const { client, server } = connection;
  const log = loggerOf(flags.logLevel);
  const { clock, random } = io;
  await installKinds(client, { clock, signal });
  const identity = `${name}_${random.uuid()}`;
  const leaderElection = { namespace: leaderNamespace, name, identity };
  const manager = await start(components, {
    client,
    clock,
    random,
    log,
    signal,
    ...(flags.leaderElect ? { leaderElection } : {}),
  });
  void manager.synced.then(
    () => {
      io.out(`${name} v${packageVersion()} is at work against ${server}\n`);
    },
    () => undefined,
  );
  await manager.stopped;
  await client.close();
  return manager.lostLease ? 1 : 0;
}
