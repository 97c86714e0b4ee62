// The way into members: for each Cluster of the control plane a client and informers of what Karmada manages there, built
// from the Cluster and its Secret, rebuilt when they change, closed when the Cluster goes.
// Upstream: karmada pkg/util/membercluster_client.go, pkg/util/fedinformer/genericmanager/multi-cluster-manager.go.
import { karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { Secret } from "#api/kinds.ts";
import { type Client, type Transport } from "#client/client.ts";
import { createDiscovery, type Discovery } from "#client/discovery.ts";
import type { Informer, InformerEvent, InformerFactory } from "#client/informer.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { errorText } from "#machinery/api-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { fencedClient } from "#runtime/leader-election.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { accessOf, type MemberAccess } from "./member-access.ts";
import { guardTransport, type MemberPace } from "./member-transport.ts";

export interface MemberCluster {
  readonly name: string;
  readonly client: Client;
  /** What the member serves, kept between askings. */
  readonly discovery: Discovery;
  readonly pace: MemberPace;
  /** Objects with the label karmada.io/managed=true only. */
  readonly informers: InformerFactory;
  /** Everything: for nodes and pods. */
  readonly allInformers: InformerFactory;
  /** Aborts when the connection is rebuilt or the Cluster has gone. */
  readonly signal: AbortSignal;
  /** The informer of a kind, started if need be, whose events from now on reach `onObject` listeners. */
  observe<T extends KubeObject>(kind: Kind<T>): Informer<T>;
  /** Stops it: the member does not serve the kind (any more). */
  unobserve(kind: Kind): void;
}

export interface MemberObjectEvent {
  readonly cluster: string;
  readonly kind: Kind;
  readonly event: InformerEvent<KubeObject>;
}

export interface MemberClusters {
  /** Undefined: no such Cluster, not ours to reach, or its Secret is not there yet. Says nothing of readiness. */
  get(cluster: string): MemberCluster | undefined;
  /** Whether a Cluster is ours to reach: in Push mode, or an agent's own. */
  reaches(cluster: Cluster): boolean;
  /** Changes of observed objects in all members, those to come too. Returns the removal. */
  onObject(listener: (event: MemberObjectEvent) => void): () => void;
  /** A member has been connected, rebuilt or closed. Returns the removal. */
  onConnection(listener: (cluster: string) => void): () => void;
}

export interface MemberClustersOptions {
  /** Of the control plane. */
  readonly informers: InformerFactory;
  /** Opens a connection. It is used until it is closed; nothing is sent before. */
  readonly connect: (access: MemberAccess) => Transport;
  readonly reaches: (cluster: Cluster) => boolean;
  /** Asked before each write into a member. Absent: always. */
  readonly mayWrite?: (() => boolean) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Closes all. */
  readonly signal: AbortSignal;
}

const userAgent = "karmada-controller-manager";
const managedSelector = `${karmadaLabels.managed}=${karmadaValues.managed}`;

/** Connections to all members, kept current by the control plane's informers of Cluster and Secret. */
export function createMemberClusters(options: MemberClustersOptions): MemberClusters {
  const members = new Members(options);
  const clusters = options.informers.for(Cluster);
  const secrets = options.informers.for(Secret);
  const removals = [
    clusters.onEvent(({ object }) => {
      members.sync(object.metadata.name);
    }),
    secrets.onEvent(({ object }) => {
      for (const cluster of clusters.list()) {
        const { name = "", namespace = "" } = cluster.spec.secretRef ?? {};
        if (name === object.metadata.name && namespace === object.metadata.namespace)
          members.sync(cluster.metadata.name);
      }
    }),
  ];
  options.signal.addEventListener("abort", () => {
    for (const remove of removals) remove();
    members.close();
  });
  return members;
}

type Listener<T> = (value: T) => void;

class Members implements MemberClusters {
  readonly #options: MemberClustersOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #objectListeners = new Set<Listener<MemberObjectEvent>>();
  readonly #connectionListeners = new Set<Listener<string>>();

  constructor(options: MemberClustersOptions) {
    this.#options = options;
  }

  get(cluster: string): MemberCluster | undefined {
    return this.#connections.get(cluster)?.member;
  }

  reaches(cluster: Cluster): boolean {
    return this.#options.reaches(cluster);
  }

  onObject(listener: Listener<MemberObjectEvent>): () => void {
    this.#objectListeners.add(listener);
    return () => this.#objectListeners.delete(listener);
  }

  onConnection(listener: Listener<string>): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  /** Brings the connection in line with the Cluster and its Secret. An unchanged one is kept. */
  sync(name: string): void {
    const { informers, reaches, signal, log } = this.#options;
    const cluster = informers.for(Cluster).get({ name });
    const wanted = cluster !== undefined && reaches(cluster) && !signal.aborted ? cluster : undefined;
    const access = wanted === undefined ? undefined : accessOf(wanted, secretOf(wanted, informers));
    const current = this.#connections.get(name);
    if (access !== undefined && current?.access.fingerprint === access.fingerprint) return;
    if (access === undefined && current === undefined) return;
    current?.close();
    this.#connections.delete(name);
    if (access !== undefined) {
      log.info("connecting to a member", { cluster: name, endpoint: access.endpoint });
      this.#connections.set(name, new Connection(access, this.#options, this.#tell.bind(this)));
    }
    for (const listener of this.#connectionListeners) listener(name);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #tell(event: MemberObjectEvent): void {
    for (const listener of this.#objectListeners) listener(event);
  }
}

function secretOf(cluster: Cluster, informers: InformerFactory): Secret | undefined {
  const { name = "", namespace = "" } = cluster.spec.secretRef ?? {};
  return name === "" ? undefined : informers.for(Secret).get({ namespace, name });
}

class Connection {
  readonly access: MemberAccess;
  readonly member: MemberCluster;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  readonly #transport: Transport;
  readonly #observed = new Map<string, () => void>();

  constructor(access: MemberAccess, options: MemberClustersOptions, tell: Listener<MemberObjectEvent>) {
    const { clock, random } = options;
    this.access = access;
    this.#log = options.log.child({ cluster: access.cluster });
    this.#transport = options.connect(access);
    const { transport, pace } = guardTransport(this.#transport, { clock, random });
    // Without a clock of its own the client does not wait out Retry-After: that would hold a worker. The pace does.
    const bare = createClient(transport, { userAgent });
    // A leader that was paused too long is none any more: not to the members either.
    const client = options.mayWrite === undefined ? bare : fencedClient(bare, options.mayWrite);
    const signal = this.#stop.signal;
    const factory = { client, clock, random, log: this.#log, signal };
    const informers = createInformerFactory({ ...factory, defaultLabelSelector: managedSelector });
    this.member = {
      name: access.cluster,
      client,
      discovery: createDiscovery(client),
      pace,
      informers,
      allInformers: createInformerFactory(factory),
      signal,
      observe: (kind) => this.#observe(informers.for(kind), tell),
      unobserve: (kind) => {
        this.#observed.get(keyOf(kind))?.();
        this.#observed.delete(keyOf(kind));
        informers.stop(kind);
      },
    };
  }

  close(): void {
    this.#stop.abort(new Error(`the connection to cluster ${this.access.cluster} has been closed`));
    this.#transport.close().catch((error: unknown) => {
      this.#log.warn("a member's connection did not close cleanly", { error: errorText(error) });
    });
  }

  #observe<T extends KubeObject>(informer: Informer<T>, tell: Listener<MemberObjectEvent>): Informer<T> {
    const { kind } = informer;
    const key = keyOf(kind);
    if (!this.#observed.has(key)) {
      this.#observed.set(
        key,
        informer.onEvent((event) => {
          tell({ cluster: this.access.cluster, kind, event });
        }),
      );
    }
    return informer;
  }
}

function keyOf(kind: Kind): string {
  return `${kind.group}/${kind.version}/${kind.plural}`;
}
