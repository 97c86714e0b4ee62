// Which of the objects beside an application tells its state: snapshots of Flink jobs, volumes of a StatefulSet, driver pods of
// Spark, objects of any kind.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RelatedResource } from "#api/policy/failover.ts";
import type { Binding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { bindingWith } from "../testing.ts";
import { applicationOf, rememberedState, relatedRules, relatedValue, withRelatedState } from "./decide.ts";

const key = "resourcebinding.karmada.io/related-state";

function object(kind: string, name: string, fields: object, created = "2026-01-01T00:00:00Z"): KubeObject {
  return { apiVersion: "example.org/v1", kind, metadata: { name, creationTimestamp: created }, ...fields };
}

function snapshot(name: string, job: string, state: string, time: string): KubeObject {
  return object("FlinkStateSnapshot", name, {
    spec: { jobReference: { name: job } },
    status: { state, path: `s3://states/${name}`, resultTimestamp: time },
  });
}

const flink: RelatedResource = {
  apiVersion: "flink.apache.org/v1beta1",
  kind: "FlinkStateSnapshot",
  where: [
    { jsonPath: "{ .status.state }", value: "COMPLETED" },
    { jsonPath: "{ .spec.jobReference.name }", value: "{ .metadata.name }" },
  ],
  newestBy: "{ .status.resultTimestamp }",
};
const volumes: RelatedResource = { apiVersion: "v1", kind: "PersistentVolumeClaim", select: "All" };
const drivers: RelatedResource = {
  apiVersion: "v1",
  kind: "Pod",
  where: [{ jsonPath: "{ .metadata.labels.spark-app-selector }", value: "{ .status.sparkApplicationId }" }],
};
const backups: RelatedResource = { apiVersion: "example.org/v1", kind: "Backup", newestBy: "{ .status.sequence }" };
const application = { metadata: { name: "nginx", namespace: "default" }, status: { sparkApplicationId: "spark-7" } };

for (const { name, relatedResource, jsonPath, objects, value } of [
  {
    name: "the newest completed snapshot of the job, not of another, not one under way",
    relatedResource: flink,
    jsonPath: "{ .status.path }",
    objects: [
      snapshot("a", "nginx", "COMPLETED", "2026-01-01T00:00:00Z"),
      snapshot("c", "nginx", "COMPLETED", "2026-01-01T09:00:00Z"),
      snapshot("b", "nginx", "COMPLETED", "2026-01-01T08:00:00Z"),
      snapshot("d", "nginx", "IN_PROGRESS", "2026-01-01T10:00:00Z"),
      snapshot("e", "other", "COMPLETED", "2026-01-01T11:00:00Z"),
    ],
    value: "s3://states/c",
  },
  {
    name: "none that counts",
    relatedResource: flink,
    jsonPath: "{ .status.path }",
    objects: [snapshot("a", "nginx", "FAILED", "2026-01-01T00:00:00Z")],
    value: undefined,
  },
  {
    name: "the names of a StatefulSet's volume claims",
    relatedResource: volumes,
    jsonPath: "{ .items[*].spec.volumeName }",
    objects: [
      object("PersistentVolumeClaim", "data-db-1", { spec: { volumeName: "pv-b" } }),
      object("PersistentVolumeClaim", "data-db-0", { spec: { volumeName: "pv-a" } }),
    ],
    value: "pv-a pv-b",
  },
  {
    name: "the driver of a Spark application, by what the application's status says",
    relatedResource: drivers,
    jsonPath: "{ .metadata.annotations.checkpoint }",
    objects: [
      object("Pod", "old", { metadata: { name: "old", labels: { "spark-app-selector": "spark-6" } } }),
      object("Pod", "driver", {
        metadata: {
          name: "driver",
          labels: { "spark-app-selector": "spark-7" },
          annotations: { checkpoint: "gs://c/7" },
        },
      }),
    ],
    value: "gs://c/7",
  },
  {
    name: "any kind, by a number",
    relatedResource: backups,
    jsonPath: "{ .metadata.name }",
    objects: [
      object("Backup", "nine", { status: { sequence: 9 } }),
      object("Backup", "ten", { status: { sequence: 10 } }),
      object("Backup", "unnumbered", {}),
    ],
    value: "ten",
  },
  {
    name: "by age where nothing else is said",
    relatedResource: { apiVersion: "example.org/v1", kind: "Backup" },
    jsonPath: "{ .metadata.name }",
    objects: [object("Backup", "new", {}, "2026-02-01T00:00:00Z"), object("Backup", "old", {}, "2026-01-01T00:00:00Z")],
    value: "new",
  },
  {
    name: "a value that is missing",
    relatedResource: backups,
    jsonPath: "{ .status.path }",
    objects: [object("Backup", "one", { status: { sequence: 1 } })],
    value: undefined,
  },
] satisfies readonly {
  name: string;
  relatedResource: RelatedResource;
  jsonPath: string;
  objects: readonly KubeObject[];
  value: string | undefined;
}[]) {
  test(`related state: ${name}`, () => {
    assert.equal(relatedValue({ aliasLabelName: "a", jsonPath, relatedResource }, objects, application), value);
  });
}

const statePreservation = {
  rules: [
    { aliasLabelName: "id", jsonPath: "{ .id }" },
    { aliasLabelName: "path", jsonPath: "{ .status.path }", relatedResource: flink },
  ],
};

function stateful(annotation?: string): Binding {
  const failover = { cluster: { purgeMode: "Directly" as const, statePreservation } };
  const metadata = annotation === undefined ? {} : { annotations: { [key]: annotation } };
  return bindingWith({ failover, clusters: [{ name: "m1" }] }, metadata);
}

test("what was seen is remembered by cluster, as long as the resource goes there", () => {
  const seen = withRelatedState(stateful(), new Map([["m1", { path: "p" }]]));
  assert.deepEqual(rememberedState(seen, "m1"), { path: "p" });
  assert.deepEqual(rememberedState(seen, "m2"), {});
  assert.equal(withRelatedState(seen, new Map()), seen, "a cluster that cannot be asked keeps what it had");
  assert.equal(withRelatedState(seen, new Map([["m1", {}]])).metadata.annotations?.[key], undefined);
  const left = { ...seen, spec: { ...seen.spec, clusters: [{ name: "m2" }] } };
  assert.equal(withRelatedState(left, new Map()).metadata.annotations?.[key], undefined);
  assert.deepEqual(rememberedState(stateful("[oops"), "m1"), {});
});

test("only rules with a related resource are looked up, for application and cluster failover", () => {
  assert.deepEqual(
    relatedRules(stateful()).map(({ aliasLabelName }) => aliasLabelName),
    ["path"],
  );
  assert.deepEqual(relatedRules(bindingWith()), []);
  assert.deepEqual(applicationOf(stateful(), "m1"), {
    metadata: { name: "nginx", namespace: "default" },
    status: {},
  });
});
