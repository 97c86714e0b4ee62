import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "#machinery/api-error.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { decodeProtobuf } from "./protobuf.ts";

/** A field of bytes: its number and what is in it. */
function field(number: number, ...content: readonly (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => (typeof part === "number" ? Buffer.from([part]) : Buffer.from(part))),
  );
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

function integer(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function envelope(apiVersion: string, kind: string, ...raw: readonly Buffer[]): Buffer {
  const meta = field(1, field(1, apiVersion), field(2, kind));
  return Buffer.concat([Buffer.from("k8s\0"), meta, field(2, ...raw), field(3, ""), field(4, "")]);
}

test("a ConfigMap as kubectl create sends it", () => {
  const labels = field(11, field(1, "k"), field(2, "v"));
  const metadata = field(1, field(1, "a"), field(2, ""), field(3, "default"), field(8), labels);
  const data = field(2, field(1, "port"), field(2, "3306"));
  const body = envelope("v1", "ConfigMap", metadata, data, field(3, field(1, "b"), field(2, 1, 2)));
  assert.deepEqual(decodeProtobuf(body), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", generateName: "", namespace: "default", labels: { k: "v" } },
    data: { port: "3306" },
    binaryData: { b: "AQI=" },
  });
});

test("numbers, quantities, times, int-or-string and inlined messages", () => {
  const limits = field(1, field(1, "cpu"), field(2, field(1, "100m")));
  const action = field(2, field(1, "/ready"), field(2, integer(1, 1), integer(2, 0), field(3, "http")));
  const probe = field(11, field(1, action), integer(2, 5));
  const container = field(2, field(1, "c"), field(8, limits), probe);
  const metadata = field(1, field(1, "p"), field(8, integer(1, 1_767_225_600)));
  assert.deepEqual(decodeProtobuf(envelope("v1", "Pod", metadata, field(2, container, integer(4, 30)))), {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: {
      containers: [
        {
          name: "c",
          resources: { limits: { cpu: "100m" } },
          readinessProbe: { httpGet: { path: "/ready", port: "http" }, initialDelaySeconds: 5 },
        },
      ],
      terminationGracePeriodSeconds: 30,
    },
  });
});

test("options, named lists, raw JSON, microseconds and what nobody knows", () => {
  const options = envelope("apps/v1", "DeleteOptions", integer(1, 0), field(2, field(1, "u")), integer(99, 5));
  assert.deepEqual(decodeProtobuf(options), {
    apiVersion: "apps/v1",
    kind: "DeleteOptions",
    gracePeriodSeconds: 0,
    preconditions: { uid: "u" },
  });
  const extra = field(5, field(1, "scope"), field(2, field(1, "a"), field(1, "b")));
  const review = envelope("authorization.k8s.io/v1", "SubjectAccessReview", field(2, extra));
  assert.deepEqual(fieldOf(decodeProtobuf(review), "spec", "extra"), { scope: ["a", "b"] });
  const revision = envelope("apps/v1", "ControllerRevision", field(2, field(1, '{"a":[1]}')));
  assert.deepEqual(decodeProtobuf(revision)["data"], { a: [1] });
  const renewed = field(4, integer(1, 1_767_225_600), integer(2, 123_456_000));
  const lease = envelope("coordination.k8s.io/v1", "Lease", field(2, renewed));
  assert.equal(fieldOf(decodeProtobuf(lease), "spec", "renewTime"), "2026-01-01T00:00:00.123456Z");
});

test("a schema stands as itself, as a list or as a word", () => {
  const props = field(29, field(1, "n"), field(2, field(5, "integer"), field(8, field(1, "7"))));
  const additional = field(30, integer(1, 1));
  const version = field(7, field(1, "v1"), field(4, field(1, field(5, "object"), props, additional)));
  const crd = envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", field(2, version));
  const [first] = [fieldOf(decodeProtobuf(crd), "spec", "versions")].flat();
  assert.deepEqual(fieldOf(first, "schema", "openAPIV3Schema"), {
    type: "object",
    properties: { n: { type: "integer", default: 7 } },
    additionalProperties: true,
  });
});

test("what is no envelope, or of no known kind, is refused; keys never become prototypes", () => {
  assert.throws(() => decodeProtobuf(Buffer.from("{}")), /expected prefix \[107 56 115 0\]/);
  assert.throws(() => decodeProtobuf(envelope("v1", "Nothing")), /no kind "Nothing" is registered for version "v1"/);
  const data = field(2, field(1, "__proto__"), field(2, "x"));
  const decoded = decodeProtobuf(envelope("v1", "ConfigMap", data));
  assert.ok(isRecord(decoded["data"]) && Object.hasOwn(decoded["data"], "__proto__"));
});

test("hostile bytes are refused or read, never anything else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeProtobuf(envelope("apps/v1", "Deployment", Buffer.from(bytes)));
      } catch (error) {
        assert.ok(error instanceof ApiError);
        assert.equal(error.reason, "BadRequest");
      }
    }),
  );
});
