// Checks of the core group. Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { duplicate, type FieldError, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1123LabelErrors, qualifiedNameErrors } from "#machinery/names.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, textMapOf, textOf, textsOf } from "../access.ts";
import {
  compareAmounts,
  neededName,
  neededOneOf,
  nonNegative,
  portNumber,
  quantitiesNotNegative,
  unchanged,
} from "./checks.ts";
import type { ChecksByKind } from "./kind-checks.ts";
import { podTemplateErrors } from "./pod-spec.ts";
import { configMapChecks, secretChecks } from "./content.ts";
import { podChecks } from "./pod.ts";
import { serviceChecks } from "./service.ts";
import { volumeClaimChecks, volumeChecks } from "./storage-volumes.ts";

export const coreChecks: ChecksByKind = {
  Pod: podChecks,
  Service: serviceChecks,
  Secret: secretChecks,
  PersistentVolume: volumeChecks,
  PersistentVolumeClaim: volumeClaimChecks,
  ConfigMap: configMapChecks,
  PodTemplate: { validate: (object) => podTemplateErrors(childOf(object, "template"), undefined, "template") },
  ReplicationController: { validate: controllerErrors },
  Namespace: { validate: namespaceErrors },
  Node: { validate: nodeErrors },
  LimitRange: { validate: limitRangeErrors },
  ResourceQuota: {
    validate: (object) => quotaErrors(childOf(object, "spec") ?? {}),
    validateUpdate: (object, old) =>
      unchanged(childOf(object, "spec")?.["scopes"], childOf(old, "spec")?.["scopes"], "spec.scopes"),
  },
  Endpoints: { validate: endpointsErrors },
  Event: { validate: eventErrors },
  ServiceAccount: {},
};

function controllerErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const selector = textMapOf(spec, "selector");
  const rules = { restartPolicies: ["Always"], noDeadlineIn: "ReplicationController" };
  return [
    ...(Object.keys(selector).length === 0 ? [required("spec.selector")] : []),
    ...nonNegative(spec, "replicas", "spec"),
    ...nonNegative(spec, "minReadySeconds", "spec"),
    ...podTemplateErrors(childOf(spec, "template"), { matchLabels: selector }, "spec.template", rules),
  ];
}

function namespaceErrors(object: KubeObject): FieldError[] {
  return textsOf(childOf(object, "spec"), "finalizers").flatMap((finalizer, index) => {
    const field = `spec.finalizers[${String(index)}]`;
    const wrong = qualifiedNameErrors(finalizer).map((text) => invalid(field, finalizer, text));
    if (wrong.length > 0 || finalizer.includes("/") || finalizer === "kubernetes") return wrong;
    return [invalid(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified")];
  });
}

const taintEffects: readonly string[] = ["NoExecute", "NoSchedule", "PreferNoSchedule"];

function nodeErrors(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return itemsOf(childOf(object, "spec"), "taints").flatMap((taint, index) => {
    const at = `spec.taints[${String(index)}]`;
    const errors = [
      ...neededName(taint, "key", at, qualifiedNameErrors),
      ...neededOneOf(taint, "effect", at, taintEffects),
    ];
    const key = `${textOf(taint, "key")}/${textOf(taint, "effect")}`;
    if (seen.has(key)) errors.push(duplicate(at, taint));
    seen.add(key);
    return errors;
  });
}

function limitRangeErrors(object: KubeObject): FieldError[] {
  const types = new Set<string>();
  return itemsOf(childOf(object, "spec"), "limits").flatMap((limit, index) => {
    const at = `spec.limits[${String(index)}]`;
    const type = textOf(limit, "type");
    const errors = type === "" ? [required(`${at}.type`)] : [];
    if (types.has(type)) errors.push(duplicate(`${at}.type`, type));
    types.add(type);
    return [...errors, ...amountOrderErrors(limit, at)];
  });
}

/** Each resource: min ≤ defaultRequest ≤ default ≤ max. */
const amountOrder: readonly (readonly [string, string, string])[] = [
  ["min", "max", "min value"],
  ["defaultRequest", "max", "default request value"],
  ["default", "max", "default value"],
];

function amountOrderErrors(limit: Fields, at: string): FieldError[] {
  return amountOrder.flatMap(([low, high, words]) => {
    const highs = childOf(limit, high) ?? {};
    return Object.entries(childOf(limit, low) ?? {}).flatMap(([resource, amount]) => {
      const most = Object.hasOwn(highs, resource) ? highs[resource] : undefined;
      if (most === undefined || compareAmounts(amount, most) <= 0) return [];
      const why = `${words} ${amountText(amount)} is greater than ${high} value ${amountText(most)}`;
      return [invalid(`${at}.${low}[${resource}]`, amount, why)];
    });
  });
}

function amountText(amount: unknown): string {
  return typeof amount === "string" || typeof amount === "number" ? String(amount) : "";
}

const quotaScopes: readonly string[] = [
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
  "VolumeAttributesClass",
];

function quotaErrors(spec: Fields): FieldError[] {
  return [
    ...quantitiesNotNegative(spec, "hard", "spec"),
    ...textsOf(spec, "scopes").flatMap((scope, index) =>
      quotaScopes.includes(scope) ? [] : [notSupported(`spec.scopes[${String(index)}]`, scope, quotaScopes)],
    ),
    ...scopeErrors(spec),
    ...itemsOf(childOf(spec, "scopeSelector"), "matchExpressions").flatMap(scopeSelectorErrors),
  ];
}

/** Scopes that leave nothing over, or have nothing to do with what is limited. */
function scopeErrors(spec: Fields): FieldError[] {
  const scopes = textsOf(spec, "scopes");
  const limited = Object.keys(childOf(spec, "hard") ?? {});
  const contradicts = oppositeScopes.some((pair) => pair.every((scope) => scopes.includes(scope)));
  return [
    ...scopes.flatMap((scope) =>
      limited
        .filter((name) => standardQuotaNames.has(name) && !isInScope(scope, name))
        .map(() => invalid("spec.scopes", scopes, "unsupported scope applied to resource")),
    ),
    ...(contradicts ? [invalid("spec.scopes", scopes, "conflicting scopes")] : []),
  ];
}

const oppositeScopes = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;
const computeQuotaNames: readonly string[] = [
  ...["cpu", "limits.cpu", "limits.memory"],
  ...["memory", "requests.cpu", "requests.memory"],
];
const standardQuotaNames: ReadonlySet<string> = new Set([
  ...computeQuotaNames,
  ...["configmaps", "persistentvolumeclaims", "pods", "replicationcontrollers", "requests.storage"],
  ...["resourcequotas", "secrets", "services", "services.loadbalancers", "services.nodeports"],
]);

function isInScope(scope: string, name: string): boolean {
  if (scope === "VolumeAttributesClass") return name === "persistentvolumeclaims" || name === "requests.storage";
  return name === "pods" || (scope !== "BestEffort" && computeQuotaNames.includes(name));
}

function scopeSelectorErrors(expression: Fields, index: number): FieldError[] {
  const at = `spec.scopeSelector.matchExpressions[${String(index)}]`;
  const [scope, operator] = [textOf(expression, "scopeName"), textOf(expression, "operator")];
  const values = textsOf(expression, "values");
  const isByName = scope === "PriorityClass" || scope === "VolumeAttributesClass";
  const wantsValues = operator === "In" || operator === "NotIn";
  return [
    ...(quotaScopes.includes(scope) ? [] : [notSupported(`${at}.scopeName`, scope, quotaScopes)]),
    ...(isByName || operator === "Exists"
      ? []
      : [invalid(`${at}.operator`, operator, `must be 'Exists' when scope is ${scope}`)]),
    ...(wantsValues && values.length === 0
      ? [required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
      : []),
    ...(!wantsValues && values.length > 0
      ? [
          invalid(
            `${at}.values`,
            values,
            "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector",
          ),
        ]
      : []),
  ];
}

function endpointsErrors(object: KubeObject): FieldError[] {
  return itemsOf(object, "subsets").flatMap((subset, index) => {
    const at = `subsets[${String(index)}]`;
    const ports = itemsOf(subset, "ports");
    const addresses = [...itemsOf(subset, "addresses"), ...itemsOf(subset, "notReadyAddresses")];
    return [
      ...(addresses.length === 0 ? [required(at, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...ports.flatMap((port, number) => endpointPortErrors(port, ports.length, `${at}.ports[${String(number)}]`)),
    ];
  });
}

function endpointPortErrors(port: Fields, count: number, at: string): FieldError[] {
  const name = textOf(port, "name");
  return [
    ...(name === "" && count > 1 ? [required(`${at}.name`)] : []),
    ...(name === "" ? [] : dns1123LabelErrors(name).map((text) => invalid(`${at}.name`, name, text))),
    ...portNumber(Number(port["port"] ?? 0), `${at}.port`),
    ...neededOneOf(port, "protocol", at, ["SCTP", "TCP", "UDP"]),
  ];
}

function eventErrors(object: KubeObject): FieldError[] {
  const { namespace = "" } = object.metadata;
  const about = textOf(childOf(object, "involvedObject"), "namespace");
  if (about === namespace || (about === "" && namespace === "default")) return [];
  // Cluster-scoped objects have their events in default or kube-system.
  if (about === "" && namespace === "kube-system") return [];
  return [invalid("involvedObject.namespace", about, "does not match event.namespace")];
}
