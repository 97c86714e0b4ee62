// Deployments on their way from the control plane into its members, as clients over TLS see it.
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { Work } from "#api/work/work.ts";
import { Deployment } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { ControlPlane } from "./control-plane.ts";
import { inTurns } from "./figures.ts";

const namespace = "default";
const creators = 32;
const waitMillisecondsMax = 300_000;
export const members = ["member1", "member2", "member3"] as const;

export interface Propagated {
  readonly deployments: number;
  /** From the first create to the last Work that is Applied=True and whose Deployment a watch of its member has shown. */
  readonly seconds: number;
  /** From the first create until each template tells that all its replicas in all members are ready. */
  readonly reportedSeconds: number;
  readonly createSeconds: number;
  readonly worksPerSecond: number;
  /** From the answer to the template's create to the member's ADDED event, all members together, rising. */
  readonly latencies: readonly number[];
}

/** A policy that sends all Deployments of the default namespace to all members. */
export async function createPolicy(client: Client): Promise<void> {
  await client.create(PropagationPolicy, {
    metadata: { name: "bench", namespace },
    spec: {
      resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }],
      placement: { clusterAffinity: { clusterNames: [...members] } },
    },
  });
}

export function deployment(name: string, replicas: number) {
  const labels = { app: name };
  const container = {
    name: "nginx",
    image: "nginx:1.27",
    ports: [{ containerPort: 80 }],
    resources: { requests: { cpu: "1m", memory: "1Mi" } },
  };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  return { metadata: { name, namespace, labels }, spec: { replicas, selector: { matchLabels: labels }, template } };
}

/** Resolves when the Deployment, sent to all members, is ready in each of them. */
export async function firstReady(plane: ControlPlane, name: string): Promise<void> {
  const client = await plane.client("karmada-apiserver");
  await createPolicy(client);
  await client.create(Deployment, deployment(name, 1));
  await Promise.all(
    members.map(async (member) => {
      using ended = limited();
      for await (const event of (await plane.client(member)).watch(Deployment, { namespace, signal: ended.signal })) {
        if (event.type === "BOOKMARK" || event.object.metadata.name !== name) continue;
        if (event.object.status?.readyReplicas === 1) return;
      }
      throw new Error(`${name} did not become ready in ${member}`);
    }),
  );
}

/** `perSecond` undefined: as fast as 32 creators get their answers. */
export async function propagate(
  plane: ControlPlane,
  options: {
    readonly prefix: string;
    readonly count: number;
    readonly replicas: number;
    readonly perSecond?: number;
    /** Called between the last Work applied and the last status reported. */
    readonly onPropagated?: () => Promise<void>;
  },
): Promise<Propagated> {
  const { prefix, count, replicas, perSecond } = options;
  const client = await plane.client("karmada-apiserver");
  using ended = limited();
  const acknowledged = new Map<string, number>();
  const seen: { readonly name: string; readonly at: number }[] = [];
  let lastApplied = 0;
  let lastReported = 0;
  const arrivals = members.map(async (member) => {
    const names = new Set<string>();
    await follow(await plane.client(member), Deployment, ended.signal, ({ metadata: { name } }) => {
      if (!name.startsWith(prefix) || names.has(name)) return false;
      names.add(name);
      seen.push({ name, at: performance.now() });
      return names.size === count;
    });
  });
  const applied = (async () => {
    const names = new Set<string>();
    await follow(client, Work, ended.signal, ({ metadata, status, spec }) => {
      const manifest = JSON.stringify(spec.workload?.manifests?.[0]?.["metadata"] ?? {});
      if (!manifest.includes(`"name":"${prefix}`) || !isConditionTrue(status?.conditions, "Applied")) return false;
      names.add(`${metadata.namespace ?? ""}/${metadata.name}`);
      lastApplied = performance.now();
      return names.size === count * members.length;
    });
  })();
  const reported = (async () => {
    const names = new Set<string>();
    await follow(client, Deployment, ended.signal, ({ metadata: { name }, status }) => {
      if (!name.startsWith(prefix) || (status?.readyReplicas ?? 0) < replicas * members.length) return false;
      names.add(name);
      lastReported = performance.now();
      return names.size === count;
    });
  })();
  const startedAt = performance.now();
  await inTurns(count, creators, async (index) => {
    const due = perSecond === undefined ? 0 : startedAt + (index * 1e3) / perSecond - performance.now();
    if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
    const name = `${prefix}${String(index).padStart(4, "0")}`;
    await client.create(Deployment, deployment(name, replicas));
    acknowledged.set(name, performance.now());
  });
  const createSeconds = (performance.now() - startedAt) / 1e3;
  await Promise.all([...arrivals, applied]);
  const seconds = (Math.max(lastApplied, seen.at(-1)?.at ?? 0) - startedAt) / 1e3;
  await options.onPropagated?.();
  await reported;
  const reportedSeconds = (lastReported - startedAt) / 1e3;
  const latencies = seen.map(({ name, at }) => Math.max(0, at - (acknowledged.get(name) ?? at))).sort((a, b) => a - b);
  return {
    deployments: count,
    seconds,
    createSeconds,
    worksPerSecond: (count * members.length) / seconds,
    reportedSeconds,
    latencies,
  };
}

/** Watches until `isLast` says so of an object that was added or changed. */
export async function follow<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  signal: AbortSignal,
  isLast: (object: T) => boolean,
): Promise<void> {
  for await (const event of client.watch(kind, { signal })) {
    if (event.type !== "BOOKMARK" && event.type !== "DELETED" && isLast(event.object)) return;
  }
  throw new Error(`the watch of ${kind.plural} ended before everything was there`);
}

export function limited(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new Error("not in time"));
  }, waitMillisecondsMax);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
