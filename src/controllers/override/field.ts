// fieldOverrider: changes inside a JSON or YAML document that a string field holds.
// Upstream: karmada pkg/util/overridemanager/overridemanager.go (applyFieldOverriders).
import type { FieldOverrider, FieldPatch } from "#api/policy/override-policy.ts";
import { isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { DocumentMemo } from "./document-memo.ts";
import { patchJsonText } from "./json-text.ts";
import { OverrideFailure } from "./override-failure.ts";
import { type PatchOperation, patchValue, valueAt } from "./patch-value.ts";
import { patchYamlText } from "./yaml-text.ts";

/** The manifest with the document changed. Without any operation it stays as it is. Throws OverrideFailure. */
export function overrideField(manifest: KubeObject, overrider: FieldOverrider, memo?: DocumentMemo): unknown {
  const { fieldPath, json = [], yaml = [] } = overrider;
  const text = valueAt(manifest, fieldPath);
  if (!isString(text)) throw new OverrideFailure(`the field at ${fieldPath} is not a string`);
  if (yaml.length === 0 && json.length === 0) return manifest;
  const patch = (): string =>
    yaml.length > 0 ? patchYamlText(text, yaml.map(operationOf)) : patchJsonText(text, json.map(operationOf));
  const value = memo === undefined ? patch() : memo.patched(text, overrider, patch);
  return patchValue(manifest, { operator: "replace", path: fieldPath, value });
}

function operationOf({ operator, subPath, value }: FieldPatch): PatchOperation {
  return { operator, path: subPath, value };
}
