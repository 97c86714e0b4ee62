// Whole objects in protobuf are the JSON they stand for, inline messages, maps, times and all. The encoder here writes what Go writes, by the same table of numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isArray, isRecord } from "#machinery/guards.ts";
import table from "../generated/protobuf.json" with { type: "json" };
import { decodeProtobuf } from "./protobuf.ts";

const texts: Readonly<Record<string, string>> = table;

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function tagged(number: number, wireType: number, payload: readonly number[]): number[] {
  const length = wireType === 2 ? varint(BigInt(payload.length)) : [];
  return [...varint(BigInt(number * 8 + wireType)), ...length, ...payload];
}

const utf8 = (text: string): number[] => [...Buffer.from(text)];

function encodeMessage(id: string, object: Readonly<Record<string, unknown>>): number[] {
  return (texts[id] ?? "")
    .split("; ")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [number = "", wire = "", type = "", name = ""] = line.split(" ");
      if (name.startsWith("^")) return tagged(Number(number), 2, encodeMessage(type, object));
      const value = object[name];
      if (value === undefined) return [];
      const one = (each: string, item: unknown): number[] =>
        tagged(Number(number), Number(wire), encodeValue(each, item));
      const inner = /^(list|map)<(.*)>$/.exec(type)?.[2] ?? "";
      if (type.startsWith("list<")) return isArray(value) ? value.flatMap((item) => one(inner, item)) : [];
      if (!type.startsWith("map<") || !isRecord(value)) return one(type, value);
      const valueType = inner.slice(inner.indexOf(",") + 1);
      return Object.entries(value).flatMap(([key, item]) =>
        tagged(Number(number), 2, [...tagged(1, 2, utf8(key)), ...tagged(2, 2, encodeValue(valueType, item))]),
      );
    });
}

function encodeValue(type: string, value: unknown): number[] {
  switch (type) {
    case "string":
      return utf8(String(value));
    case "bytes":
      return [...Buffer.from(String(value), "base64")];
    case "bool":
      return [value === true ? 1 : 0];
    case "int32":
    case "int64":
      return varint(BigInt(value as number));
    case "quantity.Quantity":
      return tagged(1, 2, utf8(String(value)));
    case "meta/v1.Time":
      return tagged(1, 0, varint(BigInt(Date.parse(String(value)) / 1000)));
    case "meta/v1.MicroTime":
      return [...tagged(1, 0, varint(1_767_225_600n)), ...tagged(2, 0, varint(123_456_000n))];
    case "intstr.IntOrString":
      return typeof value === "string"
        ? [...tagged(1, 0, [1]), ...tagged(2, 0, [0]), ...tagged(3, 2, utf8(value))]
        : [...tagged(1, 0, [0]), ...tagged(2, 0, varint(BigInt(value as number))), ...tagged(3, 2, [])];
    case "runtime.RawExtension":
      return tagged(1, 2, utf8(JSON.stringify(value)));
    default:
      if (type.endsWith(".ExtraValue")) return (value as string[]).flatMap((text) => tagged(1, 2, utf8(text)));
      return encodeMessage(type, value as Record<string, unknown>);
  }
}

function envelope(apiVersion: string, kind: string, raw: readonly number[]): Uint8Array {
  const typeMeta = [...tagged(1, 2, utf8(apiVersion)), ...tagged(2, 2, utf8(kind))];
  const unknown = [...tagged(1, 2, typeMeta), ...tagged(2, 2, raw), ...tagged(3, 2, []), ...tagged(4, 2, [])];
  return Uint8Array.from([0x6b, 0x38, 0x73, 0x00, ...unknown]);
}

for (const { id, object } of [
  {
    id: "apps/v1.Deployment",
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", labels: { a: "b", c: "" }, creationTimestamp: "2026-05-04T10:11:12Z", generation: -3 },
      spec: {
        replicas: 2,
        paused: true,
        selector: { matchLabels: { app: "web" } },
        strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 } },
        template: {
          spec: {
            containers: [
              { name: "a", image: "i", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "1" } } },
              { name: "b", command: ["x", "y"], env: [{ name: "E", valueFrom: { fieldRef: { fieldPath: "f" } } }] },
            ],
            volumes: [{ name: "v", configMap: { name: "c", defaultMode: 420 } }],
          },
        },
      },
    },
  },
  {
    id: "core/v1.Secret",
    object: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { k: "aGVsbG8=" }, type: "Opaque" },
  },
  {
    id: "coordination/v1.Lease",
    object: {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "l" },
      spec: { holderIdentity: "me", renewTime: "2026-01-01T00:00:00.123456Z" },
    },
  },
  {
    id: "apps/v1.ControllerRevision",
    object: {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: { name: "r" },
      data: { a: [1] },
      revision: 7,
    },
  },
  {
    id: "authorization/v1.SubjectAccessReview",
    object: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: "u", groups: ["g"], extra: { scope: ["a", "b"] } },
    },
  },
  {
    id: "meta/v1.DeleteOptions",
    object: {
      apiVersion: "apps/v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
      propagationPolicy: "Foreground",
    },
  },
]) {
  test(`protobuf: ${object.kind}`, () => {
    const { apiVersion, kind, ...rest } = object;
    assert.deepEqual(decodeProtobuf(envelope(apiVersion, kind, encodeMessage(id, rest))), object);
  });
}
