// What a CustomResourceDefinition says where it says nothing.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go.
import type { MutableObject } from "#machinery/admission.ts";
import { isRecord, isString } from "#machinery/guards.ts";

const webhookPortDefault = 443;

/** Fills in the singular and list kind, the conversion and its port. */
export function setCrdDefaults(object: MutableObject): void {
  const spec = object["spec"];
  if (!isRecord(spec)) return;
  const { names } = spec;
  if (isRecord(names) && isString(names["kind"]) && names["kind"] !== "") {
    if (isEmpty(names["singular"])) names["singular"] = names["kind"].toLowerCase();
    if (isEmpty(names["listKind"])) names["listKind"] = `${names["kind"]}List`;
  }
  if (!isRecord(spec["conversion"])) {
    spec["conversion"] = { strategy: "None" };
    return;
  }
  const { webhook } = spec["conversion"];
  const clientConfig = isRecord(webhook) ? webhook["clientConfig"] : undefined;
  const service = isRecord(clientConfig) ? clientConfig["service"] : undefined;
  if (isRecord(service)) service["port"] ??= webhookPortDefault;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "";
}
