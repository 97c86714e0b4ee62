// A control plane with members for tests: real API servers over memory, in this process, without a socket.
import { generateKeyPairSync } from "node:crypto";
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { crdOf } from "#api/crd.ts";
import { karmadaKinds } from "#api/karmada.ts";
import { CustomResourceDefinition, Deployment, Namespace, Secret } from "#api/kinds.ts";
import type { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding, type TargetCluster } from "#api/work/binding.ts";
import { type RunningApiServer, startApiServer } from "#apiserver/start-api-server.ts";
import { testAdmin, testVersion } from "#apiserver/testing.ts";
import type { Client, Draft, Transport } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { startInterpreter } from "#interpreter/start-interpreter.ts";
import { cloneJson } from "#machinery/equality.ts";
import type { RequestHandler } from "#machinery/http.ts";
import { apiVersionOf, type Kind, type KubeObject, type ObjectRef } from "#machinery/object.ts";
import type { Controller } from "#runtime/controller.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { untilAborted } from "#std/abort.ts";
import { type Logger, silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { karmadaControllers, type KarmadaControllersOptions } from "./all.ts";

/** On a busy machine the first look at a member can come to nothing: the next one is soon, and a good one counts at once. */
export const eagerClusterStatus = { periodMilliseconds: 500, successMilliseconds: 0 } as const;

/** How long a test waits for what must happen. */
const eventuallyMilliseconds = 60_000;

export interface Planes {
  /** Of the control plane, as an administrator. */
  readonly client: Client;
  readonly handle: RequestHandler;
  readonly manager: Manager;
  /** What the controllers have seen so far. */
  readonly informers: InformerFactory;
  /** A member's client, as an administrator. */
  member(name: string): Client;
  /** The way that the control plane has into a member. */
  memberTransport(name: string): Transport;
  /** Cuts a member off, or connects it again. */
  setReachable(name: string, reachable: boolean): void;
  /** Makes a member answer nothing, however long one waits, or answer again. */
  setHanging(name: string, hanging: boolean): void;
  /** Lets the next so many writes to a member be done, but drops the answers. */
  dropAnswers(name: string, count: number): void;
  close(): Promise<void>;
}

export interface PlanesOptions {
  readonly members: readonly string[];
  /** Run beside the propagation controllers: the scheduler, the garbage collector. */
  readonly others?: readonly Controller[];
  readonly controllers?: Partial<KarmadaControllersOptions>;
  readonly log?: Logger;
}

const clock = systemClock;
const random = systemRandom();
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** Resolves when all members have joined; their readiness follows. */
export async function startPlanes(options: PlanesOptions): Promise<Planes> {
  const end = new AbortController();
  const hub = await startServer(end.signal, true);
  const links = new Map<string, Link>();
  for (const name of options.members) links.set(name, new Link(await startServer(end.signal, false)));
  await installKinds(hub.client);
  const client = createClient(inProcessTransport(hub.handle, testAdmin));
  const log = options.log ?? silentLogger;
  const informers = createInformerFactory({ client, clock, random, log, signal: end.signal });
  const interpreter = startInterpreter({ client, informers, clock, random, log, signal: end.signal });
  const connect = ({ cluster }: { readonly cluster: string }): Transport => linkOf(links, cluster).transport();
  const propagation = karmadaControllers({
    ...{ client, informers, interpreter, clock, random, log, signal: end.signal, connect },
    ...options.controllers,
  });
  const controllers = [...propagation, ...(options.others ?? [])];
  const manager = startManager({ client, informers, controllers, clock, random, log, signal: end.signal });
  for (const name of options.members) await join(client, name);
  return {
    client,
    handle: hub.handle,
    manager,
    informers,
    member: (name) => linkOf(links, name).client,
    memberTransport: (name) => linkOf(links, name).transport(),
    setReachable(name, reachable) {
      linkOf(links, name).reachable = reachable;
    },
    setHanging(name, hanging) {
      linkOf(links, name).hanging = hanging;
    },
    dropAnswers(name, count) {
      linkOf(links, name).dropped = count;
    },
    async close() {
      end.abort(new Error("the test is over"));
      await manager.stopped;
      const servers = [hub, ...[...links.values()].map(({ server }) => server)];
      await Promise.all(servers.map((server) => server.client.close()));
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** The way to a member, which can be cut. */
class Link {
  readonly server: RunningApiServer;
  readonly client: Client;
  reachable = true;
  hanging = false;
  dropped = 0;

  constructor(server: RunningApiServer) {
    this.server = server;
    this.client = createClient(inProcessTransport(server.handle, testAdmin));
  }

  transport(): Transport {
    const inner = inProcessTransport(this.server.handle, { ...testAdmin, name: "karmada" });
    return {
      close: () => inner.close(),
      send: async (request) => {
        if (!this.reachable) throw new Error("connection refused");
        if (this.hanging) await untilAborted(request.signal);
        const answer = await inner.send(request);
        if (request.method === "GET" || this.dropped === 0) return answer;
        this.dropped--;
        throw new Error("connection reset");
      },
    };
  }
}

function linkOf(links: ReadonlyMap<string, Link>, name: string): Link {
  const link = links.get(name);
  if (link === undefined) throw new Error(`there is no member ${name}`);
  return link;
}

function startServer(signal: AbortSignal, isHub: boolean): Promise<RunningApiServer> {
  return startApiServer({
    storage: memoryStorage({ clock }),
    admission: isHub ? karmadaAdmission({ random, clock }) : [],
    clock,
    random,
    log: silentLogger,
    version: testVersion,
    signingKeys: [signingKey],
    address: { host: "10.0.0.1", port: 6443 },
    signal,
  });
}

function installKinds(client: Client): Promise<void> {
  return installDefinitions(
    client,
    karmadaKinds.map((kind) => cloneJson(crdOf(kind))),
  );
}

/** Creates definitions and waits until their kinds are served. */
export async function installDefinitions(
  client: Client,
  definitions: readonly Draft<CustomResourceDefinition>[],
): Promise<void> {
  for (const definition of definitions) await client.create(CustomResourceDefinition, definition);
  await eventually("the kinds are served", async () => {
    const { items } = await client.list(CustomResourceDefinition);
    return items.every(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === "Established" && value === "True"),
    );
  });
}

async function join(client: Client, name: string): Promise<void> {
  const namespace = "karmada-cluster";
  if ((await client.find(Namespace, { name: namespace })) === undefined) {
    await client.create(Namespace, { metadata: { name: namespace } });
  }
  const token = Buffer.from("token").toString("base64");
  await client.create(Secret, { metadata: { name, namespace }, data: { token } });
  await client.create(Cluster, {
    metadata: { name },
    spec: { syncMode: "Push", apiEndpoint: `https://${name}`, secretRef: { namespace, name } },
  });
}

/** Waits until `check` holds. It may throw ApiErrors meanwhile; the last one is told when time is over. */
export async function eventually(what: string, check: () => Promise<boolean | undefined>): Promise<void> {
  const deadline = clock.monotonic() + eventuallyMilliseconds;
  let last: unknown;
  for (;;) {
    try {
      if ((await check()) === true) return;
    } catch (error) {
      last = error;
    }
    if (clock.monotonic() > deadline) throw new Error(`not in time: ${what}`, { cause: last });
    await clock.sleep(5);
  }
}

/** Waits until an object is there and `check` holds for it. */
export async function eventuallyObject<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  ref: ObjectRef,
  check: (object: T) => boolean | undefined = () => true,
): Promise<T> {
  let found: T | undefined;
  const describe = (): string => JSON.stringify(found?.["status"] ?? found ?? null).slice(0, 600);
  try {
    await eventually("", async () => {
      found = await client.find(kind, ref);
      return found !== undefined && check(found);
    });
  } catch (cause) {
    throw new Error(`not in time: ${kind.kind} ${ref.namespace ?? ""}/${ref.name} ${describe()}`, { cause });
  }
  if (found === undefined) throw new Error("unreachable");
  return found;
}

/** Waits until an object is gone. */
export function eventuallyGone(client: Client, kind: Kind, ref: ObjectRef): Promise<void> {
  return eventually(`${kind.kind} ${ref.namespace ?? ""}/${ref.name} is gone`, async () => {
    return (await client.find(kind, ref)) === undefined;
  });
}

/** Resolves when all members are ready and free of taints. */
export async function eventuallyReady(client: Client, members: readonly string[]): Promise<void> {
  for (const name of members) {
    await eventuallyObject(client, Cluster, { name }, ({ spec, status }) => {
      const ready = status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
      return ready === true && (spec.taints ?? []).length === 0;
    });
  }
}

/** Waits for a binding in `default` and does what the scheduler would: gives it these clusters. */
export async function scheduleTo(client: Client, name: string, clusters: readonly TargetCluster[]): Promise<void> {
  const ref = { namespace: "default", name };
  await eventuallyObject(client, ResourceBinding, ref);
  await client.patch(ResourceBinding, ref, { type: "merge", patch: { spec: { clusters } } });
}

/** What a member's Deployment controller would write: it has seen `default/<name>`, and so many replicas are there. */
export async function reportInMember(member: Client, name: string, replicas: number): Promise<void> {
  const ref = { namespace: "default", name };
  const { metadata } = await eventuallyObject(member, Deployment, ref);
  const counters = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  const status = { observedGeneration: metadata.generation, ...counters };
  await member.patch(Deployment, ref, { type: "merge", patch: { status } }, { subresource: "status" });
}

/** Waits a little, so that what must not happen has had the time to. */
export function aWhile(milliseconds = 250): Promise<void> {
  return clock.sleep(milliseconds);
}

/** A Deployment in `default` as a user writes it. */
export function deploymentDraft(name: string, replicas = 2, image = "nginx:1.27"): Draft<Deployment> {
  return {
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "nginx", image }] } },
    },
  };
}

/** A policy `<name>-pp` for one object in `default`. */
export function policyDraft(
  kind: { readonly group: string; readonly version: string; readonly kind: string },
  name: string,
  spec: Partial<PropagationPolicy["spec"]> = {},
): Draft<PropagationPolicy> {
  return {
    metadata: { name: `${name}-pp`, namespace: "default" },
    spec: { resourceSelectors: [{ apiVersion: apiVersionOf(kind), kind: kind.kind, name }], placement: {}, ...spec },
  };
}
