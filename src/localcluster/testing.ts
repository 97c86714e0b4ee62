// Objects for the tests of this folder. Not used outside tests.
import type { PodSpec } from "#api/generated/types.ts";
import type { Deployment, Pod, ReplicaSet } from "#api/kinds.ts";
import { formatTime } from "#std/time.ts";
import { templateHash } from "./deployment/replica-sets.ts";

/** The tests' present. */
export const testNow = Date.UTC(2026, 0, 1);

const labels = { app: "web" };

export interface DeploymentParts {
  readonly replicas?: number;
  readonly image?: string;
  readonly spec?: Partial<Deployment["spec"]>;
  readonly status?: Deployment["status"];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `web`, with a surge of one and none unavailable unless `spec` says otherwise. */
export function testDeployment({
  replicas = 3,
  image = "a",
  spec,
  status,
  annotations,
}: DeploymentParts = {}): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "ns", uid: "web-uid", generation: 1, ...(annotations && { annotations }) },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      progressDeadlineSeconds: 600,
      template: templateOf(image),
      ...spec,
    },
    ...(status && { status }),
  };
}

function templateOf(image: string): Deployment["spec"]["template"] {
  return { metadata: { labels }, spec: { containers: [{ name: "web", image }] } };
}

export interface ReplicaSetParts {
  readonly image: string;
  readonly size: number;
  readonly available?: number;
  readonly revision?: number;
  /** The size that the Deployment had when this one was last sized, and the surge. */
  readonly desired?: number;
  readonly surge?: number;
}

/** A ReplicaSet of `web` whose controller has seen it. */
export function testReplicaSet(parts: ReplicaSetParts): ReplicaSet {
  const { image, size, available = size, revision = 1, desired = 3, surge = 1 } = parts;
  const hash = templateHash(templateOf(image), undefined);
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `web-${hash}`,
      namespace: "ns",
      uid: `uid-${image}`,
      generation: 1,
      creationTimestamp: formatTime(testNow - 1_000_000 + revision * 1000),
      annotations: {
        "deployment.kubernetes.io/revision": String(revision),
        "deployment.kubernetes.io/desired-replicas": String(desired),
        "deployment.kubernetes.io/max-replicas": String(desired + surge),
      },
    },
    spec: {
      replicas: size,
      selector: { matchLabels: { ...labels, "pod-template-hash": hash } },
      template: { ...templateOf(image), metadata: { labels: { ...labels, "pod-template-hash": hash } } },
    },
    status: { replicas: size, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

export interface PodParts {
  readonly name?: string;
  readonly phase?: string;
  /** Milliseconds before the tests' present since when it is ready. */
  readonly readyFor?: number;
  readonly node?: string;
  readonly deleting?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
  readonly status?: Pod["status"];
  readonly metadata?: Partial<Pod["metadata"]>;
}

/** A pod with one container. */
export function testPod(parts: PodParts = {}): Pod {
  const { name = "web-1", phase = "Running", readyFor, node, deleting = false, annotations, spec, status } = parts;
  const conditions =
    readyFor === undefined
      ? []
      : [{ type: "Ready", status: "True", lastTransitionTime: formatTime(testNow - readyFor) }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "ns",
      uid: `uid-${name}`,
      labels,
      ...(annotations && { annotations }),
      ...(deleting ? { deletionTimestamp: formatTime(testNow) } : {}),
      ...parts.metadata,
    },
    spec: { containers: [{ name: "web", image: "nginx" }], ...(node === undefined ? {} : { nodeName: node }), ...spec },
    status: { phase, conditions, ...status },
  };
}
