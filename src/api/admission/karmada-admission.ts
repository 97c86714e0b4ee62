// All of Karmada's admission that is in force here, as plugins of the embedded API server.
// Upstream: karmada pkg/webhook, cmd/webhook/app/webhook.go.
import type { AdmissionPlugin } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, invalid, invalidError } from "#machinery/field-error.ts";
import { isKubeObject, isArray } from "#machinery/guards.ts";
import type { Kind } from "#machinery/object.ts";
import { parseJson } from "#machinery/json.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { Cluster } from "../cluster/cluster.ts";
import { karmadaAnnotations, karmadaFinalizers, karmadaLabels, karmadaValues } from "../karmada-constants.ts";
import { ClusterOverridePolicy, OverridePolicy } from "../policy/override-policy.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "../policy/propagation-policy.ts";
import { ClusterResourceBinding, ResourceBinding } from "../work/binding.ts";
import { sealManifest } from "../work/manifest.ts";
import { Work } from "../work/work.ts";
import { fillCluster, validateCluster } from "./cluster-rules.ts";
import { addFinalizer, ensureId, labelOf, mapAt, setLabel } from "./edit.ts";
import { extensionWebhooks } from "./extension-webhooks.ts";
import { fillPropagationDefaults, fillSelectorNamespaces } from "./policy-defaults.ts";
import { validateOverride } from "./validate-override.ts";
import { changeRefusal, missingIdRefusal, validatePropagation } from "./validate-propagation.ts";
import { aggregateText, asPlugin, objectsOf, type Webhook } from "./webhook.ts";

interface KarmadaWebhookOptions {
  /** Where permanent ids come from. */
  readonly random: Random;
  /** May a ClusterTaintPolicy put NoExecute taints on clusters? Absent: no. */
  readonly allowNoExecuteTaintPolicy?: boolean;
}

export interface KarmadaAdmissionOptions extends KarmadaWebhookOptions {
  readonly clock: Clock;
}

/** Defaults, validations, ids and protections of Karmada's kinds, in upstream's terms. */
export function karmadaAdmission(options: KarmadaAdmissionOptions): AdmissionPlugin[] {
  return [...karmadaWebhooks(options).map(asPlugin), clusters(options.clock)];
}

/** The same as webhooks, for another API server to call. Without Cluster, whose rules are its server's own. */
export function karmadaWebhooks({
  random,
  allowNoExecuteTaintPolicy = false,
}: KarmadaWebhookOptions): readonly Webhook[] {
  return [
    propagationPolicies(PropagationPolicy, random),
    propagationPolicies(ClusterPropagationPolicy, random),
    overridePolicies(OverridePolicy),
    overridePolicies(ClusterOverridePolicy),
    bindings(ResourceBinding, random),
    bindings(ClusterResourceBinding, random),
    works(random),
    ...extensionWebhooks({ random, allowNoExecuteTaintPolicy }),
    deletionProtection,
  ];
}

function propagationPolicies(kind: typeof PropagationPolicy, random: Random): Webhook {
  const idLabel = kind.namespaced ? karmadaLabels.propagationPolicyId : karmadaLabels.clusterPropagationPolicyId;
  const finalizer = kind.namespaced ? karmadaFinalizers.propagationPolicy : karmadaFinalizers.clusterPropagationPolicy;
  return {
    name: webhookName(kind),
    kind,
    operations: ["CREATE", "UPDATE"],
    mutate(object, { operation, namespace }) {
      if (namespace !== undefined) fillSelectorNamespaces(object, namespace);
      fillPropagationDefaults(object);
      if (operation !== "CREATE") return;
      // Always a fresh one: a copied policy must not own what the original made.
      setLabel(object, idLabel, random.uuid());
      addFinalizer(object, finalizer);
    },
    refusal(request) {
      const { object, old } = objectsOf(kind, request);
      if (object === undefined) return undefined;
      return (
        (old === undefined ? undefined : changeRefusal(object, old, idLabel)) ??
        missingIdRefusal(object, idLabel) ??
        aggregateText(validatePropagation(object.spec, request.namespace))
      );
    },
  };
}

function overridePolicies(kind: typeof OverridePolicy): Webhook {
  return {
    name: webhookName(kind),
    kind,
    operations: ["CREATE", "UPDATE"],
    mutate(object, { namespace }) {
      if (namespace !== undefined) fillSelectorNamespaces(object, namespace);
    },
    refusal(request) {
      const { object } = objectsOf(kind, request);
      return object === undefined ? undefined : aggregateText(validateOverride(object.spec, request.namespace));
    },
  };
}

function bindings(kind: typeof ResourceBinding, random: Random): Webhook {
  const idLabel = kind.namespaced ? karmadaLabels.resourceBindingId : karmadaLabels.clusterResourceBindingId;
  return {
    name: webhookName(kind),
    kind,
    operations: ["CREATE", "UPDATE"],
    mutate(object, { operation }) {
      if (operation === "CREATE") ensureId(object, idLabel, random);
    },
    refusal(request) {
      const { object } = objectsOf(kind, request);
      return object === undefined || !kind.namespaced
        ? undefined
        : aggregateText([...validateDependencies(object.metadata), ...validateComponents(object.spec)]);
    },
  };
}

function validateDependencies({ annotations = {} }: ResourceBinding["metadata"]): FieldError[] {
  const text = annotations[karmadaAnnotations.dependencies];
  if (text === undefined || isListText(text)) return [];
  const path = `metadata.annotations.${karmadaAnnotations.dependencies}`;
  return [invalid(path, text, "annotation value must be a valid JSON")];
}

function validateComponents({ components = [] }: ResourceBinding["spec"]): FieldError[] {
  const seen = new Set<string>();
  return components.flatMap(({ name }, index) => {
    const path = `spec.components[${index}].name`;
    if (name === "") return [invalid(path, name, "component names must be non-empty")];
    if (seen.has(name)) return [invalid(path, name, "component names must be unique")];
    seen.add(name);
    return [];
  });
}

/** `null` is what an empty list is written as. */
function isListText(text: string): boolean {
  try {
    const value = parseJson(text);
    return value === null || isArray(value);
  } catch {
    return false;
  }
}

function works(random: Random): Webhook {
  return {
    name: webhookName(Work),
    kind: Work,
    operations: ["CREATE", "UPDATE"],
    mutate(object) {
      ensureId(object, karmadaLabels.workId, random);
      const workload = mapAt(object, "spec", "workload");
      const manifests = workload?.["manifests"];
      if (workload === undefined || !isArray(manifests)) return;
      const id = labelOf(object, karmadaLabels.workId);
      workload["manifests"] = manifests.map((manifest, index) => {
        if (isKubeObject(manifest)) return sealManifest(manifest, id);
        const problem = "a manifest is a whole object, with apiVersion, kind and metadata";
        throw new ApiError("BadRequest", `spec.workload.manifests[${index}]: ${problem}`);
      });
    },
  };
}

/** Whatever the kind, the label alone decides. */
const deletionProtection: Webhook = {
  name: "resourcedeletionprotection.karmada.io",
  operations: ["DELETE"],
  refusal({ old }) {
    if (old?.metadata.labels?.[karmadaLabels.deletionProtected] !== karmadaValues.deletionProtected) return undefined;
    return `This resource is protected, please make sure to remove the label: ${karmadaLabels.deletionProtected}`;
  },
};

/** No webhook upstream but part of the API server that serves clusters. */
function clusters(clock: Clock): AdmissionPlugin {
  const isMain = (subresource: string | undefined, kind: Kind): boolean =>
    subresource === undefined && kind.group === Cluster.group && kind.kind === Cluster.kind;
  return {
    name: "Cluster",
    mutate({ object, operation, subresource, kind }) {
      if (object === undefined || !isMain(subresource, kind)) return;
      fillCluster(object, { isNew: operation === "CREATE", now: clock.now() });
    },
    validate(request) {
      const { object } = objectsOf(Cluster, request);
      if (object === undefined || !isMain(request.subresource, request.kind)) return;
      const errors = validateCluster(object);
      if (errors.length > 0) throw invalidError(Cluster, object.metadata.name, errors);
    },
  };
}

function webhookName({ singular }: Kind): string {
  return `${singular}.karmada.io`;
}
