import assert from "node:assert/strict";
import { test } from "node:test";
import { conversionBody, readConversion } from "./conversion-review.ts";

const metadata = { name: "a", namespace: "default", uid: "u1", resourceVersion: "7", labels: { one: "1" } };
const original = { apiVersion: "example.com/v1", kind: "Widget", metadata };
const request = { reviewVersion: "v1", uid: "r1", objects: [original], desiredAPIVersion: "example.com/v2" } as const;
const converted = { ...original, apiVersion: "example.com/v2", spec: { size: 1 } };

const answer = (response: object, more: object = {}) =>
  Buffer.from(JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response, ...more }));
const success = (...convertedObjects: readonly object[]) => ({
  uid: "r1",
  convertedObjects,
  result: { status: "Success" },
});

test("a review says what is wanted", () => {
  assert.deepEqual(conversionBody(request), {
    kind: "ConversionReview",
    apiVersion: "apiextensions.k8s.io/v1",
    request: { uid: "r1", objects: [original], desiredAPIVersion: "example.com/v2" },
  });
});

test("metadata stay as they were, but for labels and annotations", () => {
  const changed = { name: "a", namespace: "default", uid: "u1", generation: 9, annotations: { two: "2" } };
  const { labels: _, ...kept } = metadata;
  assert.deepEqual(readConversion(request, answer(success({ ...converted, metadata: changed }))), [
    { ...converted, metadata: { ...kept, annotations: { two: "2" } } },
  ]);
});

test("v1beta1 looks neither at the kind nor at the uid", () => {
  const older = { ...request, reviewVersion: "v1beta1" } as const;
  const body = answer({ ...success(converted), uid: "other" }, { apiVersion: "", kind: "" });
  assert.deepEqual(readConversion(older, body), [converted]);
});

const about = "conversion webhook for example.com/v1, Kind=Widget";

for (const { name, body, message } of [
  { name: "no JSON", body: Buffer.from("<html>"), message: /^conversion webhook for .* failed: / },
  {
    name: "another kind",
    body: answer(success(converted), { kind: "Status", apiVersion: "v1" }),
    message: `${about} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1, Kind=Status`,
  },
  {
    name: "no response",
    body: answer({}, { response: undefined }),
    message: `${about} failed: no response provided`,
  },
  {
    name: "an answer to another question",
    body: answer({ ...success(converted), uid: "r2" }),
    message: `${about} failed: expected response.uid="r1", got "r2"`,
  },
  {
    name: "a failure with a message",
    body: answer({ uid: "r1", result: { status: "Failure", message: "no idea" } }),
    message: `${about} failed: no idea`,
  },
  {
    name: "a failure without",
    body: answer({ uid: "r1", result: { status: "Failure" } }),
    message: `${about} failed: response.result.status was 'Failure', not 'Success'`,
  },
  {
    name: "too many objects",
    body: answer(success(converted, converted)),
    message: `${about} returned 2 objects, expected 1`,
  },
  {
    name: "another version",
    body: answer(success(original)),
    message: `${about} returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)`,
  },
  {
    name: "another kind of object",
    body: answer(success({ ...converted, kind: "Gadget" })),
    message: `${about} returned invalid object at index 0: invalid kind (expected Widget, received Gadget)`,
  },
  {
    name: "another object",
    body: answer(success({ ...converted, metadata: { ...metadata, name: "b" } })),
    message: `${about} returned invalid object: must have the same name: a != b`,
  },
  {
    name: "another uid",
    body: answer(success({ ...converted, metadata: { ...metadata, uid: "u2" } })),
    message: `${about} returned invalid object: must have the same UID: u1 != u2`,
  },
  {
    name: "no metadata",
    body: answer(success({ ...converted, metadata: undefined })),
    message: `${about} returned invalid metadata: missing metadata in converted object`,
  },
]) {
  test(`refused: ${name}`, () => {
    assert.throws(() => readConversion(request, body), { name: "BadConversionError", message });
  });
}
