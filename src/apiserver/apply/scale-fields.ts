// managedFields of a Scale: those who manage a workload's replicas manage its Scale's, and whoever takes them through the
// Scale takes them from the workload's managers. Pure. Upstream: k8s.io/apimachinery/pkg/util/managedfields/scalehandler.go.
import { difference, hasPath, isEmptySet, setOfPath } from "#machinery/fields/field-set.ts";
import { type Managed, managerId, type Managers } from "#machinery/fields/managers.ts";
import { fieldElement } from "#machinery/fields/path-element.ts";

const scaleApiVersion = "autoscaling/v1";
const replicasOfScale = setOfPath(["spec", "replicas"].map(fieldElement));

/** The workload's version and where its replicas are. */
export interface ScaledVersion {
  readonly apiVersion: string;
  readonly specReplicas: readonly string[];
}

/** The managers of a workload's replicas as managers of its Scale. */
export function toScaleManagers(managers: Managers, { specReplicas }: ScaledVersion): Managers {
  const path = specReplicas.map(fieldElement);
  const scale = new Map<string, Managed>();
  for (const managed of managers.values()) {
    if (!hasPath(managed.set, path)) continue;
    const entry = { ...managed, apiVersion: scaleApiVersion, set: replicasOfScale };
    scale.set(managerId(entry), entry);
  }
  return scale;
}

/** The workload's managers after its Scale has been written. Entries that are new have no time. */
export function fromScaleManagers(managers: Managers, scale: Managers, version: ScaledVersion): Managers {
  const path = version.specReplicas.map(fieldElement);
  const next = new Map<string, Managed>();
  const left = new Map(scale);
  for (const [id, managed] of managers) {
    const asScale = managerId({ ...managed, apiVersion: scaleApiVersion });
    if (!hasPath(managed.set, path) || left.delete(asScale)) {
      next.set(id, managed);
      continue;
    }
    const set = difference(managed.set, setOfPath(path));
    if (!isEmptySet(set)) next.set(id, { ...managed, set });
  }
  for (const managed of left.values()) {
    const entry = { ...managed, apiVersion: version.apiVersion, set: setOfPath(path), time: undefined };
    next.set(managerId(entry), entry);
  }
  return next;
}
