// Checks of the groups that configure the cluster: networking, rbac, autoscaling, policy, coordination, discovery, scheduling,
// storage. Upstream: k8s.io/kubernetes/pkg/apis/<group>/validation/validation.go.
import { semanticEqual } from "#machinery/equality.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1123SubdomainErrors, wildcardDns1123SubdomainErrors } from "#machinery/names.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, listOf, numberOf, textOf, textsOf } from "../access.ts";
import { needed, neededOneOf, nonNegative, oneOf, positiveIntOrPercent, selectorErrors, unchanged } from "./checks.ts";
import type { ChecksByKind } from "./kind-checks.ts";

export const networkingChecks: ChecksByKind = {
  Ingress: { validate: (object) => ingressErrors(childOf(object, "spec") ?? {}) },
  IngressClass: {
    validateUpdate: (object, old) =>
      unchanged(childOf(object, "spec")?.["controller"], childOf(old, "spec")?.["controller"], "spec.controller"),
  },
  NetworkPolicy: { validate: (object) => networkPolicyErrors(childOf(object, "spec") ?? {}) },
};

function ingressErrors(spec: Fields): FieldError[] {
  const rules = itemsOf(spec, "rules");
  const backend = childOf(spec, "defaultBackend");
  const errors = backend === undefined ? [] : backendErrors(backend, "spec.defaultBackend");
  if (rules.length === 0 && backend === undefined) {
    errors.push(invalid("spec", [], "either `defaultBackend` or `rules` must be specified"));
  }
  return [...errors, ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${String(index)}]`))];
}

function ruleErrors(rule: Fields, path: string): FieldError[] {
  const host = textOf(rule, "host");
  const check = host.includes("*") ? wildcardDns1123SubdomainErrors : dns1123SubdomainErrors;
  const errors = host === "" ? [] : check(host).map((text) => invalid(`${path}.host`, host, text));
  const http = childOf(rule, "http");
  if (http === undefined) return errors;
  const paths = itemsOf(http, "paths");
  if (paths.length === 0) errors.push(required(`${path}.http.paths`));
  return [...errors, ...paths.flatMap((each, index) => pathErrors(each, `${path}.http.paths[${String(index)}]`))];
}

const pathTypes: readonly string[] = ["Exact", "ImplementationSpecific", "Prefix"];

function pathErrors(path: Fields, at: string): FieldError[] {
  const type = textOf(path, "pathType");
  const text = textOf(path, "path");
  const errors = type === "" ? [required(`${at}.pathType`, "pathType must be specified")] : [];
  const isAbsolute = text.startsWith("/") || (text === "" && type === "ImplementationSpecific");
  if (type !== "" && !isAbsolute) errors.push(invalid(`${at}.path`, text, "must be an absolute path"));
  if (type !== "" && !pathTypes.includes(type)) errors.push(notSupported(`${at}.pathType`, type, pathTypes));
  return [...errors, ...backendErrors(childOf(path, "backend") ?? {}, `${at}.backend`)];
}

function backendErrors(backend: Fields, path: string): FieldError[] {
  const service = childOf(backend, "service");
  const resource = childOf(backend, "resource");
  if (service !== undefined && resource !== undefined) {
    return [invalid(path, "", "cannot set both resource and service backends")];
  }
  if (resource !== undefined) return [];
  if (service === undefined) return [required(path, "")];
  const port = childOf(service, "port") ?? {};
  const hasName = textOf(port, "name") !== "";
  const hasNumber = (numberOf(port, "number") ?? 0) !== 0;
  return [
    ...needed(service, "name", `${path}.service`),
    ...(hasName && hasNumber ? [invalid(path, "", "cannot set both port name & port number")] : []),
    ...(!hasName && !hasNumber ? [required(path, "port name or number is required")] : []),
  ];
}

function networkPolicyErrors(spec: Fields): FieldError[] {
  const errors = selectorErrors(childOf(spec, "podSelector"), "spec.podSelector");
  for (const [index, type] of listOf(spec, "policyTypes").entries()) {
    if (type !== "Ingress" && type !== "Egress") {
      errors.push(notSupported(`spec.policyTypes[${String(index)}]`, type, ["Egress", "Ingress"]));
    }
  }
  for (const [direction, side] of [
    ["ingress", "from"],
    ["egress", "to"],
  ] as const) {
    for (const [index, rule] of itemsOf(spec, direction).entries()) {
      for (const [number, peer] of itemsOf(rule, side).entries()) {
        const at = `spec.${direction}[${String(index)}].${side}[${String(number)}]`;
        const given = ["podSelector", "namespaceSelector", "ipBlock"].filter((name) => peer[name] !== undefined);
        if (given.length === 0) errors.push(required(at, "must specify a peer"));
        if (given.includes("ipBlock") && given.length > 1) {
          errors.push(forbidden(at, "may not specify both ipBlock and another peer"));
        }
      }
    }
  }
  return errors;
}

const rbacGroup = "rbac.authorization.k8s.io";

function roleErrors(isNamespaced: boolean): (object: KubeObject) => FieldError[] {
  return (object) =>
    itemsOf(object, "rules").flatMap((rule, index) => policyRuleErrors(rule, isNamespaced, `rules[${String(index)}]`));
}

function policyRuleErrors(rule: Fields, isNamespaced: boolean, path: string): FieldError[] {
  const urls = listOf(rule, "nonResourceURLs");
  const errors: FieldError[] = [];
  if (listOf(rule, "verbs").length === 0) {
    errors.push(required(`${path}.verbs`, "verbs must contain at least one value"));
  }
  if (urls.length > 0) {
    const field = `${path}.nonResourceURLs`;
    const alsoResources = ["apiGroups", "resources", "resourceNames"].some((name) => listOf(rule, name).length > 0);
    if (isNamespaced) errors.push(invalid(field, urls, "namespaced rules cannot apply to non-resource URLs"));
    if (alsoResources) {
      errors.push(invalid(field, urls, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return errors;
  }
  if (listOf(rule, "apiGroups").length === 0) {
    errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  }
  if (listOf(rule, "resources").length === 0) {
    errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  }
  return errors;
}

function bindingErrors(roleKinds: readonly string[]): (object: KubeObject) => FieldError[] {
  return (object) => {
    const role = childOf(object, "roleRef") ?? {};
    return [
      ...oneOf(role, "apiGroup", "roleRef", [rbacGroup]),
      ...neededOneOf(role, "kind", "roleRef", roleKinds),
      ...needed(role, "name", "roleRef"),
      ...itemsOf(object, "subjects").flatMap((subject, index) => subjectErrors(subject, `subjects[${String(index)}]`)),
    ];
  };
}

function subjectErrors(subject: Fields, path: string): FieldError[] {
  const errors = needed(subject, "name", path);
  const group = textOf(subject, "apiGroup");
  switch (textOf(subject, "kind")) {
    case "ServiceAccount":
      if (group !== "") errors.push(notSupported(`${path}.apiGroup`, group, [""]));
      return [...errors, ...needed(subject, "namespace", path)];
    case "User":
    case "Group":
      return group === rbacGroup ? errors : [...errors, notSupported(`${path}.apiGroup`, group, [rbacGroup])];
    default:
      return [...errors, notSupported(`${path}.kind`, subject["kind"] ?? "", ["ServiceAccount", "User", "Group"])];
  }
}

function roleRefChange(object: KubeObject, old: KubeObject): FieldError[] {
  if (semanticEqual(object["roleRef"], old["roleRef"])) return [];
  return [invalid("roleRef", object["roleRef"], "cannot change roleRef")];
}

export const rbacChecks: ChecksByKind = {
  Role: { validate: roleErrors(true) },
  ClusterRole: { validate: roleErrors(false) },
  RoleBinding: { validate: bindingErrors(["Role", "ClusterRole"]), validateUpdate: roleRefChange },
  ClusterRoleBinding: { validate: bindingErrors(["ClusterRole"]), validateUpdate: roleRefChange },
};

export const autoscalingChecks: ChecksByKind = {
  HorizontalPodAutoscaler: {
    validate(object) {
      const spec = childOf(object, "spec") ?? {};
      const min = numberOf(spec, "minReplicas");
      const max = numberOf(spec, "maxReplicas") ?? 0;
      const target = childOf(spec, "scaleTargetRef") ?? {};
      return [
        ...(min !== undefined && min < 1
          ? [invalid("spec.minReplicas", min, "must be greater than or equal to 1")]
          : []),
        ...(max < 1 ? [invalid("spec.maxReplicas", max, "must be greater than 0")] : []),
        ...(min !== undefined && max < min
          ? [invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`")]
          : []),
        ...needed(target, "kind", "spec.scaleTargetRef"),
        ...needed(target, "name", "spec.scaleTargetRef"),
      ];
    },
  },
};

export const policyChecks: ChecksByKind = {
  PodDisruptionBudget: {
    validate(object) {
      const spec = childOf(object, "spec") ?? {};
      const hasBoth = spec["minAvailable"] !== undefined && spec["maxUnavailable"] !== undefined;
      return [
        ...(hasBoth ? [invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")] : []),
        ...positiveIntOrPercent(spec, "minAvailable", "spec"),
        ...positiveIntOrPercent(spec, "maxUnavailable", "spec"),
        ...selectorErrors(childOf(spec, "selector"), "spec.selector"),
        ...oneOf(spec, "unhealthyPodEvictionPolicy", "spec", ["AlwaysAllow", "IfHealthyBudget"]),
      ];
    },
  },
};

export const coordinationChecks: ChecksByKind = {
  Lease: {
    validate(object) {
      const spec = childOf(object, "spec");
      const seconds = numberOf(spec, "leaseDurationSeconds");
      return [
        ...(seconds !== undefined && seconds <= 0
          ? [invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")]
          : []),
        ...nonNegative(spec, "leaseTransitions", "spec"),
      ];
    },
  },
};

const addressTypes: readonly string[] = ["FQDN", "IPv4", "IPv6"];

export const discoveryChecks: ChecksByKind = {
  EndpointSlice: {
    validate: (object) => [
      ...neededAddressType(object),
      ...itemsOf(object, "endpoints").flatMap((endpoint, index) =>
        textsOf(endpoint, "addresses").length === 0
          ? [required(`endpoints[${String(index)}].addresses`, "must contain at least 1 address")]
          : [],
      ),
    ],
    validateUpdate: (object, old) => unchanged(object["addressType"], old["addressType"], "addressType"),
  },
};

function neededAddressType(object: KubeObject): FieldError[] {
  const type = textOf(object, "addressType");
  if (type === "") return [required("addressType")];
  return addressTypes.includes(type) ? [] : [notSupported("addressType", type, addressTypes)];
}

export const schedulingChecks: ChecksByKind = {
  PriorityClass: {
    validateUpdate: (object, old) =>
      ["value", "preemptionPolicy"].flatMap((name) =>
        semanticEqual(object[name], old[name])
          ? []
          : [name === "value" ? forbidden("value", "may not be changed in an update.") : immutable(object, name)],
      ),
  },
};

function immutable(object: KubeObject, name: string): FieldError {
  return invalid(name, object[name], "field is immutable");
}

export const storageChecks: ChecksByKind = {
  StorageClass: {
    validate: (object) => [
      ...(textOf(object, "provisioner") === "" ? [required("provisioner")] : []),
      ...(textOf(object, "volumeBindingMode") === "" ? [required("volumeBindingMode")] : []),
    ],
    validateUpdate: (object, old) => [
      ...["parameters", "provisioner", "reclaimPolicy"].flatMap((name) =>
        semanticEqual(object[name], old[name]) ? [] : [forbidden(name, `updates to ${name} are forbidden.`)],
      ),
      ...unchanged(object["volumeBindingMode"], old["volumeBindingMode"], "volumeBindingMode"),
    ],
  },
};
