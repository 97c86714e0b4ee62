// What a namespace that is being deleted says of itself, and whether it may go. Pure.
// Upstream: kubernetes pkg/controller/namespace/deletion/status_condition_utils.go.
import type { NamespaceCondition } from "#api/generated/types.ts";
import { setCondition } from "#machinery/conditions.ts";
import type { GroupVersionKind } from "#machinery/object.ts";

export const kubernetesFinalizer = "kubernetes";

/** What is left of one kind of resource. */
export interface Remaining {
  readonly kind: Pick<GroupVersionKind, "group"> & { readonly plural: string };
  readonly count: number;
  /** Of each finalizer, how many objects have it. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** What one attempt to delete everything has come to. */
export interface Outcome {
  /** Group versions whose kinds are not known, with the reason. */
  readonly undiscovered: readonly { readonly apiVersion: string; readonly message: string }[];
  readonly failures: readonly string[];
  readonly remaining: readonly Remaining[];
}

/** Whether nothing is left and nothing is unknown. */
export function isEmptied({ undiscovered, failures, remaining }: Outcome): boolean {
  return undiscovered.length === 0 && failures.length === 0 && remaining.length === 0;
}

/** The five conditions, always all of them; `old` itself if nothing changes. */
export function conditionsOf(
  outcome: Outcome,
  old: readonly NamespaceCondition[],
  now: number,
): readonly NamespaceCondition[] {
  return verdicts(outcome).reduce<readonly NamespaceCondition[]>(
    (conditions, { type, problem, fine }) =>
      setCondition(conditions, { type, status: problem === undefined ? "False" : "True", ...(problem ?? fine) }, now),
    old,
  );
}

interface Statement {
  readonly reason: string;
  readonly message: string;
}

interface ConditionVerdict {
  readonly type: string;
  readonly fine: Statement;
  readonly problem: Statement | undefined;
}

function verdicts(outcome: Outcome): readonly ConditionVerdict[] {
  return [
    {
      type: "NamespaceDeletionDiscoveryFailure",
      fine: { reason: "ResourcesDiscovered", message: "All resources successfully discovered" },
      problem: discoveryProblem(outcome),
    },
    {
      type: "NamespaceDeletionGroupVersionParsingFailure",
      fine: { reason: "ParsedGroupVersions", message: "All legacy kube types successfully parsed" },
      problem: undefined,
    },
    {
      type: "NamespaceDeletionContentFailure",
      fine: {
        reason: "ContentDeleted",
        message: "All content successfully deleted, may be waiting on finalization",
      },
      problem: deletionProblem(outcome),
    },
    {
      type: "NamespaceContentRemaining",
      fine: { reason: "ContentRemoved", message: "All content successfully removed" },
      problem: remainingProblem(outcome),
    },
    {
      type: "NamespaceFinalizersRemaining",
      fine: { reason: "ContentHasNoFinalizers", message: "All content-preserving finalizers finished" },
      problem: finalizersProblem(outcome),
    },
  ];
}

function discoveryProblem({ undiscovered }: Outcome): Statement | undefined {
  if (undiscovered.length === 0) return undefined;
  const list = undiscovered.map(({ apiVersion, message }) => `${apiVersion}: ${message}`).join(", ");
  const message = `unable to retrieve the complete list of server APIs: ${list}`;
  return {
    reason: "DiscoveryFailed",
    message: `Discovery failed for some groups, ${undiscovered.length} failing: ${message}`,
  };
}

function deletionProblem({ failures }: Outcome): Statement | undefined {
  if (failures.length === 0) return undefined;
  return {
    reason: "ContentDeletionFailed",
    message: `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort().join(", ")}`,
  };
}

function remainingProblem({ remaining }: Outcome): Statement | undefined {
  if (remaining.length === 0) return undefined;
  // The core group is empty, which leaves its dot: `configmaps.`.
  const texts = remaining.map(({ kind, count }) => `${kind.plural}.${kind.group} has ${count} resource instances`);
  return { reason: "SomeResourcesRemain", message: `Some resources are remaining: ${texts.sort().join(", ")}` };
}

function finalizersProblem({ remaining }: Outcome): Statement | undefined {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [finalizer, count] of finalizers) counts.set(finalizer, (counts.get(finalizer) ?? 0) + count);
  }
  if (counts.size === 0) return undefined;
  const texts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return {
    reason: "SomeFinalizersRemain",
    message: `Some content in the namespace has finalizers remaining: ${texts.sort().join(", ")}`,
  };
}
