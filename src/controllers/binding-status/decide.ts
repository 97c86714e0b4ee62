// What a binding says of its Works: the status in each cluster, and whether all is applied. Pure.
// Upstream: karmada pkg/util/helper/workstatus.go.
import { conditionTypes } from "#api/karmada-constants.ts";
import type { AggregatedStatusItem, BindingSpec, ObjectReference } from "#api/work/binding.ts";
import type { ManifestStatus, Work } from "#api/work/work.ts";
import { findCondition } from "#machinery/conditions.ts";
import { parseApiVersion } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import { clusterOfWork, clustersToKeep, targetsOf } from "../binding/decide.ts";
import type { FailureReport } from "../failure-condition.ts";
import { interpreterWords, interpretFailure } from "../interpret-failures.ts";

export interface Aggregation {
  readonly items: readonly AggregatedStatusItem[];
  readonly fullyApplied: boolean;
  /** What the Works say of the interpreter's answers about their objects. */
  readonly interpreted: readonly FailureReport[];
}

/** One item per Work that is to stay, by cluster. `alsoKept`: clusters where it stays because of what refers to it. */
export function aggregateWorks(
  spec: BindingSpec,
  works: readonly Work[],
  alsoKept: ReadonlySet<string> = new Set(),
): Aggregation {
  const there = works.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const items = there
    .map((work) => itemOf(work, spec.resource))
    .sort((left, right) => (left.clusterName < right.clusterName ? -1 : 1));
  const staying = items.flatMap(({ clusterName }) => (alsoKept.has(clusterName) ? [clusterName] : []));
  return {
    items,
    fullyApplied: isFullyApplied(items, clustersToKeep(spec).union(new Set(staying))),
    interpreted: [interpretedBy(there, "reflectStatus"), interpretedBy(there, "interpretHealth")],
  };
}

/** What failed in each cluster, as its Work says. */
function interpretedBy(works: readonly Work[], operation: "reflectStatus" | "interpretHealth"): FailureReport {
  const words = interpreterWords(operation);
  const failures = works.flatMap((work) => {
    const said = findCondition(work.status?.conditions, words.type);
    return said?.status === "False" ? [interpretFailure(clusterOfWork(work), said.message)] : [];
  });
  return { words, failures };
}

/**
 * What a template's status is made of: the items, and one without a status for each target that has no Work yet. Else a
 * cluster that was not reached at all would be left out of the sum as if it did not count.
 */
export function itemsForTemplate(
  spec: BindingSpec,
  items: readonly AggregatedStatusItem[],
): readonly AggregatedStatusItem[] | undefined {
  const known = new Set(items.map(({ clusterName }) => clusterName));
  const missing = targetsOf(spec).filter(({ name }) => !known.has(name));
  const all = [...items, ...missing.map(({ name }) => ({ clusterName: name, health: "Unknown" as const }))];
  return all.length === 0 ? undefined : all.sort((left, right) => (left.clusterName < right.clusterName ? -1 : 1));
}

function itemOf(work: Work, resource: ObjectReference): AggregatedStatusItem {
  const clusterName = clusterOfWork(work);
  const applied = work.status?.conditions?.find(({ type }) => type === conditionTypes.workApplied);
  if (applied?.status !== "True") {
    const appliedMessage = applied?.message === "" ? undefined : applied?.message;
    return defined({ clusterName, appliedMessage, health: "Unknown" as const });
  }
  const reported = work.status?.manifestStatuses?.find(({ identifier }) => isAbout(identifier, resource));
  return defined({ clusterName, applied: true, status: reported?.status, health: reported?.health ?? "Unknown" });
}

function isAbout(identifier: ManifestStatus["identifier"], resource: ObjectReference): boolean {
  const { group, version } = parseApiVersion(resource.apiVersion);
  return (
    (identifier.group ?? "") === group &&
    identifier.version === version &&
    identifier.kind === resource.kind &&
    (identifier.namespace ?? "") === (resource.namespace ?? "") &&
    identifier.name === resource.name
  );
}

/** Not while nothing is scheduled: then there is nothing that could be applied. */
function isFullyApplied(items: readonly AggregatedStatusItem[], clusters: ReadonlySet<string>): boolean {
  if (clusters.size === 0 || clusters.size !== items.length) return false;
  return items.every(({ applied, clusterName }) => applied === true && clusters.has(clusterName));
}
