// What `fieldSelector` may ask of each built-in kind beside metadata.name and metadata.namespace.
// Upstream: the GetAttrs functions under k8s.io/kubernetes/pkg/registry and pkg/apis/<group>/v1/conversion.go.
import { fieldOf, isArray } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Strategy } from "../resource.ts";

type Selectable = Strategy["selectableFields"];

/** Paths that say where the value is; a path on the right where the label is an alias. */
const pathsByKind: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/Pod": {
    "spec.nodeName": "spec.nodeName",
    "spec.host": "spec.nodeName",
    "spec.restartPolicy": "spec.restartPolicy",
    "spec.schedulerName": "spec.schedulerName",
    "spec.serviceAccountName": "spec.serviceAccountName",
    "spec.hostNetwork": "spec.hostNetwork",
    "status.phase": "status.phase",
    "status.podIP": "status.podIP",
    "status.podIPs": "status.podIPs",
    "status.nominatedNodeName": "status.nominatedNodeName",
  },
  "/Node": { "spec.unschedulable": "spec.unschedulable" },
  "/Namespace": { "status.phase": "status.phase", name: "metadata.name" },
  "/Secret": { type: "type" },
  "/Service": { "spec.clusterIP": "spec.clusterIP", "spec.type": "spec.type" },
  "/ReplicationController": { "status.replicas": "status.replicas" },
  "apps/ReplicaSet": { "status.replicas": "status.replicas" },
  "batch/Job": { "status.successful": "status.succeeded" },
  "/Event": {
    ...prefixed("involvedObject", "involvedObject"),
    reason: "reason",
    reportingComponent: "reportingComponent",
    source: "source.component",
    type: "type",
  },
  "events.k8s.io/Event": {
    ...prefixed("regarding", "regarding"),
    reason: "reason",
    reportingController: "reportingController",
    type: "type",
  },
  "certificates.k8s.io/CertificateSigningRequest": { "spec.signerName": "spec.signerName" },
  "resource.k8s.io/ResourceSlice": { "spec.nodeName": "spec.nodeName", "spec.driver": "spec.driver" },
};

/** Labels whose empty value is written out: Go prints false and 0. */
const zeroTexts: Readonly<Record<string, string>> = {
  "spec.unschedulable": "false",
  "spec.hostNetwork": "false",
  "status.replicas": "0",
  "status.succeeded": "0",
};

/** The selectable fields of a kind. */
export function selectableFields(kind: { readonly group: string; readonly kind: string }): Selectable {
  const key = `${kind.group}/${kind.kind}`;
  const paths = pathsByKind[key] ?? {};
  const fields: Record<string, (object: KubeObject) => string> = {};
  for (const [label, path] of Object.entries(paths)) {
    const names = path.split(".");
    const zero = zeroTexts[path] ?? "";
    fields[label] = path === "status.podIPs" ? podIps : (object) => textOfValue(fieldOf(object, ...names), zero);
  }
  if (key === "/Event") fields["source"] = eventSource;
  return fields;
}

function prefixed(label: string, path: string): Record<string, string> {
  const names = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
  return Object.fromEntries(names.map((name) => [`${label}.${name}`, `${path}.${name}`]));
}

function podIps(object: KubeObject): string {
  const ips = fieldOf(object, "status", "podIPs");
  return isArray(ips) ? ips.map((ip) => textOfValue(fieldOf(ip, "ip"), "")).join(",") : "";
}

function eventSource(object: KubeObject): string {
  const component = textOfValue(fieldOf(object, "source", "component"), "");
  return component === "" ? textOfValue(object["reportingComponent"], "") : component;
}

function textOfValue(value: unknown, zero: string): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : zero;
}
