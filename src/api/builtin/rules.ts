// What is special about each built-in kind: one line a fact. Defaults are in defaults/, checks in validation/.
// Upstream: the strategy.go files under k8s.io/kubernetes/pkg/registry.
import type { MutableObject } from "#machinery/admission.ts";
import { semanticEqual } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, ensureChild, numberOf, textOf, textsOf } from "./access.ts";
import { prepareJobForCreate } from "./job.ts";
import { podQualityOfService } from "./pod-quality.ts";
import { podSubresources } from "./pod-subresources.ts";
import { selectableFields } from "./selectable-fields.ts";
import {
  fixedGeneration,
  type KindRules,
  restoreAllBut,
  restoreField,
  restoreMetadataField,
  withField,
  withSpec,
} from "./strategy.ts";
import { approvalErrors } from "./validation/certificates.ts";

type RulesByKind = Readonly<Record<string, KindRules>>;

/** Deletion answers with the object; used by kinds whose clients want to see what is going. */
const returned: KindRules = { returnsDeleted: true };

const podGraceSecondsDefault = 30;

const core: RulesByKind = {
  Namespace: {
    nameRule: "label",
    returnsDeleted: true,
    newStatus: () => ({ phase: "Active" }),
    prepareForCreate(object) {
      const spec = ensureChild(object, "spec");
      if (!textsOf(spec, "finalizers").includes("kubernetes")) {
        spec["finalizers"] = [...textsOf(spec, "finalizers"), "kubernetes"];
      }
    },
    prepareForUpdate(object, old) {
      ensureChild(object, "spec")["finalizers"] = childOf(old, "spec")?.["finalizers"];
    },
    prepareForDelete(object) {
      ensureChild(object, "status")["phase"] = "Terminating";
    },
    holdsDeletion: (object) => textsOf(childOf(object, "spec"), "finalizers").length > 0,
  },
  Node: { keepsStatusOnCreate: true },
  Pod: {
    returnsDeleted: true,
    generation: withSpec,
    newStatus: () => ({ phase: "Pending" }),
    prepareForCreate(object) {
      const status = ensureChild(object, "status");
      status["qosClass"] = podQualityOfService(childOf(object, "spec"));
    },
    prepareForStatusUpdate(object, old) {
      restoreMetadataField(object, old, "ownerReferences");
    },
    gracePeriodSeconds: podGraceSeconds,
    subresourceRules: podSubresources,
  },
  Service: { nameRule: "label1035", allowCreateOnUpdate: true, returnsDeleted: true },
  ServiceAccount: returned,
  PersistentVolume: { returnsDeleted: true, newStatus: () => ({ phase: "Pending" }) },
  PersistentVolumeClaim: { returnsDeleted: true, newStatus: () => ({ phase: "Pending" }) },
  PodTemplate: { returnsDeleted: true, generation: withField("template") },
  ResourceQuota: returned,
  ReplicationController: { generation: withSpec },
  Endpoints: { allowCreateOnUpdate: true },
  Event: { allowCreateOnUpdate: true },
  LimitRange: { allowCreateOnUpdate: true },
  ComponentStatus: { nameRule: "any" },
};

const apps: RulesByKind = {
  Deployment: {
    generation: (object, old) =>
      withSpec(object, old) || !semanticEqual(object.metadata.annotations, old.metadata.annotations),
    prepareForStatusUpdate(object, old) {
      restoreMetadataField(object, old, "labels");
    },
  },
  ReplicaSet: { generation: withSpec },
  StatefulSet: { generation: withSpec },
  DaemonSet: { generation: withSpec },
};

const batch: RulesByKind = {
  Job: { generation: withSpec, prepareForCreate: prepareJobForCreate },
  CronJob: { generation: withSpec },
};

const networking: RulesByKind = {
  Ingress: { generation: withSpec },
  IngressClass: { generation: withSpec },
  NetworkPolicy: { generation: withSpec },
  IPAddress: { nameRule: "any" },
};

/** Roles have names like `system:basic-user`. */
const rbacRule: KindRules = { nameRule: "path", allowCreateOnUpdate: true };

const rbac: RulesByKind = {
  Role: rbacRule,
  RoleBinding: rbacRule,
  ClusterRole: rbacRule,
  ClusterRoleBinding: rbacRule,
};

const webhooks: KindRules = { generation: withField("webhooks"), allowUnconditionalUpdate: false };
const admissionPolicy: KindRules = { generation: withSpec, allowUnconditionalUpdate: false };

const admission: RulesByKind = {
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
  ValidatingAdmissionPolicy: admissionPolicy,
  ValidatingAdmissionPolicyBinding: admissionPolicy,
  MutatingAdmissionPolicy: admissionPolicy,
  MutatingAdmissionPolicyBinding: admissionPolicy,
};

/** Only the status may move here; metadata stays but for its managedFields. */
function keepMetadata(object: MutableObject, old: KubeObject): void {
  const { managedFields, resourceVersion } = object.metadata;
  for (const name of Object.keys(object.metadata)) delete object.metadata[name];
  Object.assign(object.metadata, old.metadata, { resourceVersion });
  if (managedFields !== undefined) object.metadata["managedFields"] = managedFields;
}

const flowcontrol: RulesByKind = {
  FlowSchema: { generation: withSpec, prepareForStatusUpdate: keepMetadata },
  PriorityLevelConfiguration: { generation: withSpec, prepareForStatusUpdate: keepMetadata },
};

const others: RulesByKind = {
  "policy/PodDisruptionBudget": { generation: withSpec, allowUnconditionalUpdate: false },
  "autoscaling/HorizontalPodAutoscaler": { generation: withSpec },
  "coordination.k8s.io/Lease": { allowCreateOnUpdate: true, allowUnconditionalUpdate: false },
  "discovery.k8s.io/EndpointSlice": {
    generation: (object, old) =>
      !semanticEqual(object.metadata.labels, old.metadata.labels) ||
      !semanticEqual({ ...object, metadata: {} }, { ...old, metadata: {} }),
  },
  "certificates.k8s.io/CertificateSigningRequest": {
    prepareForUpdate(object, old) {
      restoreField(object, old, "spec");
    },
    subresourceRules: {
      approval: {
        prepare(object, old) {
          const conditions = childOf(object, "status")?.["conditions"];
          restoreAllBut(object, old, "");
          object["status"] = { ...childOf(old, "status"), conditions };
        },
        validate: approvalErrors,
      },
    },
  },
  "events.k8s.io/Event": { allowCreateOnUpdate: true },
  "storage.k8s.io/StorageClass": returned,
  "storage.k8s.io/CSIDriver": { returnsDeleted: true, generation: withSpec, allowUnconditionalUpdate: false },
  "storage.k8s.io/CSINode": returned,
  "storage.k8s.io/CSIStorageCapacity": returned,
  "storage.k8s.io/VolumeAttachment": returned,
  "storage.k8s.io/VolumeAttributesClass": returned,
  "scheduling.k8s.io/PriorityClass": { generation: fixedGeneration },
  "resource.k8s.io/DeviceClass": { generation: withSpec },
  "resource.k8s.io/ResourceSlice": { generation: withSpec },
  "apiregistration.k8s.io/APIService": { allowUnconditionalUpdate: false },
  "apiextensions.k8s.io/CustomResourceDefinition": { generation: withSpec, allowUnconditionalUpdate: false },
};

const rulesByGroup: Readonly<Record<string, RulesByKind>> = {
  "": core,
  apps,
  batch,
  "networking.k8s.io": networking,
  "rbac.authorization.k8s.io": rbac,
  "admissionregistration.k8s.io": admission,
  "flowcontrol.apiserver.k8s.io": flowcontrol,
};

/** What is special about a kind. */
export function rulesOf(kind: {
  readonly group: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}): KindRules {
  const isReview = kind.verbs.length === 1 && kind.verbs[0] === "create";
  if (isReview) return { nameRule: "any" };
  const rules = rulesByGroup[kind.group]?.[kind.kind] ?? others[`${kind.group}/${kind.kind}`] ?? {};
  return { ...rules, selectableFields: selectableFields(kind) };
}

/** Pods that nothing runs go at once. Upstream: pkg/registry/core/pod/strategy.go (CheckGracefulDelete). */
function podGraceSeconds(object: KubeObject, asked: number | undefined): number {
  const spec = childOf(object, "spec");
  const phase = textOf(childOf(object, "status"), "phase");
  if (textOf(spec, "nodeName") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const seconds = asked ?? numberOf(spec, "terminationGracePeriodSeconds") ?? podGraceSecondsDefault;
  return seconds < 0 ? 1 : seconds;
}
