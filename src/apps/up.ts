// `karmada up`: a control plane and local member clusters in one process.
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { Secret } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/informer.ts";
import { connectByHttp } from "#controllers/all.ts";
import type { FeatureGates } from "#controllers/feature-gates.ts";
import { type DataDirectory, openDataDirectory, writeRunning } from "#install/data-directory.ts";
import { installKinds } from "#install/kinds.ts";
import { clusterNamespaceDefault, joinCluster } from "#install/join.ts";
import { writeKubeconfig } from "#install/kubeconfig.ts";
import { stablePorts } from "#install/ports.ts";
import { localClusterControllers } from "#localcluster/all.ts";
import { containerHandlers } from "#localcluster/container/handlers.ts";
import { localClusterDefaults } from "#localcluster/settings.ts";
import type { DeschedulerOptions } from "#scheduler/descheduler/controller.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { Precedence } from "#runtime/precedence.ts";
import { abortable, deadlineSignal } from "#std/abort.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { DatabaseThread } from "#storage/sqlite/database-thread.ts";
import { startControllerManager, startDescheduler, startScheduler } from "./components.ts";
import { type EmbeddedCluster, startEmbeddedCluster } from "./embedded-cluster.ts";
import type { EvictionOptions } from "./eviction-flags.ts";
import { localEstimators } from "./local-estimators.ts";
import { connectStraight } from "./member-connection.ts";
import { publishProcessMetrics } from "./process-metrics.ts";
import { packageVersion, serverVersion } from "./version.ts";

export interface UpOptions {
  readonly dataDir: string;
  readonly members: number;
  readonly fresh: boolean;
  /** Which of Karmada's components run here: `controller-manager`, `scheduler`, `descheduler`. */
  readonly components: readonly string[];
  readonly gates: Partial<FeatureGates>;
  readonly eviction: EvictionOptions;
  readonly podStartMilliseconds: number;
  readonly descheduling: Pick<DeschedulerOptions, "intervalMilliseconds" | "thresholdMilliseconds">;
  /** Whether the scheduler asks the members how much fits, beside what their Clusters say. */
  readonly asksEstimators: boolean;
  /** How Karmada reaches the members: straight in this process, or over TLS as any other cluster. */
  readonly memberTransport: MemberTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Up {
  readonly directory: DataDirectory;
  readonly kubeconfig: string;
  readonly controlPlane: EmbeddedCluster;
  readonly members: readonly EmbeddedCluster[];
  /** An administrator's client of the control plane. */
  readonly client: Client;
  /** After the signal: waits until everything has ended. */
  closed(): Promise<void>;
}

export const memberTransports = ["in-process", "https"] as const;
export type MemberTransport = (typeof memberTransports)[number];

/** In one process they answer at once, and all members are reached. */
const localAsking = { timeoutMilliseconds: 3_000, skipsPull: false, overcommitProtection: true } as const;

export const controlPlaneContext = "karmada-apiserver";
const memberReadyMilliseconds = 30_000;

/** Starts everything; resolves when all of it is ready. Throws DataDirectoryError and whatever a part cannot do. */
export async function startUp(options: UpOptions): Promise<Up> {
  const { clock, random, log, signal } = options;
  // Upstream has a flag of its own for it, on the webhook; here all is one process, which knows what it is for.
  const allowNoExecuteTaintPolicy = options.eviction.taintEviction.enabled ?? false;
  const directory = await openDataDirectory({ path: options.dataDir, fresh: options.fresh });
  const precedence = new Precedence(clock);
  const databaseThread = new DatabaseThread();
  const clusters: EmbeddedCluster[] = [];
  const closed = async (): Promise<void> => {
    await Promise.all(clusters.map((cluster) => cluster.close()));
    await directory.release();
  };
  try {
    const names = [controlPlaneContext, ...memberNames(options.members)];
    const ports = await stablePorts(directory.file("ports.json"), names);
    const started = await Promise.allSettled(
      names.map((name, index) =>
        startEmbeddedCluster({
          ...{ name, directory, databaseThread, clock, random, log: log.child({ cluster: name }), signal, precedence },
          port: ports.get(name) ?? 0,
          admission: index === 0 ? karmadaAdmission({ random, clock, allowNoExecuteTaintPolicy }) : [],
          version: serverVersion(index === 0 ? "karmada" : "simulated"),
          ...(index === 0 ? {} : { containers: containerHandlers(clock) }),
        }),
      ),
    );
    for (const each of started) if (each.status === "fulfilled") clusters.push(each.value);
    for (const each of started) if (each.status === "rejected") throw each.reason;
    const [controlPlane, ...members] = clusters;
    if (controlPlane === undefined) throw new Error("no control plane was started");
    publishProcessMetrics(controlPlane.metrics, clock);
    const client = await startKarmada(controlPlane, members, { ...options, precedence });
    await writeKubeconfig(
      directory.file("kubeconfig"),
      clusters.map(({ kubeconfig }) => kubeconfig),
    );
    await writeRunning(directory, {
      pid: process.pid,
      startedAt: clock.now(),
      version: packageVersion(),
      servers: Object.fromEntries(clusters.map(({ name, server }) => [name, server])),
      members: members.map(({ name }) => name),
    });
    return { directory, kubeconfig: directory.file("kubeconfig"), controlPlane, members, client, closed };
  } catch (error) {
    // The caller aborts the signal; what has started ends by it.
    void closed().catch(() => undefined);
    throw error;
  }
}

/** Karmada's kinds and components, the members' workload controllers, and the members joined and ready. */
async function startKarmada(
  controlPlane: EmbeddedCluster,
  members: readonly EmbeddedCluster[],
  options: UpOptions & { readonly precedence: Precedence },
): Promise<Client> {
  const { clock, random, log, signal, gates, eviction, precedence } = options;
  const client = controlPlane.clientFor("karmada-admin");
  await installKinds(client, { clock, signal, converts: true });
  for (const member of members) {
    const settings = {
      ...localClusterDefaults,
      nodePrefix: member.name,
      podStartMilliseconds: options.podStartMilliseconds,
      version: serverVersion("simulated").gitVersion,
    };
    const memberClient = member.clientFor("kube-controller-manager");
    member.run(memberClient, member.sharedInformers(), localClusterControllers(settings));
  }
  const joined = await Promise.all(members.map((member) => refreshCredentials(client, controlPlane, member, options)));
  if (options.components.includes("controller-manager")) {
    const own = controlPlane.clientFor("karmada-controller-manager");
    startControllerManager({
      ...{ client: own, informers: controlPlane.sharedInformers(), gates, ...eviction },
      ...{ clock, random, log, signal, precedence },
      connect: options.memberTransport === "https" ? connectByHttp : connectStraight(members),
    });
  }
  startSchedulers(controlPlane, members, options);
  await Promise.all(
    members.filter((_, index) => joined[index] !== true).map((member) => join(client, member, options)),
  );
  if (options.components.includes("controller-manager")) await membersReady(controlPlane, members, options);
  return client;
}

/** The scheduler and the descheduler, as far as they are wanted. */
function startSchedulers(
  controlPlane: EmbeddedCluster,
  members: readonly EmbeddedCluster[],
  { clock, random, log, signal, precedence, ...options }: UpOptions & { readonly precedence: Precedence },
): void {
  const shared = { informers: controlPlane.sharedInformers(), clock, random, log, signal, precedence };
  const [schedules, deschedules] = ["scheduler", "descheduler"].map((name) => options.components.includes(name));
  const wanted = deschedules === true || options.asksEstimators;
  const local = wanted ? localEstimators(members, clock, signal) : undefined;
  if (schedules === true) {
    const estimators =
      options.asksEstimators && local !== undefined ? { ...localAsking, estimators: local } : undefined;
    startScheduler({ ...shared, client: controlPlane.clientFor("karmada-scheduler"), scheduler: { estimators } });
  }
  if (deschedules === true && local !== undefined) {
    const descheduler = { ...localAsking, ...options.descheduling, estimators: local };
    startDescheduler({ ...shared, client: controlPlane.clientFor("karmada-descheduler"), descheduler });
  }
}

/**
 * Whether the member has joined before; then the control plane is told of its certificates and address as they are now.
 * This comes before its controllers start: a member that they could not reach once must be healthy for a while to count
 * as ready again.
 */
async function refreshCredentials(
  client: Client,
  controlPlane: EmbeddedCluster,
  { name, server: endpoint, authority }: EmbeddedCluster,
  { signal }: UpOptions,
): Promise<boolean> {
  const known = await client.find(Cluster, { name }, { signal });
  if (known === undefined) return false;
  const caBundle = Buffer.from(authority).toString("base64");
  const ref = { namespace: clusterNamespaceDefault, name };
  const secret = await client.find(Secret, ref, { signal });
  if (secret !== undefined && secret.data?.["caBundle"] !== caBundle) {
    await client.patch(Secret, ref, { type: "merge", patch: { data: { caBundle } } }, { signal });
    // The controllers read it from the local copy that is there already.
    const copy = controlPlane.sharedInformers().for(Secret);
    await untilSeen(copy, () => copy.get(ref)?.data?.["caBundle"] === caBundle, signal);
  }
  if (known.spec.apiEndpoint !== endpoint) {
    await client.patch(Cluster, { name }, { type: "merge", patch: { spec: { apiEndpoint: endpoint } } }, { signal });
  }
  return true;
}

/** Waits until the local copy is as `check` wants it. */
async function untilSeen(
  informer: Pick<Informer, "onEvent">,
  check: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const remove = informer.onEvent(() => {
    if (check()) resolve(undefined);
  });
  try {
    if (!check()) await abortable(promise, signal);
  } finally {
    remove();
  }
}

/** Joins a member as any cluster with a kubeconfig is joined. */
function join(controlPlane: Client, member: EmbeddedCluster, { clock, signal }: UpOptions): Promise<void> {
  return joinCluster({
    ...{ controlPlane, clock, signal },
    member: member.clientFor("karmadactl"),
    name: member.name,
    endpoint: member.server,
    caBundle: member.authority,
    clusterNamespace: clusterNamespaceDefault,
  });
}

/** Waits until every member is Ready. */
async function membersReady(
  controlPlane: EmbeddedCluster,
  members: readonly EmbeddedCluster[],
  options: UpOptions,
): Promise<void> {
  const clusters = controlPlane.sharedInformers().for(Cluster);
  const waiting = (): string[] =>
    members
      .map(({ name }) => name)
      .filter((name) => !isConditionTrue(clusters.get({ name })?.status?.conditions, "Ready"));
  using limit = deadlineSignal(options.clock, memberReadyMilliseconds, options.signal);
  try {
    await untilSeen(clusters, () => waiting().length === 0, limit);
  } catch (error) {
    if (options.signal.aborted) throw error;
    throw new Error(`member clusters did not become ready in time: ${waiting().join(", ")}`, { cause: error });
  }
}

function memberNames(count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `member${index + 1}`);
}
