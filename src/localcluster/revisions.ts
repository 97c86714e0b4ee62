// ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, by hash. Pure.
// Upstream: kubernetes pkg/controller/history/controller_history.go.
import type { PodTemplateSpec } from "#api/generated/types.ts";
import type { ControllerRevision } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { deepEqual } from "#machinery/equality.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { templateHash } from "./deployment/replica-sets.ts";

export const revisionLabel = "controller-revision-hash";
const hashLabel = "controller.kubernetes.io/hash";
const historyLimitDefault = 10;

interface RevisionOwner extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec; readonly revisionHistoryLimit?: number };
  readonly status?: { readonly collisionCount?: number };
}

export interface RevisionPlan {
  /** Name of the revision with the present template. */
  readonly name: string;
  readonly create: Draft<ControllerRevision> | undefined;
  /** An older revision has the present template again: it gets this number. */
  readonly renumber: { readonly revision: ControllerRevision; readonly number: number } | undefined;
}

/** `revisions` are those that the owner controls. */
export function planRevision(owner: RevisionOwner, revisions: readonly ControllerRevision[]): RevisionPlan {
  const data = { spec: { template: { ...owner.spec.template, $patch: "replace" } } };
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
  const known = revisions
    .filter((each) => deepEqual(each.data, data))
    .reduce<ControllerRevision | undefined>(
      (best, each) => (best !== undefined && best.revision > each.revision ? best : each),
      undefined,
    );
  if (known !== undefined) {
    const renumber = known.revision === newest ? undefined : { revision: known, number: newest + 1 };
    return { name: known.metadata.name, create: undefined, renumber };
  }
  const hash = templateHash(owner.spec.template, owner.status?.collisionCount);
  const { name: ownerName, namespace, uid = "" } = owner.metadata;
  const { apiVersion, kind } = owner;
  const name = `${ownerName}-${hash}`;
  const create = {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
      ownerReferences: [{ apiVersion, kind, name: ownerName, uid, controller: true, blockOwnerDeletion: true }],
    },
    data,
    revision: newest + 1,
  };
  return { name, create, renumber: undefined };
}

/** The hash in a revision's name, as DaemonSets label their pods. */
export function hashIn(owner: KubeObject, revisionName: string): string {
  return revisionName.slice(owner.metadata.name.length + 1);
}

/** The template that a revision keeps, or undefined. */
export function templateIn(revision: ControllerRevision | undefined): PodTemplateSpec | undefined {
  const kept = fieldOf(revision?.data, "spec", "template");
  if (!isTemplate(kept)) return undefined;
  const { $patch: _patch, ...template } = kept;
  return template;
}

function isTemplate(value: unknown): value is PodTemplateSpec & { readonly $patch?: unknown } {
  return isRecord(value) && isArray(fieldOf(value, "spec", "containers"));
}

/** Revisions beyond the limit that nothing uses, oldest first. */
export function surplusRevisions(
  owner: RevisionOwner,
  revisions: readonly ControllerRevision[],
  live: ReadonlySet<string>,
): readonly ControllerRevision[] {
  const idle = revisions.filter(({ metadata }) => !live.has(metadata.name));
  const surplus = idle.length - (owner.spec.revisionHistoryLimit ?? historyLimitDefault);
  return surplus <= 0 ? [] : idle.toSorted((left, right) => left.revision - right.revision).slice(0, surplus);
}
