// Kinds and objects that are never propagated.
import assert from "node:assert/strict";
import { test } from "node:test";
import { skipDefaults, skipRules } from "./skip.ts";

const rules = skipRules(skipDefaults);

for (const { group, version, kind, skipped } of [
  { group: "", version: "v1", kind: "ConfigMap", skipped: false },
  { group: "", version: "v1", kind: "Event", skipped: true },
  { group: "events.k8s.io", version: "v1", kind: "Event", skipped: true },
  { group: "coordination.k8s.io", version: "v1", kind: "Lease", skipped: true },
  { group: "work.karmada.io", version: "v1alpha1", kind: "Work", skipped: true },
  { group: "apps.karmada.io", version: "v1alpha1", kind: "WorkloadRebalancer", skipped: true },
  { group: "apps", version: "v1", kind: "Deployment", skipped: false },
  { group: "multicluster.x-k8s.io", version: "v1alpha1", kind: "ServiceImport", skipped: false },
  { group: "flink.apache.org", version: "v1beta1", kind: "FlinkDeployment", skipped: false },
]) {
  test(`${kind}.${group} is ${skipped ? "skipped" : "propagated"}`, () => {
    assert.equal(rules.skipsKind({ group, version, kind }), skipped);
  });
}

test("the user's list takes groups, versions and kinds", () => {
  const own = skipRules({ apis: "networking.k8s.io;apps/v1beta1;batch/v1/Job,CronJob;v1/Secret,Pod", namespaces: [] });
  const skips = (group: string, version: string, kind: string): boolean => own.skipsKind({ group, version, kind });
  assert.equal(skips("networking.k8s.io", "v1", "Ingress"), true);
  assert.equal(skips("apps", "v1beta1", "Deployment"), true);
  assert.equal(skips("apps", "v1", "Deployment"), false);
  assert.equal(skips("batch", "v1", "CronJob"), true);
  assert.equal(skips("", "v1", "Pod"), true);
  assert.equal(skips("", "v1", "Service"), false);
  for (const apis of ["a/b/c/d", "apps/", "/v1"]) assert.throws(() => skipRules({ apis, namespaces: [] }), RangeError);
});

for (const { namespace, skipped } of [
  { namespace: "default", skipped: false },
  { namespace: undefined, skipped: false },
  { namespace: "karmada-system", skipped: true },
  { namespace: "karmada-cluster", skipped: true },
  { namespace: "karmada-es-member1", skipped: true },
  { namespace: "karmada", skipped: false },
  { namespace: "kube-public", skipped: true },
  { namespace: "my-kube-public", skipped: false },
]) {
  test(`namespace ${String(namespace)} is ${skipped ? "skipped" : "propagated"}`, () => {
    assert.equal(rules.skipsObject({ group: "", version: "v1", kind: "ConfigMap" }, { namespace, name: "x" }), skipped);
  });
}

test("the API server's own ConfigMap is skipped even where its namespace is not", () => {
  const own = skipRules({ apis: "", namespaces: [] });
  const configMap = { group: "", version: "v1", kind: "ConfigMap" };
  const ref = { namespace: "kube-system", name: "extension-apiserver-authentication" };
  assert.equal(own.skipsObject(configMap, ref), true);
  assert.equal(own.skipsObject({ ...configMap, kind: "Secret" }, ref), false);
});
