// OpenAPI version 2 in protobuf says what the JSON form says: both are read back and compared.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { bytesWire, fixed64Wire, ProtobufReader, varintWire } from "#machinery/protobuf-wire.ts";
import { openapiV2Document } from "./v2.ts";
import { encodeOpenApiV2 } from "./v2-protobuf.ts";

type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

function fieldsOf(bytes: Uint8Array | number | undefined): Fields {
  assert.ok(bytes instanceof Uint8Array);
  const reader = new ProtobufReader(bytes);
  const fields = new Map<number, (Uint8Array | number)[]>();
  while (!reader.isAtEnd) {
    const { field, wire } = reader.tag();
    const values = fields.get(field) ?? [];
    fields.set(field, values);
    if (wire === varintWire) values.push(Number(reader.varint()));
    else if (wire === fixed64Wire) values.push(reader.double());
    else {
      assert.equal(wire, bytesWire);
      values.push(reader.bytes());
    }
  }
  return fields;
}

function first(fields: Fields, ...path: readonly number[]): Uint8Array | number | undefined {
  const [field, ...rest] = path;
  const value = fields.get(field ?? 0)?.[0];
  return rest.length === 0 || value === undefined ? value : first(fieldsOf(value), ...rest);
}

function textOf(value: Uint8Array | number | undefined): string | undefined {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : undefined;
}

/** The entries of a map: name and message. */
function entriesOf(fields: Fields, field: number): ReadonlyMap<string, Fields> {
  return new Map(
    (fields.get(field) ?? []).map((entry) => {
      const named = fieldsOf(entry);
      return [textOf(first(named, 1)) ?? "", fieldsOf(first(named, 2))] as const;
    }),
  );
}

function extensionsOf(fields: Fields, field: number): Record<string, unknown> {
  const entries = [...entriesOf(fields, field)];
  return Object.fromEntries(entries.map(([name, any]) => [name, JSON.parse(textOf(first(any, 2)) ?? "")]));
}

/** Back to what the JSON form has, as far as definitions of built-in kinds go. */
function schemaOf(fields: Fields): Record<string, unknown> {
  const texts = (field: number) => fields.get(field)?.map((value) => textOf(value));
  const additional = first(fields, 21);
  const items = first(fields, 23, 1);
  const properties = first(fields, 25);
  const parts = {
    $ref: textOf(first(fields, 1)),
    format: textOf(first(fields, 2)),
    description: textOf(first(fields, 4)),
    required: texts(19),
    enum: fields.get(20)?.map((any) => JSON.parse(textOf(first(fieldsOf(any), 2)) ?? "") as unknown),
    additionalProperties: additional === undefined ? undefined : schemaOf(fieldsOf(first(fieldsOf(additional), 1))),
    type: textOf(first(fields, 22, 1)),
    items: items === undefined ? undefined : schemaOf(fieldsOf(items)),
    properties:
      properties === undefined
        ? undefined
        : Object.fromEntries([...entriesOf(fieldsOf(properties), 1)].map(([name, value]) => [name, schemaOf(value)])),
    ...extensionsOf(fields, 31),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

const document = openapiV2Document(builtinResources, "v1.36.0");

test("every definition comes back as it is in JSON", async () => {
  let pauses = 0;
  const bytes = await encodeOpenApiV2(document, () => {
    pauses++;
    return Promise.resolve();
  });
  assert.ok(pauses > 10, "others have had their turn");
  const decoded = fieldsOf(bytes);
  assert.equal(textOf(first(decoded, 1)), "2.0");
  assert.equal(textOf(first(decoded, 2, 2)), "v1.36.0");
  const definitions = entriesOf(fieldsOf(first(decoded, 9)), 1);
  const expected = document["definitions"];
  assert.ok(isRecord(expected));
  assert.deepEqual([...definitions.keys()], Object.keys(expected));
  for (const [name, fields] of definitions) assert.deepEqual(schemaOf(fields), expected[name], name);
});

test("operations carry their kind and their parameters", async () => {
  const decoded = fieldsOf(await encodeOpenApiV2(document, () => Promise.resolve()));
  const paths = entriesOf(fieldsOf(first(decoded, 8)), 2);
  assert.deepEqual([...paths.keys()], Object.keys(document["paths"] as object));
  const path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
  const patch = fieldsOf(first(paths.get(path) ?? new Map(), 8));
  const expected = fieldOf(document, "paths", path, "patch");
  assert.equal(textOf(first(patch, 5)), fieldOf(expected, "operationId"));
  assert.deepEqual(extensionsOf(patch, 13)["x-kubernetes-group-version-kind"], {
    group: "apps",
    version: "v1",
    kind: "Deployment",
  });
  const names = patch.get(8)?.map((item) => {
    const parameter = fieldsOf(first(fieldsOf(item), 1));
    return textOf(first(parameter, 1, 2)) ?? textOf(first(parameter, 2, 3, 4));
  });
  const parameters = fieldOf(expected, "parameters");
  assert.ok(isArray(parameters));
  assert.deepEqual(
    names,
    parameters.map((parameter) => fieldOf(parameter, "name")),
  );
});

test("constraints and free-form values of custom kinds are kept", async () => {
  const definitions = {
    "com.example.v1.Widget": {
      type: "object",
      default: { size: 1 },
      minimum: 0.5,
      maxLength: 5_000_000_000,
      uniqueItems: false,
      additionalProperties: false,
      "x-kubernetes-preserve-unknown-fields": true,
    },
  };
  const decoded = fieldsOf(await encodeOpenApiV2({ swagger: "2.0", paths: {}, definitions }, () => Promise.resolve()));
  const widget = entriesOf(fieldsOf(first(decoded, 9)), 1).get("com.example.v1.Widget");
  assert.ok(widget !== undefined);
  assert.equal(textOf(first(widget, 5, 2)), '{"size":1}');
  assert.equal(first(widget, 9), 0.5);
  assert.equal(first(widget, 11), 5_000_000_000);
  assert.equal(first(widget, 16), 0);
  assert.equal(first(widget, 21, 2), 0);
  assert.deepEqual(extensionsOf(widget, 31), { "x-kubernetes-preserve-unknown-fields": true });
});
