// How CustomResourceDefinition objects themselves live.
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/{strategy,etcd}.go.
import type { Strategy } from "#api/resource.ts";
import { CustomResourceDefinition } from "#api/kinds.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { setCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isObjectOf, isRecord, isStringArray } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { invariant } from "#std/invariant.ts";
import { parseTime } from "#std/time.ts";
import { cleanupFinalizer, terminating } from "./conditions.ts";
import { setCrdDefaults } from "./defaults.ts";
import { withStorageVersion } from "./status.ts";
import { validateCrd, validateCrdStatus } from "./validate.ts";

export const crdStrategy: Strategy = {
  nameRule: "subdomain",
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  allowCreateOnUpdate: false,
  returnsDeleted: false,
  defaults: setCrdDefaults,
  prepareForCreate(object) {
    object["status"] = { conditions: [], acceptedNames: { plural: "", kind: "" }, storedVersions: [] };
    setStoredVersions(object);
  },
  prepareForUpdate(object, old) {
    object["status"] = isRecord(old["status"]) ? { ...old["status"] } : {};
    setStoredVersions(object);
  },
  prepareForStatusUpdate(object, old) {
    object["spec"] = old["spec"];
  },
  bumpsGeneration: (object, old) => !deepEqual(object["spec"], old["spec"]),
  validate: (object) => validateCrd(crdOf(object), undefined),
  validateUpdate: (object, old) => validateCrd(crdOf(object), crdOf(old)),
  validateStatusUpdate: (object) => validateCrdStatus(crdOf(object)),
  prepareForDelete: markForCleanup,
  selectableFields: {},
};

function setStoredVersions(object: MutableObject): void {
  const { status } = object;
  if (isRecord(status)) status["storedVersions"] = withStorageVersion(crdOf(object));
}

/** At the first DELETE: all objects of the kind go before the definition does. */
function markForCleanup(object: MutableObject, now: string): void {
  const finalizers = object.metadata["finalizers"];
  const present = isStringArray(finalizers) ? finalizers : [];
  if (!present.includes(cleanupFinalizer)) object.metadata["finalizers"] = [...present, cleanupFinalizer];
  const message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
  const reason = "InstanceDeletionPending";
  const condition = { type: terminating, status: "True", reason, message, lastTransitionTime: now };
  const conditions = setCondition(crdOf(object).status?.conditions, condition, parseTime(now) ?? 0);
  object["status"] = { ...(isRecord(object["status"]) ? object["status"] : {}), conditions };
}

/** The object as its type has it: what a request has left out is empty, for validation to find. */
function crdOf(object: MutableObject | KubeObject): CustomResourceDefinition {
  const spec = isRecord(object["spec"]) ? object["spec"] : {};
  const names = isRecord(spec["names"]) ? spec["names"] : {};
  const whole: unknown = {
    ...object,
    spec: {
      ...spec,
      group: spec["group"] ?? "",
      scope: spec["scope"] ?? "",
      names: { ...names, plural: names["plural"] ?? "", kind: names["kind"] ?? "" },
      versions: spec["versions"] ?? [],
    },
  };
  invariant(isObjectOf(CustomResourceDefinition, whole), "an object has metadata");
  return whole;
}
