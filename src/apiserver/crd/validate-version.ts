// What is wrong with one version of a CustomResourceDefinition. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go.
import { builtinResolver } from "#api/builtin/index.ts";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type FieldError, invalid, required } from "#machinery/field-error.ts";
import { dns1035LabelErrors } from "#machinery/names.ts";
import type { Schema } from "#machinery/schema.ts";
import { checkStructural } from "#machinery/structural-schema.ts";
import { parseSimplePath } from "./paths.ts";
import { ruleErrors } from "./rules.ts";

export type CrdVersion = CustomResourceDefinition["spec"]["versions"][number];
type Column = NonNullable<CrdVersion["additionalPrinterColumns"]>[number];

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
const selectableFieldsMax = 8;
const deprecationWarningLengthMax = 256;

/** `before`: the version of that name in the definition it replaces. An unchanged schema is not judged again. */
export function validateVersion(
  version: CrdVersion,
  before: CrdVersion | undefined,
  field: string,
): readonly FieldError[] {
  const nameErrors = dns1035LabelErrors(version.name);
  return [
    ...(nameErrors.length === 0 ? [] : [invalid(`${field}.name`, version.name, nameErrors.join(","))]),
    ...validateDeprecation(version, `${field}.deprecationWarning`),
    ...validateSchema(version.schema?.openAPIV3Schema, before?.schema?.openAPIV3Schema, `${field}.schema`),
    ...validateScale(version, `${field}.subresources.scale`),
    ...(version.additionalPrinterColumns ?? []).flatMap((column, index) =>
      validateColumn(column, `${field}.additionalPrinterColumns[${String(index)}]`),
    ),
    ...validateSelectableFields(version, `${field}.selectableFields`),
  ];
}

function validateDeprecation(version: CrdVersion, field: string): readonly FieldError[] {
  const warning = version.deprecationWarning;
  if (warning === undefined) return [];
  if (version.deprecated !== true) return [invalid(field, warning, "can only be set for deprecated versions")];
  if (warning === "") return [invalid(field, warning, "must not be an empty string")];
  if (Buffer.byteLength(warning) > deprecationWarningLengthMax) {
    return [invalid(field, warning, `must be <= ${String(deprecationWarningLengthMax)} characters`)];
  }
  const bad = warning.search(/\p{C}/u);
  return bad < 0
    ? []
    : [
        invalid(
          field,
          warning,
          `must only contain printable UTF-8 characters; non-printable character found at index ${String(bad)}`,
        ),
      ];
}

function validateSchema(schema: Schema | undefined, before: Schema | undefined, field: string): readonly FieldError[] {
  const root = `${field}.openAPIV3Schema`;
  if (schema === undefined) return [required(root, "schemas are required")];
  if (before !== undefined && deepEqual(schema, before)) return [];
  const errors = checkStructural(schema, builtinResolver, root);
  return errors.length > 0 ? errors : ruleErrors(schema, root);
}

function validateScale({ subresources }: CrdVersion, field: string): readonly FieldError[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const check = (name: string, path: string, roots: readonly string[], why: string): readonly FieldError[] => {
    if (path === "") return [required(`${field}.${name}`)];
    if (parseSimplePath(path) === undefined) return [invalid(`${field}.${name}`, path, "is an invalid path")];
    return roots.some((root) => path.startsWith(root)) ? [] : [invalid(`${field}.${name}`, path, why)];
  };
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = "" } = scale;
  const either = "should be a json path under either .spec or .status";
  return [
    ...check("specReplicasPath", specReplicasPath, [".spec."], "should be a json path under .spec"),
    ...check("statusReplicasPath", statusReplicasPath, [".status."], "should be a json path under .status"),
    ...(labelSelectorPath === "" ? [] : check("labelSelectorPath", labelSelectorPath, [".spec.", ".status."], either)),
  ];
}

function validateColumn(column: Column, field: string): readonly FieldError[] {
  const { name, type, format = "", jsonPath } = column;
  const typesText = `must be one of ${columnTypes.join(",")}`;
  const formatsText = `must be one of ${columnFormats.join(",")}`;
  return [
    ...(name === "" ? [required(`${field}.name`)] : []),
    ...(type === "" ? [required(`${field}.type`, typesText)] : []),
    ...(type === "" || columnTypes.includes(type) ? [] : [invalid(`${field}.type`, type, typesText)]),
    ...(format === "" || columnFormats.includes(format) ? [] : [invalid(`${field}.format`, format, formatsText)]),
    ...(jsonPath === "" ? [required(`${field}.jsonPath`)] : []),
  ];
}

function validateSelectableFields(version: CrdVersion, field: string): readonly FieldError[] {
  const fields = version.selectableFields ?? [];
  const paths = fields.map(({ jsonPath }) => jsonPath);
  return [
    ...(fields.length > selectableFieldsMax
      ? [invalid(field, fields.length, `must have at most ${String(selectableFieldsMax)} items`)]
      : []),
    ...paths.flatMap((path, index) => {
      const at = `${field}[${String(index)}].jsonPath`;
      if (path === "") return [required(at)];
      if (paths.indexOf(path) !== index) return [invalid(at, path, "must be unique")];
      return validateSelectablePath(path, version.schema?.openAPIV3Schema, at);
    }),
  ];
}

/** Only scalars outside of metadata can be selected by. */
function validateSelectablePath(path: string, schema: Schema | undefined, field: string): readonly FieldError[] {
  const names = parseSimplePath(path);
  if (names === undefined) return [invalid(field, path, "is an invalid path: does not refer to a valid field")];
  if (names[0] === "metadata") return [invalid(field, path, "must not point to fields in metadata")];
  let node: Schema | undefined = schema;
  for (const name of names) {
    node = node?.properties !== undefined && Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
  }
  if (node === undefined) return [invalid(field, path, "is an invalid path: does not refer to a valid field")];
  const types = ["boolean", "integer", "string"];
  if (node.type !== undefined && types.includes(node.type)) return [];
  return [invalid(field, path, `must point to a field of type ${types.join(", ")}`)];
}
