// The record of managed keys, with and without a Work id, and that sealing twice changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sealManifest } from "./manifest.ts";

const manifest = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "x", namespace: "default", uid: "u", labels: { b: "2", a: "1" }, annotations: { note: "n" } },
  data: { k: "v" },
};
const annotationList =
  "note,resourcetemplate.karmada.io/managed-annotations,resourcetemplate.karmada.io/managed-labels";

test("names the keys that Karmada manages, in order, itself included", () => {
  assert.deepEqual(sealManifest(manifest, undefined), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "x",
      namespace: "default",
      labels: { a: "1", b: "2" },
      annotations: {
        note: "n",
        "resourcetemplate.karmada.io/managed-annotations": annotationList,
        "resourcetemplate.karmada.io/managed-labels": "a,b",
      },
    },
    data: { k: "v" },
  });
});

test("carries the Work's id once there is one", () => {
  const sealed = sealManifest(manifest, "id-1");
  assert.equal(sealed.metadata.labels?.["work.karmada.io/permanent-id"], "id-1");
  assert.equal(
    sealed.metadata.annotations?.["resourcetemplate.karmada.io/managed-labels"],
    "a,b,work.karmada.io/permanent-id",
  );
});

test("is idempotent", () => {
  const once = sealManifest(manifest, "id-1");
  assert.deepEqual(sealManifest(once, "id-1"), once);
  const bare = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
  assert.deepEqual(sealManifest(sealManifest(bare, undefined), undefined), sealManifest(bare, undefined));
});
