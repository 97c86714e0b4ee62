// Checks of Services. Addresses are given by an allocator; what it gave stays.
// Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { deepEqual } from "#machinery/equality.ts";
import { duplicate, type FieldError, forbidden, invalid, required } from "#machinery/field-error.ts";
import { dns1123LabelErrors, dns1123SubdomainErrors, validateLabels } from "#machinery/names.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, numberOf, textMapOf, textOf, textsOf } from "../access.ts";
import { neededOneOf, oneOf, portNumber, unchanged } from "./checks.ts";
import type { KindChecks } from "./kind-checks.ts";

const types: readonly string[] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

export const serviceChecks: KindChecks = {
  validate: (object) => serviceErrors(childOf(object, "spec") ?? {}),
  validateUpdate: serviceUpdateErrors,
};

function serviceErrors(spec: Fields): FieldError[] {
  const type = textOf(spec, "type");
  return [
    ...neededOneOf(spec, "type", "spec", types),
    ...neededOneOf(spec, "sessionAffinity", "spec", ["ClientIP", "None"]),
    ...validateLabels(textMapOf(spec, "selector"), "spec.selector"),
    ...portsErrors(spec, type),
    ...addressErrors(spec, type),
    ...(type === "ExternalName" ? externalNameErrors(spec) : []),
    ...oneOf(spec, "externalTrafficPolicy", "spec", ["Cluster", "Local"]),
    ...oneOf(spec, "internalTrafficPolicy", "spec", ["Cluster", "Local"]),
    ...affinityErrors(spec),
    ...balancerErrors(spec, type),
  ];
}

function portsErrors(spec: Fields, type: string): FieldError[] {
  const ports = itemsOf(spec, "ports");
  const isHeadless = textOf(spec, "clusterIP") === "None";
  if (ports.length === 0) return isHeadless || type === "ExternalName" ? [] : [required("spec.ports")];
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${String(index)}]`;
    const errors: FieldError[] = [];
    const name = textOf(port, "name");
    if (name === "") {
      if (ports.length > 1) errors.push(required(`${at}.name`));
    } else {
      errors.push(...dns1123LabelErrors(name).map((text) => invalid(`${at}.name`, name, text)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    errors.push(...portNumber(numberOf(port, "port") ?? 0, `${at}.port`));
    errors.push(...neededOneOf(port, "protocol", at, ["SCTP", "TCP", "UDP"]));
    const target = port["targetPort"];
    if (typeof target === "number") errors.push(...portNumber(target, `${at}.targetPort`));
    errors.push(...repeated(port, "port", numbers, at), ...nodePortErrors(port, type, nodePorts, at));
    return errors;
  });
}

function repeated(port: Fields, name: "port" | "nodePort", seen: Set<string>, at: string): FieldError[] {
  const key = `${textOf(port, "protocol")}/${String(numberOf(port, name) ?? 0)}`;
  const isRepeated = seen.has(key);
  seen.add(key);
  if (!isRepeated) return [];
  return name === "port"
    ? [duplicate(at, { protocol: port["protocol"], port: port["port"] })]
    : [duplicate(`${at}.nodePort`, port["nodePort"])];
}

function nodePortErrors(port: Fields, type: string, seen: Set<string>, at: string): FieldError[] {
  const number = numberOf(port, "nodePort") ?? 0;
  if (number === 0) return [];
  if (type === "ClusterIP" || type === "ExternalName") {
    return [forbidden(`${at}.nodePort`, `may not be used when \`type\` is '${type}'`)];
  }
  return repeated(port, "nodePort", seen, at);
}

function addressErrors(spec: Fields, type: string): FieldError[] {
  const addresses = textsOf(spec, "clusterIPs");
  const address = textOf(spec, "clusterIP");
  if (type === "ExternalName") {
    if (address === "" && addresses.length === 0) return [];
    return [forbidden("spec.clusterIPs", "may not be set for ExternalName services")];
  }
  const isHeadless = address === "None" || addresses[0] === "None";
  if (isHeadless && (type === "NodePort" || type === "LoadBalancer")) {
    return [invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`)];
  }
  if (addresses.length > 0 && address !== "" && addresses[0] !== address) {
    return [invalid("spec.clusterIPs", addresses, "first value must match `clusterIP`")];
  }
  return [];
}

function externalNameErrors(spec: Fields): FieldError[] {
  const name = textOf(spec, "externalName").replace(/\.$/, "");
  if (name === "") return [required("spec.externalName")];
  return dns1123SubdomainErrors(name).map((text) => invalid("spec.externalName", name, text));
}

function affinityErrors(spec: Fields): FieldError[] {
  const config = childOf(spec, "sessionAffinityConfig");
  if (config === undefined) return [];
  if (textOf(spec, "sessionAffinity") === "None") {
    return [forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")];
  }
  const seconds = numberOf(childOf(config, "clientIP"), "timeoutSeconds");
  if (seconds !== undefined && seconds > 0 && seconds <= 86_400) return [];
  const field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  return [invalid(field, seconds, "must be greater than 0 and less than 86400")];
}

function balancerErrors(spec: Fields, type: string): FieldError[] {
  const errors: FieldError[] = [];
  if (type === "LoadBalancer") return errors;
  if (spec["loadBalancerClass"] !== undefined) {
    errors.push(forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"));
  }
  if (spec["allocateLoadBalancerNodePorts"] !== undefined) {
    errors.push(forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"));
  }
  return errors;
}

function serviceUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const before = childOf(old, "spec") ?? {};
  const wasAddressed = textOf(before, "type") !== "ExternalName" && textOf(spec, "type") !== "ExternalName";
  const errors: FieldError[] = [];
  if (wasAddressed) errors.push(...addressChangeErrors(spec, before));
  const [type, oldType] = [textOf(spec, "type"), textOf(before, "type")];
  if (type === "LoadBalancer" && oldType === "LoadBalancer") {
    if (!deepEqual(spec["loadBalancerClass"], before["loadBalancerClass"])) {
      errors.push(invalid("spec.loadBalancerClass", spec["loadBalancerClass"], "may not change once set"));
    }
    if (numberOf(before, "healthCheckNodePort") !== undefined) {
      errors.push(...unchanged(spec["healthCheckNodePort"], before["healthCheckNodePort"], "spec.healthCheckNodePort"));
    }
  }
  return errors;
}

/** The first address stays once it is there; leaving it out keeps it. */
function addressChangeErrors(spec: Fields, before: Fields): FieldError[] {
  const [first = textOf(spec, "clusterIP")] = textsOf(spec, "clusterIPs");
  const [oldFirst = textOf(before, "clusterIP")] = textsOf(before, "clusterIPs");
  if (oldFirst === "" || first === "" || first === oldFirst) return [];
  return [invalid("spec.clusterIPs[0]", [first], "may not change once set")];
}
