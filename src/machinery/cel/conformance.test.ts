// The conformance tests of CEL itself, as far as they need no protocol buffers, no containers and no extension that Kubernetes
// does not have.
import assert from "node:assert/strict";
import test from "node:test";
import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";
import { isArray, isRecord, isString } from "../guards.ts";
import { celEquals } from "./equality.ts";
import { compileCel } from "./program.ts";
import { parseDuration, parseTimestamp } from "./time-text.ts";
import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  nullType,
  string,
  timestamp,
  uint,
} from "./type.ts";
import {
  ArrayList,
  Budget,
  CelError,
  type CelValue,
  displayText,
  EntryMap,
  typeNameOf,
  TypeValue,
  Uint,
} from "./value.ts";

type Json = Readonly<Record<string, unknown>>;

/** What this engine leaves out on purpose. */
class Unsupported extends Error {}

const elsewhere =
  /TestAllTypes|google\.protobuf\.(Int|UInt|Bool|Float|Double|String|Bytes|Value|Any|Struct|List)|proto\.|math\.|base64|cel\.(block|iterVar|index)|lists\.|\.(sort|sortBy|flatten|slice|distinct|first|last)\(/;
/** Literals of mixed types and comparisons of unlike types: refused by Kubernetes' settings, allowed by CEL's own tests. */
const stricter = /expected type '.*' but found|found no matching overload for '(_==_|_!=_|@in|_\[_\]|_\?_:_)'/;

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}

function listFrom(value: unknown): readonly Json[] {
  return isArray(value) ? value.map(recordOf) : [];
}

function valueOf(json: Json): CelValue {
  const [[kind, value] = []] = Object.entries(json);
  switch (kind) {
    case "int64Value":
      return BigInt(String(value));
    case "uint64Value":
      return new Uint(BigInt(String(value)));
    case "doubleValue":
      return Number(value);
    case "stringValue":
      return String(value);
    case "boolValue":
      return value === true;
    case "nullValue":
      return null;
    case "bytesValue":
      return new Uint8Array(Buffer.from(String(value), "base64"));
    case "typeValue":
      return new TypeValue(String(value));
    case "listValue":
      return new ArrayList(listFrom(recordOf(value)["values"]).map(valueOf));
    case "mapValue":
      return mapFrom(listFrom(recordOf(value)["entries"]));
    case "objectValue":
      return wellKnown(recordOf(value));
    default:
      throw new Unsupported(kind);
  }
}

function mapFrom(entries: readonly Json[]): EntryMap {
  const map = new EntryMap();
  for (const { key, value } of entries) map.add(valueOf(recordOf(key)), valueOf(recordOf(value)));
  return map;
}

function wellKnown({ "@type": type, value }: Json): CelValue {
  const text = String(value);
  const read = String(type).endsWith("Timestamp")
    ? parseTimestamp(text)
    : String(type).endsWith("Duration")
      ? parseDuration(text)
      : undefined;
  if (read === undefined) throw new Unsupported(String(type));
  return read;
}

const primitives = new Map<unknown, CelType>([
  ["BOOL", bool],
  ["INT64", int],
  ["UINT64", uint],
  ["DOUBLE", double],
  ["STRING", string],
  ["BYTES", bytes],
  ["TIMESTAMP", timestamp],
  ["DURATION", duration],
  ["ANY", dyn],
]);

function typeOf(json: Json): CelType {
  const { listType, mapType } = json;
  if (json["dyn"] !== undefined) return dyn;
  if (json["null"] !== undefined) return nullType;
  if (listType !== undefined) return listOf(typeOf({ dyn: {}, ...recordOf(recordOf(listType)["elemType"]) }));
  if (mapType !== undefined) {
    return mapOf(typeOf(recordOf(recordOf(mapType)["keyType"])), typeOf(recordOf(recordOf(mapType)["valueType"])));
  }
  const primitive = primitives.get(json["primitive"] ?? json["wellKnown"]);
  if (primitive === undefined) throw new Unsupported(JSON.stringify(json));
  return primitive;
}

/** Throws what is wrong; Unsupported for what is left out. */
function run(original: Json): void {
  const expr = String(original["expr"]);
  if (elsewhere.test(expr) || original["container"] !== undefined || original["disableMacros"] === true)
    throw new Unsupported();
  if (original["disableCheck"] === true || original["unknown"] !== undefined)
    throw new Unsupported("nothing runs unchecked");
  const bindings = recordOf(original["bindings"]);
  const variables = new Map(Object.keys(bindings).map((name) => [name, dyn]));
  for (const { name, ident } of listFrom(original["typeEnv"])) {
    if (!isString(name) || !isRecord(ident)) throw new Unsupported("functions of its own");
    if (name.includes(".")) throw new Unsupported("names with dots");
    variables.set(name, typeOf(recordOf(ident["type"])));
  }
  if ([...variables.keys()].some((name) => name.includes("."))) throw new Unsupported("names with dots");
  const values = [...variables.keys()].map((name) => {
    const value = recordOf(bindings[name])["value"];
    return value === undefined ? undefined : valueOf(recordOf(value));
  });
  const typed = recordOf(original["typedResult"]);
  const wanted =
    original["value"] ?? typed["result"] ?? (original["typedResult"] === undefined ? { boolValue: true } : undefined);
  const { program, fault } = compileCel(expr, { variables });
  if (fault !== undefined) {
    if (original["evalError"] !== undefined) return;
    if (stricter.test(fault)) throw new Unsupported("Kubernetes is stricter");
    assert.fail(fault);
  }
  if (original["checkOnly"] === true) return;
  const budget = new Budget(1_000_000);
  if (original["evalError"] !== undefined) {
    assert.throws(() => program.evaluate(values, budget), CelError, expr);
    return;
  }
  const expected = valueOf(recordOf(wanted));
  const actual = program.evaluate(values, budget);
  assert.equal(typeNameOf(actual), typeNameOf(expected), expr);
  const isEqual = Number.isNaN(expected) ? Number.isNaN(actual) : celEquals(expected, actual, budget);
  assert.ok(isEqual, `${expr} is ${displayText(actual)}, not ${displayText(expected)}`);
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Json }[];
}

function casesOf(suite: Suite): readonly Json[] {
  return [...(suite.tests ?? []).map(({ original }) => original), ...(suite.suites ?? []).flatMap(casesOf)];
}

const root: Suite = tests;
let total = 0;
for (const suite of root.suites ?? []) {
  test(`CEL conformance: ${suite.name}`, (context) => {
    let held = 0;
    let left = 0;
    for (const original of casesOf(suite)) {
      try {
        run(original);
        held += 1;
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
        left += 1;
      }
    }
    total += held;
    context.diagnostic(`${String(held)} hold, ${String(left)} are about what Kubernetes does not have`);
  });
}

test("most of CEL's conformance tests are run", () => {
  assert.ok(total >= 1_150, `only ${String(total)} were run`);
});
