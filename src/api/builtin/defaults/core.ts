// Defaults of the core group. Upstream: k8s.io/kubernetes/pkg/apis/core/v1/{defaults,conversion}.go.
import {
  childOf,
  ensureChild,
  type Fields,
  itemsOf,
  listOf,
  setDefault,
  setDefaultText,
  textMapOf,
  textOf,
  type Defaults,
} from "../access.ts";
import { defaultClaim } from "./claims.ts";
import { defaultPod, defaultPodTemplate, defaultVolumeSource } from "./pod-spec.ts";

const clientIpSecondsDefault = 10_800;

export const coreDefaults: Readonly<Record<string, Defaults>> = {
  Pod: defaultPod,
  PodTemplate(object) {
    defaultPodTemplate(childOf(object, "template"));
  },
  PersistentVolumeClaim: defaultClaim,
  PersistentVolume: defaultVolume,
  ReplicationController: defaultReplicationController,
  Service: defaultService,
  Secret: defaultSecret,
  Namespace: defaultNamespace,
  Node: defaultNode,
  LimitRange: defaultLimitRange,
  Endpoints(object) {
    for (const subset of itemsOf(object, "subsets")) {
      for (const port of itemsOf(subset, "ports")) setDefaultText(port, "protocol", "TCP");
    }
  },
};

function defaultVolume(object: Fields): void {
  setDefaultText(ensureChild(object, "status"), "phase", "Pending");
  const spec = childOf(object, "spec");
  if (spec === undefined) return;
  setDefaultText(spec, "persistentVolumeReclaimPolicy", "Retain");
  setDefault(spec, "volumeMode", "Filesystem");
  defaultVolumeSource(spec);
}

/** The template's labels stand in for a missing selector and missing labels. */
function defaultReplicationController(object: Fields): void {
  const spec = childOf(object, "spec");
  const template = childOf(spec, "template");
  if (spec === undefined || template === undefined) return;
  defaultPodTemplate(template);
  const labels = textMapOf(childOf(template, "metadata"), "labels");
  if (Object.keys(labels).length === 0) return;
  setDefault(spec, "selector", { ...labels });
  setDefault(ensureChild(object, "metadata"), "labels", { ...labels });
}

function defaultService(object: Fields): void {
  const spec = childOf(object, "spec");
  if (spec === undefined) return;
  setDefaultText(spec, "sessionAffinity", "None");
  if (spec["sessionAffinity"] === "None") delete spec["sessionAffinityConfig"];
  if (spec["sessionAffinity"] === "ClientIP") {
    const clientIp = ensureChild(ensureChild(spec, "sessionAffinityConfig"), "clientIP");
    setDefault(clientIp, "timeoutSeconds", clientIpSecondsDefault);
  }
  setDefaultText(spec, "type", "ClusterIP");
  for (const port of itemsOf(spec, "ports")) {
    const target = port["targetPort"];
    if (target === undefined || target === 0 || target === "") port["targetPort"] = port["port"];
  }
  const type = textOf(spec, "type");
  const isBalanced = type === "LoadBalancer";
  const isOutward =
    isBalanced || type === "NodePort" || (type === "ClusterIP" && listOf(spec, "externalIPs").length > 0);
  if (isOutward) setDefaultText(spec, "externalTrafficPolicy", "Cluster");
  if (type !== "ExternalName") setDefault(spec, "internalTrafficPolicy", "Cluster");
  if (isBalanced) {
    setDefault(spec, "allocateLoadBalancerNodePorts", true);
    for (const ingress of itemsOf(childOf(childOf(object, "status"), "loadBalancer"), "ingress")) {
      if (textOf(ingress, "ip") !== "") setDefault(ingress, "ipMode", "VIP");
    }
  }
}

/** stringData is write-only: it becomes data. */
function defaultSecret(object: Fields): void {
  setDefaultText(object, "type", "Opaque");
  const texts = textMapOf(object, "stringData");
  delete object["stringData"];
  if (Object.keys(texts).length === 0) return;
  const data = ensureChild(object, "data");
  for (const [key, text] of Object.entries(texts)) data[key] = Buffer.from(text).toString("base64");
}

function defaultNamespace(object: Fields): void {
  setDefaultText(ensureChild(object, "status"), "phase", "Active");
  const metadata = ensureChild(object, "metadata");
  const name = textOf(metadata, "name");
  if (name !== "") ensureChild(metadata, "labels")["kubernetes.io/metadata.name"] = name;
}

function defaultNode(object: Fields): void {
  const status = childOf(object, "status");
  const capacity = childOf(status, "capacity");
  if (status !== undefined && capacity !== undefined) setDefault(status, "allocatable", { ...capacity });
}

function defaultLimitRange(object: Fields): void {
  for (const item of itemsOf(childOf(object, "spec"), "limits")) {
    if (textOf(item, "type") !== "Container") continue;
    fillFrom(item, "default", "max");
    fillFrom(item, "defaultRequest", "default");
    fillFrom(item, "defaultRequest", "min");
  }
}

/** Adds to the resources at `target` those at `source` that it lacks. */
function fillFrom(item: Fields, target: string, source: string): void {
  const given = childOf(item, source);
  if (given === undefined) return;
  const filled = ensureChild(item, target);
  for (const [name, quantity] of Object.entries(given)) setDefault(filled, name, quantity);
}
