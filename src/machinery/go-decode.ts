// Reads values of built-in types as Go does: unknown fields are dropped and reported, null means absent, wrong types are
// reported with encoding/json's texts, zero values appear and vanish as `omitempty` has it. Every type is compiled to
// closures when it is first met. Upstream: sigs.k8s.io/json.
import { type DecodeContext, MapKey, newDecodeContext, reportType, reportUnknown } from "./decode-context.ts";
import { cloneJson } from "./equality.ts";
import { decodeBytes, decodeInteger, type DecodeStep, goScalars } from "./go-scalars.ts";
import { isArray, isRecord } from "./guards.ts";
import type { Schema, SchemaResolver } from "./schema.ts";

/** How to read a type, what Go calls it, and what it is when nothing is given. */
interface GoType {
  readonly step: DecodeStep;
  readonly name: string;
  /** The value a field has that Go always writes; undefined: Go writes null, which is absent. */
  zero(): unknown;
  /** Only strings pass as they are: lets loops skip the call. */
  readonly isString: boolean;
}

interface Field {
  readonly name: string;
  readonly type: GoType;
  /** Dropped when zero (`omitempty`). */
  readonly dropsZero: boolean;
}

interface StructPlan {
  readonly name: string;
  readonly goType: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** What to put where a field is absent. */
  readonly fill: readonly (readonly [name: string, make: () => unknown])[];
}

/** Compiled types by schema node; refs resolve to the same node each time, so kinds share their common types. */
const compiled = new WeakMap<SchemaResolver, WeakMap<Schema, GoType>>();

/** The step that reads a whole value of the type of `schema`. */
export function goDecodeStep(schema: Schema, resolve: SchemaResolver): DecodeStep {
  return goType(schema, resolve).step;
}

function goType(schema: Schema, resolve: SchemaResolver): GoType {
  const node = schema.$ref === undefined ? schema : resolve(schema.$ref);
  let types = compiled.get(resolve);
  if (types === undefined) {
    types = new WeakMap();
    compiled.set(resolve, types);
  }
  const known = types.get(node);
  if (known !== undefined) return known;
  const type = compile(node, resolve);
  types.set(node, type);
  return type;
}

function compile(schema: Schema, resolve: SchemaResolver): GoType {
  const name = schema["x-go-type"];
  const scalar = name === undefined ? undefined : goScalars.get(name);
  if (name !== undefined && scalar !== undefined) {
    return { step: scalar.step, name, zero: () => scalar.zero, isString: false };
  }
  if (schema.anyOf !== undefined) return compileChoice(schema.anyOf, name ?? "interface {}", resolve);
  switch (schema.type) {
    case "object":
      if (schema.properties !== undefined) return compileStruct(schema, resolve);
      if (typeof schema.additionalProperties === "object") {
        return compileMap(schema.additionalProperties, name, resolve);
      }
      return raw;
    case "array":
      return compileList(schema.items ?? {}, name, resolve);
    case "string":
      if (schema.format === "byte")
        return { step: decodeBytes, name: "[]uint8", zero: () => undefined, isString: false };
      return compileString(name ?? "string");
    case "boolean":
      return compileScalar("boolean", name ?? "bool", false);
    case "number":
      return compileScalar("number", name ?? "float64", 0);
    case "integer": {
      const bits = schema.format === "int32" ? 32 : 64;
      const goName = name ?? `int${String(bits)}`;
      return {
        step: (value, context) => decodeInteger(value, context, bits, goName),
        name: goName,
        zero: () => 0,
        isString: false,
      };
    }
    default:
      return raw;
  }
}

const raw: GoType = { step: (value) => value, name: "interface {}", zero: () => undefined, isString: false };

function compileString(name: string): GoType {
  return {
    step(value, context) {
      if (typeof value === "string") return value;
      reportType(context, value, name);
      return undefined;
    },
    name,
    zero: () => "",
    isString: true,
  };
}

function compileScalar(type: "boolean" | "number", name: string, zero: unknown): GoType {
  return {
    step(value, context) {
      if (typeof value === type) return value;
      reportType(context, value, name);
      return undefined;
    },
    name,
    zero: () => zero,
    isString: false,
  };
}

/** Types whose JSON form is one of several (JSONSchemaPropsOrBool): the form of the value decides. */
function compileChoice(alternatives: readonly Schema[], name: string, resolve: SchemaResolver): GoType {
  const forms = alternatives.map((schema) => {
    const type = (schema.$ref === undefined ? schema : resolve(schema.$ref)).type;
    return { type, step: (value: unknown, context: DecodeContext) => goType(schema, resolve).step(value, context) };
  });
  return {
    step(value, context) {
      const type = isArray(value) ? "array" : typeof value;
      const form = forms.find((candidate) => candidate.type === type);
      if (form !== undefined) return form.step(value, context);
      reportType(context, value, name);
      return undefined;
    },
    name,
    zero: () => undefined,
    isString: false,
  };
}

function compileList(items: Schema, name: string | undefined, resolve: SchemaResolver): GoType {
  const item = goType(items, resolve);
  const goName = name ?? `[]${item.name}`;
  return {
    step(value, context) {
      if (!isArray(value)) {
        reportType(context, value, goName);
        return undefined;
      }
      for (let index = 0; index < value.length; index++) {
        const element = value[index];
        if (item.isString && typeof element === "string") continue;
        if (element === null) {
          value[index] = item.zero() ?? null;
          continue;
        }
        context.path.push(index);
        const result = item.step(element, context);
        context.path.pop();
        if (result !== element) value[index] = result ?? item.zero() ?? null;
      }
      return value;
    },
    name: goName,
    zero: () => undefined,
    isString: false,
  };
}

function compileMap(values: Schema, name: string | undefined, resolve: SchemaResolver): GoType {
  const item = goType(values, resolve);
  const goName = name ?? `map[string]${item.name}`;
  return {
    step(value, context) {
      if (!isRecord(value)) {
        reportType(context, value, goName);
        return undefined;
      }
      for (const key in value) {
        const element = value[key];
        if (item.isString && typeof element === "string") continue;
        if (element === null) {
          value[key] = item.zero() ?? null;
          continue;
        }
        context.path.push(new MapKey(key));
        const result = item.step(element, context);
        context.path.pop();
        if (result !== element) value[key] = result ?? item.zero() ?? null;
      }
      return value;
    },
    name: goName,
    zero: () => undefined,
    isString: false,
  };
}

function compileStruct(schema: Schema, resolve: SchemaResolver): GoType {
  const goName = schema["x-go-type"] ?? "struct";
  let plan: StructPlan | undefined;
  const step: DecodeStep = (value, context) => {
    // Compiled at first use: a type can contain itself, and most types are never met.
    plan ??= planStruct(schema, goName, resolve);
    return decodeStruct(plan, value, context);
  };
  return { step, name: goName, zero: () => step({}, newDecodeContext()), isString: false };
}

function planStruct(schema: Schema, goName: string, resolve: SchemaResolver): StructPlan {
  const fields = new Map<string, Field>();
  const fill: [string, () => unknown][] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = goType(property, resolve);
    const presence = property["x-go-presence"];
    fields.set(name, { name, type, dropsZero: presence === "nonzero" });
    const given: unknown = property.default;
    if (given !== undefined && !(presence === "nonzero" && isZero(given))) {
      fill.push([name, () => cloneJson(given)]);
    } else if (presence === "always") {
      fill.push([name, () => type.zero()]);
    }
  }
  return { name: goName.slice(goName.lastIndexOf(".") + 1), goType: goName, fields, fill };
}

function decodeStruct(plan: StructPlan, value: unknown, context: DecodeContext): unknown {
  if (!isRecord(value)) {
    reportType(context, value, plan.goType);
    return undefined;
  }
  const outer = context.struct;
  context.struct = plan.name;
  for (const key in value) {
    const field = plan.fields.get(key);
    const item = value[key];
    if (field === undefined) {
      reportUnknown(context, key);
      delete value[key];
      continue;
    }
    if (field.type.isString && typeof item === "string") {
      if (item === "" && field.dropsZero) delete value[key];
      continue;
    }
    const result = item === null ? undefined : decodeField(field, item, context);
    if (result === undefined || (field.dropsZero && isZero(result))) delete value[key];
    else if (result !== item) value[key] = result;
  }
  for (const [name, make] of plan.fill) {
    if (value[name] !== undefined) continue;
    const made = make();
    if (made !== undefined) value[name] = made;
  }
  context.struct = outer;
  return value;
}

function decodeField(field: Field, item: unknown, context: DecodeContext): unknown {
  context.path.push(field.name);
  const result = field.type.step(item, context);
  context.path.pop();
  return result;
}

/** What `omitempty` drops. */
function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) {
    if (isArray(value)) return value.length === 0;
    for (const _key in value) return false;
    return true;
  }
  return value === "" || value === 0 || value === false || value === 0n;
}
