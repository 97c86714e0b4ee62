// `karmada up`: a control plane and local member clusters in one process, the members in a thread of their own.
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
import type { DeschedulerOptions } from "#scheduler/descheduler/controller.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { Precedence } from "#runtime/precedence.ts";
import { abortable, deadlineSignal } from "#std/abort.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { DatabaseThread } from "#storage/sqlite/database-thread.ts";
import { startControllerManager, startDescheduler, startScheduler } from "./components.ts";
import { controlPlaneContext, type EmbeddedCluster, ownClient, startEmbeddedCluster } from "./embedded-cluster.ts";
import type { EvictionOptions } from "./eviction-flags.ts";
import { localEstimators } from "./local-estimators.ts";
import { connectStraight } from "./member-connection.ts";
import type { LocalMember } from "./members/local-member.ts";
import { MembersThread } from "./members/members-thread.ts";
import { publishProcessMetrics } from "./process-metrics.ts";
import { packageVersion, serverVersion } from "./version.ts";

export interface UpOptions {
  readonly dataDir: string;
  readonly members: number;
  readonly fresh: boolean;
  /** Which of Karmada's components run here: `controller-manager`, `scheduler`, `descheduler`. */
  readonly components: readonly string[];
  readonly gates: Partial<FeatureGates & { SchedulingOvercommitProtection: boolean }>;
  readonly eviction: EvictionOptions;
  readonly podStartMilliseconds: number;
  readonly descheduling: Pick<DeschedulerOptions, "intervalMilliseconds" | "thresholdMilliseconds">;
  /** Whether the scheduler asks the members how much fits, beside what their Clusters say. */
  readonly asksEstimators: boolean;
  /** How Karmada reaches the members: straight in this process, or over TLS as any other cluster. */
  readonly memberTransport: MemberTransport;
  /** Local members run in the control plane's thread, not in one of their own. */
  readonly singleThread: boolean;
  /** Theirs, if it has been begun already. */
  readonly thread?: MembersThread;
  readonly logLevel: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Up {
  readonly directory: DataDirectory;
  readonly kubeconfig: string;
  readonly controlPlane: EmbeddedCluster;
  readonly members: readonly LocalMember[];
  /** An administrator's client of the control plane. */
  readonly client: Client;
  /** Resolves if a part ends that should not: to what is to be said of it. */
  readonly failed: Promise<Error>;
  /** After the signal: waits until everything has ended. */
  closed(): Promise<void>;
}

export type MemberTransport = "in-process" | "https";

/** In one process they answer at once, and all members are reached. */
const localAsking = { timeoutMilliseconds: 3_000, skipsPull: false } as const;

const memberReadyMilliseconds = 30_000;

/** Starts everything; resolves when all of it is ready. Throws DataDirectoryError and whatever a part cannot do. */
export async function startUp(options: UpOptions): Promise<Up> {
  const thread = threadFor(options);
  let directory: DataDirectory;
  try {
    directory = await openDataDirectory({ path: options.dataDir, fresh: options.fresh });
  } catch (error) {
    await thread?.stop();
    throw error;
  }
  const parts: Pick<EmbeddedCluster, "close">[] = [];
  const closed = async (): Promise<void> => {
    await Promise.all([...parts.map((part) => part.close()), thread?.stop()]);
    await directory.release();
  };
  try {
    return { ...(await startParts(options, directory, thread, parts)), closed };
  } catch (error) {
    // The caller aborts the signal; what has started ends by it.
    void closed().catch(() => undefined);
    throw error;
  }
}

/** The members' thread, if there is to be one. */
function threadFor({ singleThread, members, thread }: UpOptions): MembersThread | undefined {
  if (!singleThread && members > 0) return thread ?? new MembersThread();
  void thread?.stop();
  return undefined;
}

/** `parts` gets what has been started, even if something else could not be. */
async function startParts(
  options: UpOptions,
  directory: DataDirectory,
  thread: MembersThread | undefined,
  parts: Pick<EmbeddedCluster, "close">[],
): Promise<Omit<Up, "closed">> {
  const { clock } = options;
  const precedence = new Precedence(clock);
  thread?.follow(precedence);
  const names = memberNames(options.members);
  const ports = await stablePorts(directory.file("ports.json"), [controlPlaneContext, ...names]);
  const shared = { ...options, directory, databaseThread: new DatabaseThread(), precedence };
  const wanted = names.map((name) => ({ name, port: ports.get(name) ?? 0 }));
  const [controlPlane, members] = await bothStarted(
    startControlPlane(shared, ports.get(controlPlaneContext) ?? 0, parts),
    thread === undefined ? startHere(wanted, shared) : startInThread(wanted, shared, thread),
    parts,
  );
  publishProcessMetrics(controlPlane.metrics, clock);
  const client = await startKarmada(controlPlane, members, shared);
  const kubeconfig = directory.file("kubeconfig");
  await writeKubeconfig(
    kubeconfig,
    [controlPlane, ...members].map((cluster) => cluster.kubeconfig),
  );
  await writeRunning(directory, {
    pid: process.pid,
    startedAt: clock.now(),
    version: packageVersion(),
    servers: Object.fromEntries([controlPlane, ...members].map(({ name, server }) => [name, server])),
    members: names,
  });
  const failed = thread?.failed ?? new Promise<never>(() => undefined);
  return { directory, kubeconfig, controlPlane, members, client, failed };
}

interface Shared extends UpOptions {
  readonly directory: DataDirectory;
  readonly databaseThread: DatabaseThread;
  readonly precedence: Precedence;
}

/** With Karmada's kinds, which members are not waited for with. */
async function startControlPlane(
  shared: Shared,
  port: number,
  parts: Pick<EmbeddedCluster, "close">[],
): Promise<EmbeddedCluster> {
  const { directory, databaseThread, precedence, clock, random, log, signal, eviction } = shared;
  // Upstream has a flag of its own for it, on the webhook; here all is one process, which knows what it is for.
  const allowNoExecuteTaintPolicy = eviction.taintEviction.enabled ?? false;
  const cluster = await startEmbeddedCluster({
    ...{ name: controlPlaneContext, port, directory, databaseThread, precedence, clock, random, signal },
    log: log.child({ cluster: controlPlaneContext }),
    admission: karmadaAdmission({ random, clock, allowNoExecuteTaintPolicy }),
    version: serverVersion("karmada"),
  });
  parts.push(cluster);
  await installKinds(cluster.clientFor("karmada-admin"), { clock, signal });
  return cluster;
}

interface WantedMember {
  readonly name: string;
  readonly port: number;
}

/** All that could be started, and why others could not. */
type Started = readonly PromiseSettledResult<LocalMember>[];

async function startHere(wanted: readonly WantedMember[], shared: Shared): Promise<Started> {
  // Loaded here: what stands for machines is large, and as a rule runs in a thread of its own.
  const { startLocalMember } = await import("./members/local-member.ts");
  const { directory, databaseThread, precedence, podStartMilliseconds, clock, random, log, signal } = shared;
  return await Promise.allSettled(
    wanted.map(({ name, port }) =>
      startLocalMember({
        ...{ name, port, directory, databaseThread, precedence, podStartMilliseconds, clock, random, signal },
        log: log.child({ cluster: name }),
      }),
    ),
  );
}

async function startInThread(
  members: readonly WantedMember[],
  { directory, podStartMilliseconds, logLevel, signal }: Shared,
  thread: MembersThread,
): Promise<Started> {
  const order = { members, directory: directory.path, podStartMilliseconds, logLevel };
  const started = await thread.start(order, signal);
  return started.map((value) => ({ status: "fulfilled", value }));
}

/** Both, or the first failure; `parts` gets the members that have been started. */
async function bothStarted(
  controlPlane: Promise<EmbeddedCluster>,
  members: Promise<Started>,
  parts: Pick<EmbeddedCluster, "close">[],
): Promise<readonly [EmbeddedCluster, readonly LocalMember[]]> {
  const [first, others] = await Promise.allSettled([controlPlane, members]);
  const started = others.status === "fulfilled" ? others.value : [];
  const running = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  parts.push(...running);
  for (const each of [first, others, ...started]) if (each.status === "rejected") throw each.reason;
  if (first.status === "rejected") throw first.reason;
  return [first.value, running];
}

/** Karmada's components, and the members joined and ready. */
async function startKarmada(
  controlPlane: EmbeddedCluster,
  members: readonly LocalMember[],
  options: Shared,
): Promise<Client> {
  const { clock, random, log, signal, gates, eviction, precedence } = options;
  const client = controlPlane.clientFor("karmada-admin");
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
  members: readonly LocalMember[],
  { clock, random, log, signal, precedence, ...options }: Shared,
): void {
  const shared = { informers: controlPlane.sharedInformers(), clock, random, log, signal, precedence };
  const [schedules, deschedules] = ["scheduler", "descheduler"].map((name) => options.components.includes(name));
  const wanted = deschedules === true || options.asksEstimators;
  const local = wanted ? localEstimators(members, { clock, random, log, signal }) : undefined;
  if (schedules === true) {
    const estimators =
      options.asksEstimators && local !== undefined ? { ...localAsking, estimators: local } : undefined;
    const overcommitProtection = options.gates.SchedulingOvercommitProtection ?? false;
    const client = controlPlane.clientFor("karmada-scheduler");
    startScheduler({ ...shared, client, scheduler: { estimators, overcommitProtection } });
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
  { name, server: endpoint, authority }: LocalMember,
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
function join(controlPlane: Client, member: LocalMember, { clock, signal }: UpOptions): Promise<void> {
  return joinCluster({
    ...{ controlPlane, clock, signal },
    member: ownClient(member.handle, "karmadactl"),
    name: member.name,
    endpoint: member.server,
    caBundle: member.authority,
    clusterNamespace: clusterNamespaceDefault,
  });
}

/** Waits until every member is Ready. */
async function membersReady(
  controlPlane: EmbeddedCluster,
  members: readonly LocalMember[],
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
