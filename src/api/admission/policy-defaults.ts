// What is filled into policies beyond their schema's defaults.
// Upstream: karmada pkg/webhook/{propagationpolicy,overridepolicy}/mutating.go, pkg/util/helper/policy.go.
import type { MutableObject } from "#machinery/admission.ts";
import { isArray } from "#machinery/guards.ts";
import { mapAt, mapsIn, textOf } from "./edit.ts";

/** How long an application may stay after its replacement was asked for, in seconds. */
const gracePeriodSecondsDefault = 600;

const serviceImport = { apiVersion: "multicluster.x-k8s.io/v1alpha1", kind: "ServiceImport" };

/** Selectors of a namespaced policy mean its own namespace where they name none. */
export function fillSelectorNamespaces(object: MutableObject, namespace: string): void {
  for (const selector of mapsIn(mapAt(object, "spec"), "resourceSelectors")) {
    if (textOf(selector, "namespace") === "") selector["namespace"] = namespace;
  }
}

/** The defaults of propagation policies of either scope. */
export function fillPropagationDefaults(object: MutableObject): void {
  for (const constraint of mapsIn(mapAt(object, "spec", "placement"), "spreadConstraints")) {
    const isBlank = textOf(constraint, "spreadByField") === "" && textOf(constraint, "spreadByLabel") === "";
    if (isBlank) constraint["spreadByField"] = "cluster";
    if ((constraint["minGroups"] ?? 0) === 0) constraint["minGroups"] = 1;
  }
  fillPropagateDeps(object);
  const scheduling = mapAt(object, "spec", "placement", "replicaScheduling");
  if (scheduling !== undefined && (textOf(scheduling, "replicaSchedulingType") || "Divided") === "Divided") {
    if (textOf(scheduling, "replicaDivisionPreference") === "") scheduling["replicaDivisionPreference"] = "Weighted";
  }
  const failover = mapAt(object, "spec", "failover", "application");
  if (failover !== undefined && isGraceful(textOf(failover, "purgeMode"))) {
    failover["gracePeriodSeconds"] ??= gracePeriodSecondsDefault;
  }
}

/** An imported service is of no use without the service derived from it and its endpoints. */
function fillPropagateDeps(object: MutableObject): void {
  const spec = mapAt(object, "spec");
  if (spec === undefined || !isArray(spec["resourceSelectors"])) return;
  const selectsImport = mapsIn(spec, "resourceSelectors").some(
    ({ apiVersion, kind }) => apiVersion === serviceImport.apiVersion && kind === serviceImport.kind,
  );
  if (selectsImport) spec["propagateDeps"] = true;
}

/** Graciously is the older name; absent is the default, which is this. */
export function isGraceful(purgeMode: string): boolean {
  return purgeMode === "" || purgeMode === "Gracefully" || purgeMode === "Graciously";
}
