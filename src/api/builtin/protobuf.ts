// Reads the protobuf form of built-in kinds into their JSON form. Generated Go clients send it, and so does `kubectl create`;
// answers are JSON always, which they all read. What comes out still goes through the kind's decoder.
// Upstream: k8s.io/apimachinery/pkg/runtime/serializer/protobuf and the generated.proto files of k8s.io/api.
import { ApiError } from "#machinery/api-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { parseApiVersion } from "#machinery/object.ts";
import { setOwn } from "#machinery/own-property.ts";
import { bytesWire, fixed64Wire, ProtobufReader, varintWire } from "#machinery/protobuf-wire.ts";
import { formatTime } from "#std/time.ts";
import table from "../generated/protobuf.json" with { type: "json" };

/** What the body begins with: `k8s` and a zero. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
/** Schemas nest, and so could a hostile body. */
const depthMax = 200;

type Fields = Record<string, unknown>;

/** Whether bytes are in Kubernetes' protobuf envelope. */
function isProtobufObject(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, magic.length), magic) === 0;
}

/** The object in an envelope, with its apiVersion and kind. Throws BadRequest for anything else. */
export function decodeProtobuf(bytes: Uint8Array): Fields {
  if (!isProtobufObject(bytes)) {
    throw new ApiError(
      "BadRequest",
      "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    );
  }
  const { apiVersion, kind, raw } = readEnvelope(bytes.subarray(magic.length));
  const id = typeId(apiVersion, kind);
  if (messageOf(id) === undefined) {
    const { group, version } = parseApiVersion(apiVersion);
    throw new ApiError(
      "BadRequest",
      `no kind "${kind}" is registered for version "${group === "" ? version : apiVersion}"`,
    );
  }
  return { apiVersion, kind, ...readMessage(id, raw, 0) };
}

/** The JSON form of one message without an envelope, by its name in the table: `core/v1.NodeSelector`. */
export function decodeProtobufMessage(id: string, bytes: Uint8Array): unknown {
  return readBytes(id, bytes, 0);
}

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

function readEnvelope(bytes: Uint8Array): Envelope {
  const reader = new ProtobufReader(bytes);
  let raw: Uint8Array = new Uint8Array(0);
  let apiVersion = "";
  let kind = "";
  while (!reader.isAtEnd) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === bytesWire) {
      const meta = new ProtobufReader(reader.bytes());
      while (!meta.isAtEnd) {
        const part = meta.tag();
        if (part.wire !== bytesWire) meta.skip(part.wire);
        else if (part.field === 1) apiVersion = text(meta.bytes());
        else if (part.field === 2) kind = text(meta.bytes());
        else meta.bytes();
      }
    } else if (field === 2 && wire === bytesWire) raw = reader.bytes();
    else reader.skip(wire);
  }
  return { apiVersion, kind, raw };
}

/** `apps/v1` and `Deployment` → `apps/v1.Deployment`. Options belong to no group of their own. */
function typeId(apiVersion: string, kind: string): string {
  if (/^(Delete|Create|Update|Patch|List|Get)Options$/.test(kind)) return `meta/v1.${kind}`;
  const { group, version } = parseApiVersion(apiVersion);
  return `${group === "" ? "core" : (group.split(".")[0] ?? "")}/${version}.${kind}`;
}

type Type =
  | { readonly kind: "plain"; readonly name: string }
  | { readonly kind: "map"; readonly key: string; readonly value: string };

interface Field {
  /** Empty with `isInline`. */
  readonly name: string;
  readonly type: Type;
  readonly isList: boolean;
  /** A nested message whose fields are the parent's in JSON. */
  readonly isInline: boolean;
}

type Message = ReadonlyMap<number, Field>;

const texts: Readonly<Record<string, string>> = table;
const messages = new Map<string, Message>();

function messageOf(id: string): Message | undefined {
  const known = messages.get(id);
  if (known !== undefined) return known;
  const line = Object.hasOwn(texts, id) ? texts[id] : undefined;
  if (line === undefined) return undefined;
  const message: Message = new Map(line === "" ? [] : line.split("; ").map(parseField));
  messages.set(id, message);
  return message;
}

function parseField(line: string): readonly [number, Field] {
  const [number = "", , type = "", name = ""] = line.split(" ");
  const isList = type.startsWith("list<");
  const inner = isList ? type.slice("list<".length, -1) : type;
  const isInline = name.startsWith("^");
  return [Number(number), { name: isInline ? "" : name, type: parseType(inner), isList, isInline }];
}

function parseType(expression: string): Type {
  if (!expression.startsWith("map<")) return { kind: "plain", name: expression };
  const comma = expression.indexOf(",");
  return { kind: "map", key: expression.slice("map<".length, comma), value: expression.slice(comma + 1, -1) };
}

function readMessage(id: string, bytes: Uint8Array, depth: number): Fields {
  if (depth > depthMax) throw new ApiError("BadRequest", "exceeded max depth");
  const message = messageOf(id);
  const reader = new ProtobufReader(bytes);
  const result: Fields = {};
  while (!reader.isAtEnd) {
    const { field: number, wire } = reader.tag();
    const field = message?.get(number);
    if (field === undefined) reader.skip(wire);
    else readField(result, field, { reader, wire, depth });
  }
  return result;
}

interface Position {
  readonly reader: ProtobufReader;
  readonly wire: number;
  readonly depth: number;
}

function readField(result: Fields, { name, type, isList, isInline }: Field, position: Position): void {
  if (type.kind === "map") {
    const map = result[name];
    const target = isRecord(map) ? map : {};
    setOwn(result, name, target);
    readEntry(target, type, position);
    return;
  }
  const value = readValue(type.name, position);
  if (isInline) {
    if (isRecord(value)) Object.assign(result, value);
  } else if (isList) {
    const list = result[name];
    if (Array.isArray(list)) list.push(value);
    else setOwn(result, name, [value]);
  } else if (value !== undefined) {
    setOwn(result, name, value);
  }
}

function readEntry(target: Fields, type: Type & { readonly kind: "map" }, { reader, depth }: Position): void {
  const entry = new ProtobufReader(reader.bytes());
  let key = "";
  let value: unknown;
  while (!entry.isAtEnd) {
    const { field, wire } = entry.tag();
    if (field === 1) key = String(readValue(type.key, { reader: entry, wire, depth }));
    else if (field === 2) value = readValue(type.value, { reader: entry, wire, depth });
    else entry.skip(wire);
  }
  setOwn(target, key, value ?? emptyValue(type.value));
}

function emptyValue(type: string): unknown {
  return type === "string" || type === "bytes" ? "" : {};
}

/** One value of a field; undefined for what is null in JSON. */
function readValue(type: string, { reader, wire, depth }: Position): unknown {
  switch (wire) {
    case varintWire:
      return readNumber(type, reader.varint());
    case fixed64Wire:
      return reader.double();
    case bytesWire:
      return readBytes(type, reader.bytes(), depth + 1);
    default:
      reader.skip(wire);
      return undefined;
  }
}

function readNumber(type: string, value: bigint): unknown {
  if (type === "bool") return value !== 0n;
  const signed = BigInt.asIntN(64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

function readBytes(type: string, bytes: Uint8Array, depth: number): unknown {
  if (type === "string") return text(bytes);
  if (type === "bytes") return Buffer.from(bytes).toString("base64");
  const special = specialTypes.get(type);
  return special === undefined
    ? readMessage(type, bytes, depth)
    : special.toJson(readMessage(special.message, bytes, depth));
}

interface SpecialType {
  /** Its name in the table. */
  readonly message: string;
  /** Its JSON form; undefined for null. */
  toJson(fields: Fields): unknown;
}

/** Types whose JSON form is not their fields. */
const specialTypes: ReadonlyMap<string, SpecialType> = new Map([
  ["meta/v1.Time", { message: "Time", toJson: timeText }],
  ["meta/v1.MicroTime", { message: "MicroTime", toJson: microTimeText }],
  ["meta/v1.Duration", { message: "Duration", toJson: ({ duration = 0 }) => `${String(duration)}ns` }],
  ["quantity.Quantity", { message: "Quantity", toJson: (fields) => fields["string"] ?? "0" }],
  ["intstr.IntOrString", { message: "IntOrString", toJson: intOrString }],
  ["runtime.RawExtension", { message: "RawExtension", toJson: (fields) => rawJson(fields["raw"]) }],
  ["meta/v1.FieldsV1", { message: "FieldsV1", toJson: (fields) => rawJson(fields["Raw"]) }],
  ["apiextensions/v1.JSON", { message: "JSON", toJson: (fields) => rawJson(fields["raw"]) }],
  schemaOr("Array", "JSONSchemas"),
  schemaOr("Bool", "Allows"),
  schemaOr("StringArray", "Property"),
  ...["authentication/v1.ExtraValue", "authorization/v1.ExtraValue", "certificates/v1.ExtraValue", "meta/v1.Verbs"].map(
    (id): readonly [string, SpecialType] => [id, { message: id, toJson: (fields) => fields["items"] ?? [] }],
  ),
]);

function schemaOr(other: string, field: string): readonly [string, SpecialType] {
  const id = `apiextensions/v1.JSONSchemaPropsOr${other}`;
  return [id, { message: id, toJson: (fields) => fields["Schema"] ?? fields[field] }];
}

/** A zero time is an empty message and null in JSON. */
function timeText({ seconds = 0, nanos = 0 }: Fields): string | undefined {
  if (typeof seconds !== "number" || (seconds === 0 && nanos === 0)) return undefined;
  return formatTime(seconds * 1000);
}

function microTimeText(fields: Fields): string | undefined {
  const { nanos = 0 } = fields;
  const micros = typeof nanos === "number" ? Math.trunc(nanos / 1000) : 0;
  return timeText(fields)?.replace("Z", `.${String(micros).padStart(6, "0")}Z`);
}

function intOrString(fields: Fields): unknown {
  return fields["type"] === 1 ? (fields["strVal"] ?? "") : (fields["intVal"] ?? 0);
}

/** JSON, or an envelope again, in a field of bytes. */
function rawJson(raw: unknown): unknown {
  if (typeof raw !== "string" || raw === "") return undefined;
  const bytes = Buffer.from(raw, "base64");
  return isProtobufObject(bytes) ? decodeProtobuf(bytes) : parseJson(bytes);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
