import assert from "node:assert/strict";
import test from "node:test";
import type { Schema } from "#machinery/schema.ts";
import { crdOf } from "./crd.ts";
import { defineKind } from "./define-kind.ts";
import { karmadaKinds } from "./karmada.ts";
import { t } from "./schema-dsl.ts";

const Widget = defineKind({
  group: "example.com",
  version: "v1",
  scope: "Namespaced",
  kind: "Widget",
  plural: "widgets",
  shortNames: ["wd"],
  doc: "A widget.",
  spec: t.object({ replicas: t.optional(t.int32()) }),
  status: t.object({ replicas: t.optional(t.int32()) }),
  printerColumns: [{ name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" }],
  subresources: {
    status: true,
    scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
  },
});

test("a CRD carries all that the declaration says", () => {
  const { apiVersion, kind, metadata, spec } = crdOf(Widget);
  assert.deepEqual(
    [apiVersion, kind, metadata.name],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.com"],
  );
  assert.deepEqual(spec.names, {
    plural: "widgets",
    singular: "widget",
    kind: "Widget",
    listKind: "WidgetList",
    shortNames: ["wd"],
  });
  assert.equal(spec.scope, "Namespaced");
  const [version] = spec.versions;
  assert.deepEqual(version?.subresources, {
    status: {},
    scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
  });
  assert.deepEqual(version.schema.openAPIV3Schema.required, ["spec"]);
  assert.deepEqual(Object.keys(version.schema.openAPIV3Schema.properties ?? {}), [
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "status",
  ]);
});

test("a CRD without subresources has none", () => {
  const plain = crdOf({ ...Widget, subresources: {}, printerColumns: [] }).spec.versions[0];
  assert.ok(plain !== undefined && !("subresources" in plain) && !("additionalPrinterColumns" in plain));
});

test("every field of every kind of Karmada is described", () => {
  for (const kind of karmadaKinds) {
    const bare = undescribed(kind.schema, kind.kind);
    assert.deepEqual(bare, []);
  }
});

/** Fields of Karmada that hold types of Kubernetes' own, which have no words of ours inside. */
const kubernetesOwn =
  /^Karmada\..*\.(affinity|resources|extraVolumes|extraVolumeMounts|sidecarContainers|emptyDir|hostPath|volumeClaim)$/;

function undescribed(schema: Schema, path: string): string[] {
  if (kubernetesOwn.test(path.replace(/\[\]$/, ""))) return [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description === undefined && name !== "metadata" ? [`${path}.${name}`] : []),
    ...undescribed(field, `${path}.${name}`),
    ...(field.items === undefined ? [] : undescribed(field.items, `${path}.${name}[]`)),
  ]);
}
