// Writes the tables that the program reads at run time: one line of compact text a type. The readers are
// src/api/builtin/definitions.ts (schemas) and, for protobuf bodies, the codec.
import { parseTypeExpression } from "#api/builtin/type-expression.ts";
import { type DataField, type DataType, jsonFields, type KubernetesTypes, reachableTypes } from "./model.ts";
import type { ProtobufField } from "./model.ts";

/**
 * `{"<id>": "<kind>; <field>; <field>…"}`. Kind: `struct`, `struct atomic`, `enum A B`, `any` (its JSON form is not its fields).
 * Field: name, type expression, then `required`, `always` or `nonzero`, `listType=`, `listKeys=`, `patch=`, `mergeKey=`, `mapType=`, `default=`.
 */
export function schemaTable(data: KubernetesTypes): string {
  const lines: [string, string][] = [];
  for (const id of reachableTypes(data)) {
    const type = data.types[id];
    const text = type === undefined ? undefined : schemaLine(data, id, type);
    if (text !== undefined) lines.push([id, text]);
  }
  return jsonLines(lines);
}

/**
 * `{"<id>": "<field>; <field>…"}`. Field: number, wire type, protobuf type (`map<k,v>`, `list<t>` where repeated), JSON name;
 * `^` before the name of a nested message whose fields belong to the parent in JSON.
 */
export function protobufTable(data: KubernetesTypes): string {
  const lines: [string, string][] = [];
  for (const [name, scalar] of Object.entries(data.scalars)) {
    if (scalar.pbFields !== undefined) lines.push([name, scalar.pbFields.map((pb) => pbLine(pb, pb.name)).join("; ")]);
  }
  for (const id of reachableTypes(data)) {
    const type = data.types[id];
    if (type?.pbFields !== undefined) {
      lines.push([id, type.pbFields.map((pb) => pbLine(pb, pb.name)).join("; ")]);
    } else if (type?.kind === "struct") {
      const fields = (type.fields ?? []).flatMap((field) => {
        if (field.pb === undefined) return [];
        return [pbLine(field.pb, field.inline === undefined ? field.json : `^${field.pb.name ?? ""}`)];
      });
      lines.push([id, fields.join("; ")]);
    }
  }
  return jsonLines(lines);
}

function schemaLine(data: KubernetesTypes, id: string, type: DataType): string | undefined {
  if (type.enum !== undefined) return `enum ${type.enum.join(" ")}`;
  if (type.customJSON === true) return ["any", ...(type.fields ?? []).map((field) => field.type ?? "")].join(" ");
  if (type.kind !== "struct") return undefined;
  const head = type.structType === "atomic" ? "struct atomic" : "struct";
  return [head, ...jsonFields(data, id).map(fieldLine)].join("; ");
}

function fieldLine(field: DataField): string {
  const { json, type } = field;
  if (json === undefined || type === undefined) throw new Error(`field without name or type: ${JSON.stringify(field)}`);
  const words = [json, type];
  if (field.required === true) words.push("required");
  const presence = presenceOf(field);
  if (presence !== undefined) words.push(presence);
  if (field.listType !== undefined) words.push(`listType=${field.listType}`);
  if (field.listMapKeys !== undefined) words.push(`listKeys=${field.listMapKeys.join(",")}`);
  if (field.patchStrategy !== undefined) words.push(`patch=${field.patchStrategy.join(",")}`);
  if (field.patchMergeKey !== undefined) words.push(`mergeKey=${field.patchMergeKey}`);
  const mapType = field.mapType ?? field.structType;
  if (mapType !== undefined) words.push(`mapType=${mapType}`);
  if (field.default !== undefined) words.push(`default=${JSON.stringify(field.default)}`);
  const text = words.join(" ");
  if (words.some((word) => /[; ]/.test(word))) throw new Error(`field cannot be written as text: ${text}`);
  return text;
}

/** When Go writes the field, given as JSON (see `x-go-presence` in src/machinery/schema.ts). */
function presenceOf(field: DataField): "always" | "nonzero" | undefined {
  if (field.ptr === true || field.type === undefined) return undefined;
  const type = parseTypeExpression(field.type);
  switch (type.kind) {
    case "list":
    case "map":
      return field.omitempty === true ? "nonzero" : undefined;
    case "struct":
      return field.omitzero === true ? "nonzero" : "always";
    case "scalar":
      // Go structs, which omitempty never drops. Zero times and raw values are written as null, which means absent.
      if (type.scalar === "Quantity" || type.scalar === "IntOrString") return "always";
      if (/^(Time|MicroTime|RawExtension|FieldsV1|JSON|any)$/.test(type.scalar)) return undefined;
      return field.omitempty === true ? "nonzero" : "always";
  }
}

function pbLine(pb: ProtobufField, name: string | undefined): string {
  const type = pb.map === undefined ? (pb.t ?? "") : `map<${pb.map.join(",")}>`;
  return `${String(pb.n)} ${String(pb.w)} ${pb.rep === true ? `list<${type}>` : type} ${name ?? ""}`;
}

function jsonLines(lines: readonly (readonly [string, string])[]): string {
  return `{\n${lines.map(([id, text]) => `${JSON.stringify(id)}:${JSON.stringify(text)}`).join(",\n")}\n}\n`;
}
