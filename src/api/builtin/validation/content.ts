// Checks of ConfigMaps and Secrets: their keys, their size, and what each type of secret must hold.
// Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { semanticEqual } from "#machinery/equality.ts";
import { type FieldError, forbidden, invalid, required, tooLong } from "#machinery/field-error.ts";
import { configMapKeyErrors } from "#machinery/names.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, textOf } from "../access.ts";
import { unchanged } from "./checks.ts";
import type { KindChecks } from "./kind-checks.ts";

/** What ConfigMaps and Secrets may hold. */
const contentBytesMax = 1_048_576;

export const configMapChecks: KindChecks = {
  validate: configMapErrors,
  validateUpdate: (object, old) => immutableContentErrors(object, old, ["data", "binaryData"]),
};

export const secretChecks: KindChecks = {
  validate: secretErrors,
  validateUpdate: (object, old) => [
    ...unchanged(object["type"], old["type"], "type"),
    ...immutableContentErrors(object, old, ["data"]),
  ],
};

function configMapErrors(object: KubeObject): FieldError[] {
  const data = childOf(object, "data") ?? {};
  const binary = childOf(object, "binaryData") ?? {};
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...configMapKeyErrors(key).map((text) => invalid(`data[${key}]`, key, text)));
    if (Object.hasOwn(binary, key)) {
      errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    }
    if (typeof value === "string") bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binary)) {
    errors.push(...configMapKeyErrors(key).map((text) => invalid(`binaryData[${key}]`, key, text)));
    if (typeof value === "string") bytes += Buffer.byteLength(value, "base64");
  }
  return bytes > contentBytesMax ? [...errors, tooLong("[]", contentBytesMax)] : errors;
}

/** Content that was declared immutable stays, and so does the declaration. */
function immutableContentErrors(object: KubeObject, old: KubeObject, names: readonly string[]): FieldError[] {
  if (old["immutable"] !== true) return [];
  const text = "field is immutable when `immutable` is set";
  return [
    ...(object["immutable"] === true ? [] : [forbidden("immutable", text)]),
    ...names.flatMap((name) => (semanticEqual(object[name], old[name]) ? [] : [forbidden(name, text)])),
  ];
}

const accountAnnotation = "kubernetes.io/service-account.name";

function secretErrors(object: KubeObject): FieldError[] {
  const data = childOf(object, "data") ?? {};
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...configMapKeyErrors(key).map((text) => invalid(`data[${key}]`, key, text)));
    if (typeof value === "string") bytes += Buffer.byteLength(value, "base64");
  }
  if (bytes > contentBytesMax) errors.push(tooLong("data", contentBytesMax));
  return [...errors, ...typeErrors(object, data)];
}

function typeErrors(object: KubeObject, data: Fields): FieldError[] {
  switch (textOf(object, "type")) {
    case "kubernetes.io/service-account-token": {
      const name = object.metadata.annotations?.[accountAnnotation] ?? "";
      return name === "" ? [required(`metadata.annotations[${accountAnnotation}]`)] : [];
    }
    case "kubernetes.io/dockercfg":
      return jsonErrors(data, ".dockercfg");
    case "kubernetes.io/dockerconfigjson":
      return jsonErrors(data, ".dockerconfigjson");
    case "kubernetes.io/basic-auth":
      if (data["username"] !== undefined || data["password"] !== undefined) return [];
      return [required("data[username]"), required("data[password]")];
    case "kubernetes.io/ssh-auth":
      return textOf(data, "ssh-privatekey") === "" ? [required("data[ssh-privatekey]")] : [];
    case "kubernetes.io/tls":
      return ["tls.crt", "tls.key"].flatMap((key) => (data[key] === undefined ? [required(`data[${key}]`)] : []));
    default:
      return [];
  }
}

/** The content is confidential: only why it is no JSON is told. */
function jsonErrors(data: Fields, key: string): FieldError[] {
  const value = data[key];
  if (typeof value !== "string") return [required(`data[${key}]`)];
  try {
    JSON.parse(Buffer.from(value, "base64").toString("utf8"));
    return [];
  } catch {
    return [invalid(`data[${key}]`, "<secret contents redacted>", "must be JSON")];
  }
}
