// Defaults and checks of Cluster. Upstream has them in its aggregated API server (karmada pkg/registry/cluster/strategy.go,
// pkg/apis/cluster/{mutation,validation}), so what is wrong is answered with 422 Invalid.
import type { Cluster, ClusterSpec } from "../cluster/cluster.ts";
import type { Taint } from "../meta-types.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { duplicate, type FieldError, invalid, notSupported, required } from "#machinery/field-error.ts";
import { isArray } from "#machinery/guards.ts";
import { dns1123LabelErrors, labelValueErrors, qualifiedNameErrors } from "#machinery/names.ts";
import { formatTime } from "#std/time.ts";
import { mapAt, mapsIn, textOf } from "./edit.ts";
import { defaultResourceModels, standardizeModels, validateModels } from "./resource-models.ts";

/** The execution namespace is named after the cluster, with a prefix; both must fit a label. */
const clusterNameLengthMax = 48;

/** Fills in what the user may leave out. `now` in milliseconds. */
export function fillCluster(object: MutableObject, { isNew, now }: { isNew: boolean; now: number }): void {
  const spec = mapAt(object, "spec");
  if (spec === undefined) return;
  const models = spec["resourceModels"] ?? [];
  if (isArray(models) && models.length > 0) spec["resourceModels"] = standardizeModels(models);
  else if (isNew) spec["resourceModels"] = defaultResourceModels();
  const zones = spec["zones"] ?? [];
  if (textOf(spec, "zone") !== "" && isArray(zones) && zones.length === 0) {
    spec["zones"] = [spec["zone"]];
    delete spec["zone"];
  }
  for (const taint of mapsIn(spec, "taints")) {
    if (taint["effect"] === "NoExecute") taint["timeAdded"] ??= formatTime(now);
  }
}

export function validateCluster(cluster: Cluster): FieldError[] {
  const { spec, metadata } = cluster;
  return [
    ...clusterNameErrors(metadata.name).map((text) => invalid("metadata.name", metadata.name, text)),
    ...validateAddresses(spec),
    ...validatePlace(spec),
    ...validateTaints(spec.taints ?? []),
    ...validateModels(spec.resourceModels ?? [], "spec.resourceModels"),
  ];
}

/** Why this cannot be the name of a cluster. */
export function clusterNameErrors(name: string): string[] {
  if (name === "") return ["must be not empty"];
  if (name.length > clusterNameLengthMax) return [`must be no more than ${clusterNameLengthMax} characters`];
  return dns1123LabelErrors(name);
}

function validateAddresses({
  apiEndpoint = "",
  proxyURL = "",
  secretRef,
  impersonatorSecretRef,
}: ClusterSpec): FieldError[] {
  const errors = apiEndpoint === "" ? [] : validateEndpoint(apiEndpoint, "spec.apiEndpoint");
  for (const [name, reference] of [
    ["secretRef", secretRef],
    ["impersonatorSecretRef", impersonatorSecretRef],
  ] as const) {
    if (reference?.namespace === "") errors.push(required(`spec.${name}.namespace`));
    if (reference?.name === "") errors.push(required(`spec.${name}.name`));
  }
  return proxyURL === "" ? errors : [...errors, ...validateProxy(proxyURL, "spec.proxyURL")];
}

function validateEndpoint(text: string, path: string): FieldError[] {
  const form = "; desired format: hostname, hostname:port, IP or IP:port";
  const url = URL.parse(text);
  if (url === null) return [invalid(path, text, `apiEndpoint must be a valid URL${form}`)];
  const errors: FieldError[] = [];
  if (url.host === "") errors.push(invalid(path, url.host, `host must be provided${form}`));
  if (url.username !== "" || url.password !== "") {
    errors.push(invalid(path, url.username, "user information is not permitted in the URL"));
  }
  if (url.hash !== "") errors.push(invalid(path, url.hash.slice(1), "fragments are not permitted in the URL"));
  if (url.search !== "") {
    errors.push(invalid(path, url.search.slice(1), "query parameters are not permitted in the URL"));
  }
  return errors;
}

function validateProxy(text: string, path: string): FieldError[] {
  const url = URL.parse(text);
  if (url === null) return [invalid(path, text, "proxyURL must be a valid URL")];
  const scheme = url.protocol.replace(/:$/, "");
  if (["http", "https", "socks5"].includes(scheme)) return [];
  return [invalid(path, text, `unsupported scheme ${JSON.stringify(scheme)}, must be http, https, or socks5`)];
}

/** Values that policies select clusters by must be such that a selector can name them. */
function validatePlace(spec: ClusterSpec): FieldError[] {
  const { provider = "", region = "", zone = "", zones = [] } = spec;
  const errors = [
    ...labelValueFindings(provider, "spec.provider"),
    ...labelValueFindings(region, "spec.region"),
    ...labelValueFindings(zone, "spec.zone"),
    ...zones.flatMap((each, index) => labelValueFindings(each, `spec.zones[${index}]`)),
  ];
  return zone !== "" && zones.length > 0
    ? [...errors, invalid("spec", spec, "Zone and Zones cannot co-exist")]
    : errors;
}

function labelValueFindings(value: string, path: string): FieldError[] {
  const texts = labelValueErrors(value);
  return texts.length === 0 ? [] : [invalid(path, value, texts.join("; "))];
}

/** Upstream: karmada pkg/util/lifted/validateclustertaints.go. */
function validateTaints(taints: readonly Taint[]): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const path = `spec.taints[${index}]`;
    const { key, value = "", effect } = taint;
    const errors = [
      ...qualifiedNameErrors(key).map((text) => invalid(`${path}.key`, key, text)),
      ...labelValueFindings(value, `${path}.value`),
    ];
    if (effect === "") errors.push(required(`${path}.effect`));
    else if (effect !== "NoSchedule" && effect !== "NoExecute") {
      errors.push(notSupported(`${path}.effect`, effect, ["NoSchedule", "NoExecute"]));
    }
    const identity = `${effect} ${key}`;
    if (seen.has(identity)) errors.push(repeatedTaint(path, taint));
    seen.add(identity);
    return errors;
  });
}

function repeatedTaint(path: string, taint: Taint): FieldError {
  const { body, ...error } = duplicate(path, taint);
  return { ...error, body: `${body}: taints must be unique by key and effect pair` };
}
