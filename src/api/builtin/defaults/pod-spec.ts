// Defaults of pod specs, in pods and in the templates of workloads.
// Upstream: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go.
import { formatQuantity, parseQuantity, quantityMilliValue, quantityOfMilli } from "#machinery/quantity.ts";
import {
  type Fields,
  childOf,
  descendantOf,
  ensureChild,
  itemsOf,
  setDefault,
  setDefaultText,
  textOf,
} from "../access.ts";
import { defaultClaimSpec } from "./claims.ts";

const defaultFileMode = 0o644;
const tokenSecondsDefault = 3600;

/** Fills in the pod spec of a template: `holder` has a `spec`. */
export function defaultPodTemplate(holder: Fields | undefined): void {
  const spec = childOf(holder, "spec");
  if (spec !== undefined) defaultPodSpec(spec);
}

/** What pods and templates have in common. */
function defaultPodSpec(spec: Fields): void {
  setDefaultText(spec, "dnsPolicy", "ClusterFirst");
  setDefaultText(spec, "restartPolicy", "Always");
  setDefault(spec, "securityContext", {});
  setDefault(spec, "terminationGracePeriodSeconds", 30);
  setDefaultText(spec, "schedulerName", "default-scheduler");
  mirrorServiceAccount(spec);
  for (const container of containersOf(spec)) defaultContainer(container);
  for (const volume of itemsOf(spec, "volumes")) defaultVolume(volume);
}

/** What only pods have, not templates. */
export function defaultPod(pod: Fields): void {
  const spec = childOf(pod, "spec");
  if (spec === undefined) return;
  defaultPodSpec(spec);
  setDefault(spec, "enableServiceLinks", true);
  for (const container of [...itemsOf(spec, "containers"), ...itemsOf(spec, "initContainers")]) {
    requestWhatIsLimited(container);
    if (spec["hostNetwork"] === true) {
      for (const port of itemsOf(container, "ports")) setDefault(port, "hostPort", port["containerPort"]);
    }
  }
}

/** All containers of a pod spec: init, ordinary, ephemeral. */
function containersOf(spec: Readonly<Fields>): readonly Fields[] {
  return [...itemsOf(spec, "initContainers"), ...itemsOf(spec, "containers"), ...itemsOf(spec, "ephemeralContainers")];
}

/** Always for images that move: no tag and no digest, or the tag `latest`. */
function pullPolicyOf(image: string): "Always" | "IfNotPresent" {
  const [name = "", digest] = image.split("@");
  const tag = /:([^:/]*)$/.exec(name)?.[1] ?? "";
  return tag === "latest" || (tag === "" && digest === undefined) ? "Always" : "IfNotPresent";
}

function mirrorServiceAccount(spec: Fields): void {
  const name = textOf(spec, "serviceAccountName") || textOf(spec, "serviceAccount");
  if (name === "") return;
  spec["serviceAccountName"] = name;
  spec["serviceAccount"] = name;
}

function defaultContainer(container: Fields): void {
  setDefaultText(container, "imagePullPolicy", pullPolicyOf(textOf(container, "image")));
  setDefaultText(container, "terminationMessagePath", "/dev/termination-log");
  setDefaultText(container, "terminationMessagePolicy", "File");
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = childOf(container, name);
    if (probe !== undefined) defaultProbe(probe);
  }
  for (const name of ["postStart", "preStop"]) {
    const get = descendantOf(container, "lifecycle", name, "httpGet");
    if (get !== undefined) defaultHttpGet(get);
  }
  for (const name of ["limits", "requests"]) roundUpToMilli(descendantOf(container, "resources", name));
  for (const variable of itemsOf(container, "env")) {
    defaultFieldRef(descendantOf(variable, "valueFrom", "fieldRef"));
  }
}

/** Finer amounts than a thousandth are not kept. Canonical amounts that fine end in `u` or `n`. */
function roundUpToMilli(amounts: Fields | undefined): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    if (amounts === undefined || typeof amount !== "string" || !/[un]$/.test(amount)) continue;
    amounts[name] = formatQuantity(quantityOfMilli(quantityMilliValue(parseQuantity(amount))));
  }
}

function defaultProbe(probe: Fields): void {
  setDefault(probe, "timeoutSeconds", 1);
  setDefault(probe, "periodSeconds", 10);
  setDefault(probe, "successThreshold", 1);
  setDefault(probe, "failureThreshold", 3);
  const get = childOf(probe, "httpGet");
  if (get !== undefined) defaultHttpGet(get);
  const grpc = childOf(probe, "grpc");
  if (grpc !== undefined) setDefault(grpc, "service", "");
}

function defaultHttpGet(get: Fields): void {
  setDefaultText(get, "path", "/");
  setDefaultText(get, "scheme", "HTTP");
}

function defaultFieldRef(reference: Fields | undefined): void {
  if (reference !== undefined) setDefaultText(reference, "apiVersion", "v1");
}

/** A limit without a request is the request. */
function requestWhatIsLimited(container: Fields): void {
  const resources = childOf(container, "resources");
  const limits = childOf(resources, "limits");
  if (resources === undefined || limits === undefined) return;
  const requests = ensureChild(resources, "requests");
  for (const [name, limit] of Object.entries(limits)) setDefault(requests, name, limit);
}

type VolumeDefaults = (source: Fields) => void;

const withMode: VolumeDefaults = (source) => {
  setDefault(source, "defaultMode", defaultFileMode);
};

const downwardItems: VolumeDefaults = (source) => {
  for (const item of itemsOf(source, "items")) defaultFieldRef(childOf(item, "fieldRef"));
};

/** By the name of the source. */
const volumeDefaults: Readonly<Record<string, VolumeDefaults>> = {
  secret: withMode,
  configMap: withMode,
  downwardAPI(source) {
    withMode(source);
    downwardItems(source);
  },
  projected(source) {
    withMode(source);
    for (const projection of itemsOf(source, "sources")) {
      const token = childOf(projection, "serviceAccountToken");
      if (token !== undefined) setDefault(token, "expirationSeconds", tokenSecondsDefault);
      const downward = childOf(projection, "downwardAPI");
      if (downward !== undefined) downwardItems(downward);
    }
  },
  ephemeral(source) {
    const spec = descendantOf(source, "volumeClaimTemplate", "spec");
    if (spec !== undefined) defaultClaimSpec(spec);
  },
  image(source) {
    setDefaultText(source, "pullPolicy", pullPolicyOf(textOf(source, "reference")));
  },
};

function defaultVolume(volume: Fields): void {
  if (Object.keys(volume).every((key) => key === "name")) volume["emptyDir"] = {};
  defaultVolumeSource(volume);
}

/** Defaults of whichever source `holder` has: a volume of a pod, or the spec of a PersistentVolume. */
export function defaultVolumeSource(holder: Fields): void {
  for (const [name, fill] of Object.entries({ ...volumeDefaults, ...legacyVolumeDefaults })) {
    const source = childOf(holder, name);
    if (source !== undefined) fill(source);
  }
}

/** Sources that also stand in PersistentVolumes. */
const legacyVolumeDefaults: Readonly<Record<string, VolumeDefaults>> = {
  hostPath(source) {
    setDefault(source, "type", "");
  },
  iscsi(source) {
    setDefaultText(source, "iscsiInterface", "default");
  },
  rbd(source) {
    setDefaultText(source, "pool", "rbd");
    setDefaultText(source, "user", "admin");
    setDefaultText(source, "keyring", "/etc/ceph/keyring");
  },
  azureDisk(source) {
    setDefault(source, "cachingMode", "ReadWrite");
    setDefault(source, "kind", "Shared");
    setDefault(source, "fsType", "ext4");
    setDefault(source, "readOnly", false);
  },
  scaleIO(source) {
    setDefaultText(source, "storageMode", "ThinProvisioned");
    setDefaultText(source, "fsType", "xfs");
  },
};
