// What is wrong with a CustomResourceDefinition. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type FieldError, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1035LabelErrors, dns1123SubdomainErrors } from "#machinery/names.ts";
import { established, hasCondition } from "./conditions.ts";
import type { CrdNames } from "./names.ts";
import { approvalOf, isProtectedGroup } from "./status.ts";
import { validateConversion } from "./validate-conversion.ts";
import { type CrdVersion, validateVersion } from "./validate-version.ts";

const approvalAnnotation = "api-approved.kubernetes.io";
const enhancement = "https://github.com/kubernetes/enhancements/pull/1111";

/** What is wrong with a definition; `old` is what it replaces. Checks that the old one fails too are not made again. */
export function validateCrd(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly FieldError[] {
  const { spec } = crd;
  const name = `${spec.names.plural}.${spec.group}`;
  return [
    ...(crd.metadata.name === name
      ? []
      : [invalid("metadata.name", crd.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...validateGroup(spec.group),
    ...validateScope(spec.scope),
    ...validateVersions(spec.versions, old?.spec.versions ?? []),
    ...validateNames(spec.names),
    ...validateConversion(spec.conversion),
    ...(spec.preserveUnknownFields === true ? [preserveUnknownError] : []),
    ...validateStoredVersions(crd),
    ...validateApproval(crd, old),
    ...(old === undefined ? [] : validateImmutable(crd, old)),
  ];
}

/** What is wrong with a status that a client has written. */
export function validateCrdStatus(crd: CustomResourceDefinition): readonly FieldError[] {
  return validateStoredVersions(crd);
}

const preserveUnknownError = invalid(
  "spec.preserveUnknownFields",
  true,
  "must be false or unset; set x-kubernetes-preserve-unknown-fields to true in the schema instead",
);

function validateGroup(group: string): readonly FieldError[] {
  if (group === "") return [required("spec.group")];
  const errors = dns1123SubdomainErrors(group);
  if (errors.length > 0) return [invalid("spec.group", group, errors.join(","))];
  return group.includes(".") ? [] : [invalid("spec.group", group, "should be a domain with at least one dot")];
}

function validateScope(scope: string): readonly FieldError[] {
  if (scope === "") return [required("spec.scope")];
  const scopes = ["Cluster", "Namespaced"];
  return scopes.includes(scope) ? [] : [notSupported("spec.scope", scope, scopes)];
}

function validateVersions(versions: readonly CrdVersion[], old: readonly CrdVersion[]): readonly FieldError[] {
  const names = versions.map(({ name }) => name);
  return [
    ...versions.flatMap((version, index) => {
      const before = old.find(({ name }) => name === version.name);
      return validateVersion(version, before, `spec.versions[${String(index)}]`);
    }),
    ...(new Set(names).size === names.length
      ? []
      : [invalid("spec.versions", versions, "must contain unique version names")]),
    ...(versions.filter(({ storage }) => storage).length === 1
      ? []
      : [invalid("spec.versions", versions, "must have exactly one version marked as storage version")]),
  ];
}

function validateNames(names: CrdNames): readonly FieldError[] {
  const { plural, singular = "", kind, listKind = "", shortNames = [], categories = [] } = names;
  const label = (field: string, text: string): readonly FieldError[] => {
    const errors = dns1035LabelErrors(text);
    return errors.length === 0 ? [] : [invalid(`spec.names.${field}`, text, errors.join(","))];
  };
  const kindName = (field: string, text: string): readonly FieldError[] => {
    const errors = dns1035LabelErrors(text.toLowerCase());
    if (errors.length === 0) return [];
    const why = `may have mixed case, but should otherwise match: ${errors.join(",")}`;
    return [invalid(`spec.names.${field}`, text, why)];
  };
  const missing = Object.entries({ plural, singular, kind, listKind }).filter(([, text]) => text === "");
  return [
    ...missing.map(([field]) => required(`spec.names.${field}`)),
    ...(plural === "" ? [] : label("plural", plural)),
    ...(singular === "" ? [] : label("singular", singular)),
    ...(kind === "" ? [] : kindName("kind", kind)),
    ...(listKind === "" ? [] : kindName("listKind", listKind)),
    ...shortNames.flatMap((text, index) => label(`shortNames[${String(index)}]`, text)),
    ...(kind !== "" && kind === listKind
      ? [invalid("spec.names.listKind", listKind, "kind and listKind may not be the same")]
      : []),
    ...categories.flatMap((text, index) => label(`categories[${String(index)}]`, text)),
  ];
}

function validateStoredVersions(crd: CustomResourceDefinition): readonly FieldError[] {
  const stored = crd.status?.storedVersions ?? [];
  const field = "status.storedVersions";
  if (stored.length === 0) return [invalid(field, stored, "must have at least one stored version")];
  const { versions } = crd.spec;
  return [
    ...versions
      .filter(({ storage, name }) => storage && !stored.includes(name))
      .map(({ name }) => invalid(field, name, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) => {
      if (versions.some((version) => version.name === name)) return [];
      const why =
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions ` +
        `until a storage migration ensures no data remains persisted in ${name} and removes ${name} from ` +
        "status.storedVersions";
      return [invalid(`${field}[${String(index)}]`, name, why)];
    }),
  ];
}

/** Groups of the Kubernetes community want to be told who has approved. */
function validateApproval(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly FieldError[] {
  if (!isProtectedGroup(crd.spec.group)) return [];
  const value = crd.metadata.annotations?.[approvalAnnotation] ?? "";
  const before = old?.metadata.annotations?.[approvalAnnotation] ?? "";
  if (old !== undefined && value === before) return [];
  const field = `metadata.annotations[${approvalAnnotation}]`;
  switch (approvalOf(value)) {
    case "missing":
      return [
        required(field, `protected groups must have approval annotation "${approvalAnnotation}", see ${enhancement}`),
      ];
    case "malformed": {
      const why = `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason starting with "unapproved", see ${enhancement}`;
      return [invalid(field, value, why)];
    }
    case "approved":
    case "unapproved":
      return [];
  }
}

function validateImmutable(crd: CustomResourceDefinition, old: CustomResourceDefinition): readonly FieldError[] {
  const same = (field: string, value: unknown, before: unknown): readonly FieldError[] =>
    deepEqual(value, before) ? [] : [invalid(field, value, "field is immutable")];
  const { spec } = crd;
  return [
    ...(hasCondition(old, established)
      ? [
          ...same("spec.scope", spec.scope, old.spec.scope),
          ...same("spec.names.kind", spec.names.kind, old.spec.names.kind),
        ]
      : []),
    ...same("spec.group", spec.group, old.spec.group),
    ...same("spec.names.plural", spec.names.plural, old.spec.names.plural),
  ];
}
