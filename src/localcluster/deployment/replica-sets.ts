// Which ReplicaSets a Deployment has, which of them is the new one, and what a new one looks like.
// Upstream: kubernetes pkg/controller/deployment/util/deployment_util.go, sync.go (getNewReplicaSet).
import type { Deployment, ReplicaSet } from "#api/kinds.ts";
import type { PodTemplateSpec } from "#api/generated/types.ts";
import { deepEqual } from "#machinery/equality.ts";
import { safeHash } from "#machinery/hash.ts";
import { scaledValue } from "#machinery/int-or-string.ts";

const hashLabel = "pod-template-hash";
export const revisionAnnotation = "deployment.kubernetes.io/revision";
export const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
export const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
export const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
const notCopied: ReadonlySet<string> = new Set([
  lastAppliedAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
]);

export interface Limits {
  readonly desired: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** How far a rolling update may go beyond and below the wanted replicas. Recreate goes neither way. */
export function limitsOf({ spec }: Deployment): Limits {
  const desired = spec.replicas ?? 1;
  if (spec.strategy?.type === "Recreate") return { desired, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, desired, "up");
  const unavailable = scaledValue(maxUnavailable, desired, "down");
  // Both zero would be a standstill.
  return {
    desired,
    maxSurge: surge,
    maxUnavailable: Math.min(desired, surge === 0 && unavailable === 0 ? 1 : unavailable),
  };
}

/** Oldest first, by creation and then by name. */
export function oldestFirst(sets: readonly ReplicaSet[]): ReplicaSet[] {
  const age = ({ metadata }: ReplicaSet): string => `${metadata.creationTimestamp ?? ""}/${metadata.name}`;
  return sets.toSorted((left, right) => (age(left) < age(right) ? -1 : 1));
}

/** The oldest ReplicaSet with the Deployment's own template, or undefined. */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return oldestFirst(sets).find((set) =>
    deepEqual(withoutHash(set.spec.template), withoutHash(deployment.spec.template)),
  );
}

/** Deterministic for a template and a collision count, safe in names and labels. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  return safeHash(`${canonicalText(template)}${collisionCount === undefined ? "" : `#${collisionCount}`}`);
}

/** 0: none. */
export function revisionOf(set: ReplicaSet | undefined): number {
  return Number(set?.metadata.annotations?.[revisionAnnotation] ?? "0");
}

/** The ReplicaSet to create for the present template. */
export function newReplicaSet(deployment: Deployment, replicas: number, revision: number): ReplicaSet {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: {
        ...copiedAnnotations(deployment),
        ...scaleAnnotations(deployment),
        [revisionAnnotation]: String(revision),
      },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: metadata.name,
          uid: metadata.uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** What a ReplicaSet remembers of the size it was made for: the base of proportional scaling. */
export function scaleAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const { desired, maxSurge } = limitsOf(deployment);
  return { [desiredReplicasAnnotation]: String(desired), [maxReplicasAnnotation]: String(desired + maxSurge) };
}

/** Does the ReplicaSet remember another size? */
export function needsSizing(deployment: Deployment, { metadata }: ReplicaSet): boolean {
  return Object.entries(scaleAnnotations(deployment)).some(([key, value]) => metadata.annotations?.[key] !== value);
}

export function copiedAnnotations({ metadata }: Deployment): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key)));
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const { [hashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {};
  const metadata = { ...template?.metadata, labels };
  return { ...template, metadata };
}

/** JSON with sorted keys. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
