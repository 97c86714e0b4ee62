// An OpenAPI version 2 document in protobuf, the only form of it that client-go reads: kubectl asks for it whenever it
// meets a kind that version 3 does not have. One table a message, driven by the names that the JSON form has.
// Upstream: github.com/google/gnostic-models openapiv2/OpenAPIv2.proto (message openapi.v2.Document).
import { isArray, isRecord } from "#machinery/guards.ts";
import type { OpenApiDocument } from "./v3.ts";

const varintWire = 0;
const fixed64Wire = 1;
const bytesWire = 2;

/** How many entries of paths and definitions are encoded between two pauses: about a millisecond of work. */
const entriesPerTurn = 20;

/** Writes a value as the field of this number. An empty list leaves the field out. */
type Writer = (field: number, value: unknown) => readonly Uint8Array[];

interface Message {
  readonly fields: ReadonlyMap<string, readonly [number, Writer]>;
  /** The field that takes what begins with `x-`. */
  readonly extensions?: number;
}

const text: Writer = (field, value) => (typeof value === "string" ? delimited(field, [Buffer.from(value)]) : []);

const flag: Writer = (field, value) =>
  typeof value === "boolean" ? [varint(field * 8 + varintWire, Number(value))] : [];

const double: Writer = (field, value) => {
  if (typeof value !== "number") return [];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [varint(field * 8 + fixed64Wire), bytes];
};

const count: Writer = (field, value) => (typeof value === "number" ? [varint(field * 8 + varintWire, value)] : []);

/** Any JSON value: the message has it as YAML, which JSON is. */
const any: Writer = (field, value) => delimited(field, text(2, JSON.stringify(value)));

const schema: Writer = (field, value) => delimited(field, encodeMessage(schemaMessage, value));

const schemaMessage = message(
  {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, flag],
    minimum: [9, double],
    exclusiveMinimum: [10, flag],
    maxLength: [11, count],
    minLength: [12, count],
    pattern: [13, text],
    maxItems: [14, count],
    minItems: [15, count],
    uniqueItems: [16, flag],
    maxProperties: [17, count],
    minProperties: [18, count],
    required: [19, each(text)],
    enum: [20, each(any)],
    additionalProperties: [21, (field, value) => delimited(field, isRecord(value) ? schema(1, value) : flag(2, value))],
    type: [22, wrapped(1, oneOrMore(text))],
    items: [23, wrapped(1, oneOrMore(schema))],
    allOf: [24, each(schema)],
    properties: [25, wrapped(1, named(schema))],
    discriminator: [26, text],
    readOnly: [27, flag],
    example: [30, any],
  },
  31,
);

const bodyParameter = message(
  { description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] },
  6,
);

const pathParameter = message(
  {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
    format: [6, text],
    uniqueItems: [19, flag],
  },
  22,
);

const queryParameter = message(
  {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    format: [7, text],
    uniqueItems: [20, flag],
  },
  23,
);

/** A parameter lies in as many shells as the grammar has alternatives: ParametersItem, Parameter, NonBodyParameter. */
const parameter: Writer = (field, value) => {
  const place = isRecord(value) ? value["in"] : undefined;
  if (place === "body") return delimited(field, delimited(1, delimited(1, encodeMessage(bodyParameter, value))));
  const [alternative, shape] = place === "path" ? ([4, pathParameter] as const) : ([3, queryParameter] as const);
  const inner = delimited(alternative, encodeMessage(shape, value));
  return delimited(field, delimited(1, delimited(2, inner)));
};

const responseMessage = message({ description: [1, text], schema: [2, wrapped(1, schema)] }, 5);
const response: Writer = (field, value) => delimited(field, delimited(1, encodeMessage(responseMessage, value)));

const operationMessage = message(
  {
    tags: [1, each(text)],
    summary: [2, text],
    description: [3, text],
    operationId: [5, text],
    produces: [6, each(text)],
    consumes: [7, each(text)],
    parameters: [8, each(parameter)],
    responses: [9, wrapped(1, named(response))],
    schemes: [10, each(text)],
    deprecated: [11, flag],
  },
  13,
);
const operation: Writer = (field, value) => delimited(field, encodeMessage(operationMessage, value));

const pathItemMessage = message(
  {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    options: [6, operation],
    head: [7, operation],
    patch: [8, operation],
    parameters: [9, each(parameter)],
  },
  10,
);
const pathItem: Writer = (field, value) => delimited(field, encodeMessage(pathItemMessage, value));

const infoMessage = message({ title: [1, text], version: [2, text], description: [3, text] }, 7);
const info: Writer = (field, value) => delimited(field, encodeMessage(infoMessage, value));

const apiKeyMessage = message({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] }, 5);
const apiKey: Writer = (field, value) => delimited(field, delimited(2, encodeMessage(apiKeyMessage, value)));

/** The parts of a document that are small. */
const documentMessage = message(
  {
    swagger: [1, text],
    info: [2, info],
    security: [12, each(wrapped(1, named(wrapped(1, each(text)))))],
    securityDefinitions: [13, wrapped(1, named(apiKey))],
  },
  16,
);
const pathsField = 8;
const pathField = 2;
const definitionsField = 9;
const definitionField = 1;

/** The document in protobuf. It is long work: `pause` is called every millisecond or so to let others have their turn. */
export async function encodeOpenApiV2(document: OpenApiDocument, pause: () => Promise<void>): Promise<Buffer> {
  const paths = await encodeEntries(document["paths"], named(pathItem), pathField, pause);
  const definitions = await encodeEntries(document["definitions"], named(schema), definitionField, pause);
  return Buffer.concat([
    ...encodeMessage(documentMessage, document),
    ...delimited(pathsField, paths),
    ...delimited(definitionsField, definitions),
  ]);
}

async function encodeEntries(
  value: unknown,
  writer: Writer,
  field: number,
  pause: () => Promise<void>,
): Promise<readonly Uint8Array[]> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  const parts: Uint8Array[] = [];
  for (let start = 0; start < entries.length; start += entriesPerTurn) {
    parts.push(...writer(field, Object.fromEntries(entries.slice(start, start + entriesPerTurn))));
    await pause();
  }
  return parts;
}

function message(fields: Readonly<Record<string, readonly [number, Writer]>>, extensions?: number): Message {
  return { fields: new Map(Object.entries(fields)), ...(extensions === undefined ? {} : { extensions }) };
}

function encodeMessage({ fields, extensions }: Message, value: unknown): readonly Uint8Array[] {
  if (!isRecord(value)) return [];
  const parts: Uint8Array[] = [];
  for (const [name, inner] of Object.entries(value)) {
    const field = fields.get(name);
    if (field !== undefined) parts.push(...field[1](field[0], inner));
    else if (extensions !== undefined && name.startsWith("x-"))
      parts.push(...named(any)(extensions, { [name]: inner }));
  }
  return parts;
}

function each(writer: Writer): Writer {
  return (field, value) => (isArray(value) ? value.flatMap((item) => writer(field, item)) : []);
}

function oneOrMore(writer: Writer): Writer {
  return (field, value) => (isArray(value) ? each(writer)(field, value) : writer(field, value));
}

/** A message whose only field is `inner`. */
function wrapped(inner: number, writer: Writer): Writer {
  return (field, value) => delimited(field, writer(inner, value));
}

/** A map: a message of name and value for each entry. */
function named(writer: Writer): Writer {
  return (field, value) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, inner]) => delimited(field, [...text(1, name), ...writer(2, inner)]))
      : [];
}

function delimited(field: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const body = Buffer.concat(parts);
  return [varint(field * 8 + bytesWire), varint(body.length), body];
}

/** These numbers, one after the other, seven bits a byte. None is negative; they may be beyond 32 bits. */
function varint(...numbers: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let rest of numbers) {
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}
