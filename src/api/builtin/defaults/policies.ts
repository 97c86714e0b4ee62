// Defaults of the groups that configure the cluster: networking, rbac, admissionregistration, storage, scheduling, discovery,
// flowcontrol, resource, apiregistration, apiextensions. Upstream: k8s.io/kubernetes/pkg/apis/<group>/v1/defaults.go.
import {
  childOf,
  ensureChild,
  type Fields,
  itemsOf,
  listOf,
  setDefault,
  setDefaultText,
  textOf,
  type Defaults,
} from "../access.ts";

type DefaultsByKind = Readonly<Record<string, Defaults>>;

const rbacGroup = "rbac.authorization.k8s.io";

export const networkingDefaults: DefaultsByKind = {
  NetworkPolicy(object) {
    const spec = childOf(object, "spec");
    if (spec === undefined) return;
    if (listOf(spec, "policyTypes").length === 0) {
      spec["policyTypes"] = listOf(spec, "egress").length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
    }
    for (const rule of [...itemsOf(spec, "ingress"), ...itemsOf(spec, "egress")]) {
      for (const port of itemsOf(rule, "ports")) setDefaultText(port, "protocol", "TCP");
    }
  },
  IngressClass(object) {
    const parameters = childOf(childOf(object, "spec"), "parameters");
    if (parameters !== undefined) setDefault(parameters, "scope", "Cluster");
  },
};

function defaultBinding(object: Fields): void {
  const role = childOf(object, "roleRef");
  if (role !== undefined) setDefaultText(role, "apiGroup", rbacGroup);
  for (const subject of itemsOf(object, "subjects")) {
    if (/^(User|Group)$/.test(textOf(subject, "kind"))) setDefaultText(subject, "apiGroup", rbacGroup);
  }
}

export const rbacDefaults: DefaultsByKind = { RoleBinding: defaultBinding, ClusterRoleBinding: defaultBinding };

function defaultRules(holder: Fields, name: string): void {
  for (const rule of itemsOf(holder, name)) setDefault(rule, "scope", "*");
}

function defaultWebhooks(object: Fields, isMutating: boolean): void {
  for (const webhook of itemsOf(object, "webhooks")) {
    setDefault(webhook, "failurePolicy", "Fail");
    setDefault(webhook, "matchPolicy", "Equivalent");
    setDefault(webhook, "namespaceSelector", {});
    setDefault(webhook, "objectSelector", {});
    setDefault(webhook, "timeoutSeconds", 10);
    if (isMutating) setDefault(webhook, "reinvocationPolicy", "Never");
    defaultRules(webhook, "rules");
    const service = childOf(childOf(webhook, "clientConfig"), "service");
    if (service !== undefined) setDefault(service, "port", 443);
  }
}

function defaultMatchResources(match: Fields | undefined): void {
  if (match === undefined) return;
  setDefault(match, "matchPolicy", "Equivalent");
  setDefault(match, "namespaceSelector", {});
  setDefault(match, "objectSelector", {});
  defaultRules(match, "resourceRules");
  defaultRules(match, "excludeResourceRules");
}

function defaultAdmissionPolicy(object: Fields): void {
  const spec = childOf(object, "spec");
  if (spec === undefined) return;
  setDefault(spec, "failurePolicy", "Fail");
  defaultMatchResources(childOf(spec, "matchConstraints"));
}

function defaultAdmissionBinding(object: Fields): void {
  defaultMatchResources(childOf(childOf(object, "spec"), "matchResources"));
}

export const admissionDefaults: DefaultsByKind = {
  MutatingWebhookConfiguration(object) {
    defaultWebhooks(object, true);
  },
  ValidatingWebhookConfiguration(object) {
    defaultWebhooks(object, false);
  },
  ValidatingAdmissionPolicy: defaultAdmissionPolicy,
  MutatingAdmissionPolicy: defaultAdmissionPolicy,
  ValidatingAdmissionPolicyBinding: defaultAdmissionBinding,
  MutatingAdmissionPolicyBinding: defaultAdmissionBinding,
};

export const storageDefaults: DefaultsByKind = {
  StorageClass(object) {
    setDefault(object, "reclaimPolicy", "Delete");
    setDefault(object, "volumeBindingMode", "Immediate");
  },
  CSIDriver(object) {
    const spec = ensureChild(object, "spec");
    setDefault(spec, "attachRequired", true);
    setDefault(spec, "podInfoOnMount", false);
    setDefault(spec, "storageCapacity", false);
    setDefault(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    if (listOf(spec, "volumeLifecycleModes").length === 0) spec["volumeLifecycleModes"] = ["Persistent"];
    setDefault(spec, "requiresRepublish", false);
    setDefault(spec, "seLinuxMount", false);
  },
};

export const schedulingDefaults: DefaultsByKind = {
  PriorityClass(object) {
    setDefault(object, "preemptionPolicy", "PreemptLowerPriority");
  },
};

export const discoveryDefaults: DefaultsByKind = {
  EndpointSlice(object) {
    for (const port of itemsOf(object, "ports")) {
      setDefault(port, "name", "");
      setDefault(port, "protocol", "TCP");
    }
  },
};

export const flowcontrolDefaults: DefaultsByKind = {
  FlowSchema(object) {
    const spec = childOf(object, "spec");
    if (spec !== undefined) setDefault(spec, "matchingPrecedence", 1000);
  },
  PriorityLevelConfiguration(object) {
    const spec = childOf(object, "spec");
    const exempt = childOf(spec, "exempt");
    if (exempt !== undefined) {
      setDefault(exempt, "nominalConcurrencyShares", 0);
      setDefault(exempt, "lendablePercent", 0);
    }
    const limited = childOf(spec, "limited");
    if (limited === undefined) return;
    setDefault(limited, "nominalConcurrencyShares", 30);
    setDefault(limited, "lendablePercent", 0);
    const queuing = childOf(childOf(limited, "limitResponse"), "queuing");
    if (queuing === undefined) return;
    setDefault(queuing, "handSize", 8);
    setDefault(queuing, "queues", 64);
    setDefault(queuing, "queueLengthLimit", 50);
  },
};

function defaultDeviceRequest(request: Fields): void {
  setDefaultText(request, "allocationMode", "ExactCount");
  if (request["allocationMode"] === "ExactCount") setDefault(request, "count", 1);
}

function defaultClaimDevices(spec: Fields | undefined): void {
  for (const request of itemsOf(childOf(spec, "devices"), "requests")) {
    const exactly = childOf(request, "exactly");
    if (exactly !== undefined) defaultDeviceRequest(exactly);
    for (const alternative of itemsOf(request, "firstAvailable")) defaultDeviceRequest(alternative);
  }
}

export const resourceDefaults: DefaultsByKind = {
  ResourceClaim(object) {
    defaultClaimDevices(childOf(object, "spec"));
  },
  ResourceClaimTemplate(object) {
    defaultClaimDevices(childOf(childOf(object, "spec"), "spec"));
  },
};

export const apiregistrationDefaults: DefaultsByKind = {
  APIService(object) {
    const service = childOf(childOf(object, "spec"), "service");
    if (service !== undefined) setDefault(service, "port", 443);
  },
};
