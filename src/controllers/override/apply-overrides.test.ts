import assert from "node:assert/strict";
import test from "node:test";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { ClusterOverridePolicy, OverridePolicy, Overriders } from "#api/policy/override-policy.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { applyOverrides } from "./apply-overrides.ts";

function cluster(name: string): Cluster {
  return { apiVersion: "cluster.karmada.io/v1alpha1", kind: "Cluster", metadata: { name }, spec: { syncMode: "Push" } };
}

function policy(name: string, spec: OverridePolicy["spec"], namespace = "default"): OverridePolicy {
  return { apiVersion: "policy.karmada.io/v1alpha1", kind: "OverridePolicy", metadata: { name, namespace }, spec };
}

function clusterPolicy(name: string, spec: ClusterOverridePolicy["spec"]): ClusterOverridePolicy {
  return { apiVersion: "policy.karmada.io/v1alpha1", kind: "ClusterOverridePolicy", metadata: { name }, spec };
}

const label = (value: string): Overriders => ({ labelsOverrider: [{ operator: "add", value: { by: value } }] });

const manifest: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c", namespace: "default", labels: { app: "x" } },
};
const selectByName = { apiVersion: "v1", kind: "ConfigMap", name: "c" };
const selectByLabel = { apiVersion: "v1", kind: "ConfigMap", labelSelector: { matchLabels: { app: "x" } } };

function apply(
  overridePolicies: OverridePolicy[],
  clusterOverridePolicies: ClusterOverridePolicy[] = [],
  object = manifest,
  name = "member1",
): ReturnType<typeof applyOverrides> {
  return applyOverrides({ manifest: object, cluster: cluster(name), overridePolicies, clusterOverridePolicies });
}

test("the ConfigMap of the v1.12 announcement differs in member1 alone", () => {
  const yaml = (port: string): string =>
    `app:\n  database:\n    port: ${port}\n    ip: 127.0.0.1\n    name: example\n    zone: zone1\n`;
  const configMap: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "example-configmap", namespace: "default" },
    data: { "config.yaml": yaml("5432") },
  };
  const example = policy("example", {
    resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name: "example-configmap" }],
    overrideRules: [
      {
        overriders: {
          fieldOverrider: [
            {
              fieldPath: "/data/config.yaml",
              yaml: [{ subPath: "/app/database/port", operator: "replace", value: "3306" }],
            },
          ],
        },
        targetCluster: { clusterNames: ["member1"] },
      },
    ],
  });
  const first = apply([example], [], configMap, "member1");
  assert.deepEqual(first.manifest["data"], { "config.yaml": yaml("3306") });
  assert.equal(
    first.applied.overrides,
    '[{"policyName":"example","overriders":{"fieldOverrider":[{"fieldPath":"/data/config.yaml",' +
      '"yaml":[{"subPath":"/app/database/port","operator":"replace","value":"3306"}]}]}}]',
  );
  assert.equal(first.applied.clusterOverrides, undefined);
  const second = apply([example], [], configMap, "member2");
  assert.equal(second.manifest, configMap);
  assert.deepEqual(second.applied, { clusterOverrides: undefined, overrides: undefined });
  assert.deepEqual(second.events, []);
});

test("cluster policies go before those of the namespace, the more particular last", () => {
  const {
    manifest: result,
    applied,
    events,
  } = apply(
    [
      policy("b-all", { overrideRules: [{ overriders: label("b-all") }] }),
      policy("a-name", { resourceSelectors: [selectByName], overrideRules: [{ overriders: label("a-name") }] }),
      policy("c-label", { resourceSelectors: [selectByLabel], overrideRules: [{ overriders: label("c-label") }] }),
      policy("a-all", { overrideRules: [{ overriders: label("a-all") }] }),
      policy("elsewhere", { overrideRules: [{ overriders: label("elsewhere") }] }, "other"),
    ],
    [clusterPolicy("z", { resourceSelectors: [selectByName], overrideRules: [{ overriders: label("z") }] })],
  );
  assert.deepEqual(
    events.map(({ message }) => message),
    [
      "Apply cluster override policy(z) for cluster(member1) succeed.",
      ...["a-all", "b-all", "c-label", "a-name"].map(
        (name) => `Apply override policy(default/${name}) for cluster(member1) succeed.`,
      ),
    ],
  );
  assert.equal(result.metadata.labels?.["by"], "a-name");
  const names = (JSON.parse(applied.overrides ?? "[]") as { policyName: string }[]).map(({ policyName }) => policyName);
  assert.deepEqual(names, ["a-all", "a-name", "b-all", "c-label"]);
});

test("policies that select something else, or have no rule for the cluster, do nothing", () => {
  const other = { ...selectByName, name: "d" };
  const result = apply([
    policy("other", { resourceSelectors: [other], overrideRules: [{ overriders: label("x") }] }),
    policy("elsewhere", { overrideRules: [{ overriders: label("x"), targetCluster: { exclude: ["member1"] } }] }),
  ]);
  assert.equal(result.manifest, manifest);
});

test("rules of one policy run in their order, each recorded", () => {
  const { manifest: result, applied } = apply([
    policy("p", { overrideRules: [{ overriders: label("1") }, { overriders: label("2") }] }),
  ]);
  assert.equal(result.metadata.labels?.["by"], "2");
  assert.equal((JSON.parse(applied.overrides ?? "") as unknown[]).length, 2);
});

test("the older form is a single rule, and only without rules", () => {
  const legacy = { overriders: label("old"), targetCluster: { clusterNames: ["member1"] } };
  assert.equal(apply([policy("p", legacy)]).manifest.metadata.labels?.["by"], "old");
  assert.equal(apply([policy("p", legacy)], [], manifest, "member2").manifest, manifest);
  const both = { ...legacy, overrideRules: [{ overriders: label("new") }] };
  assert.equal(apply([policy("p", both)]).manifest.metadata.labels?.["by"], "new");
});

test("cluster-scoped objects have cluster policies only", () => {
  const role: KubeObject = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "r" } };
  const rules = { overrideRules: [{ overriders: label("x") }] };
  assert.equal(apply([policy("p", rules, "")], [], role).manifest, role);
  assert.equal(apply([], [clusterPolicy("p", rules)], role).manifest.metadata.labels?.["by"], "x");
});

test("what a rule does is done in a fixed order: plaintext has the last word", () => {
  const result = apply([
    policy("p", {
      overrideRules: [
        {
          overriders: {
            plaintext: [{ operator: "replace", path: "/metadata/labels/by", value: "plaintext" }],
            ...label("labels"),
          },
        },
      ],
    }),
  ]);
  assert.equal(result.manifest.metadata.labels?.["by"], "plaintext");
});

test("a failure names policy, rule, path and cluster, and ends it", () => {
  const { events, errors, applied } = apply(
    [
      policy("later", { resourceSelectors: [selectByName], overrideRules: [{ overriders: label("x") }] }),
      policy("p", {
        overrideRules: [
          { overriders: label("x") },
          {
            overriders: {
              fieldOverrider: [
                { fieldPath: "/data/a.json", json: [{ subPath: "/b", operator: "remove" }] },
                { fieldPath: "/data/gone.json", json: [{ subPath: "/b", operator: "remove" }] },
              ],
            },
          },
        ],
      }),
    ],
    [],
    { ...manifest, data: { "a.json": '{"b":1}' } },
  );
  assert.deepEqual(errors, [
    {
      policy: "OverridePolicy default/p",
      rule: "spec.overrideRules[1].overriders.fieldOverrider[1]",
      cluster: "member1",
      message:
        "OverridePolicy default/p: spec.overrideRules[1].overriders.fieldOverrider[1] for cluster member1: " +
        "path /data/gone.json does not exist",
    },
  ]);
  assert.deepEqual(events.at(-1), {
    type: "Warning",
    reason: "ApplyOverridePolicyFailed",
    message: "Apply override policy(default/p) for cluster(member1) failed.",
  });
  assert.equal(events.length, 2);
  assert.equal((JSON.parse(applied.overrides ?? "[]") as unknown[]).length, 1);
});

test("a document that is not the kind it is said to be is a failure", () => {
  const withData = (text: unknown): KubeObject => ({ ...manifest, data: { f: text } });
  const rule = (how: "json" | "yaml"): OverridePolicy =>
    policy("p", {
      overrideRules: [
        {
          overriders: {
            fieldOverrider: [{ fieldPath: "/data/f", [how]: [{ subPath: "/a", operator: "add", value: 1 }] }],
          },
        },
      ],
    });
  const message = (how: "json" | "yaml", text: unknown): string | undefined =>
    apply([rule(how)], [], withData(text)).errors[0]?.message;
  assert.match(message("json", "a: 1") ?? "", /the field is not JSON/);
  assert.match(message("yaml", "a: [") ?? "", /the field is not YAML/);
  assert.match(message("yaml", 5) ?? "", /the field at \/data\/f is not a string/);
  assert.deepEqual(fieldOf(apply([rule("yaml")], [], withData("{}")).manifest["data"], "f"), "a: 1");
});

test("an override that leaves no Kubernetes object is a failure", () => {
  const { errors } = apply([policy("p", { overriders: { plaintext: [{ operator: "remove", path: "/kind" }] } })]);
  assert.match(errors[0]?.message ?? "", /spec\.overriders\.plaintext\[0\] for cluster member1: what remains is no/);
});

test("one JSON patch: a failing operation of plaintext undoes the rule", () => {
  const { errors } = apply([
    policy("p", {
      overriders: {
        plaintext: [
          { operator: "add", path: "/data", value: {} },
          { operator: "replace", path: "/data/x", value: "1" },
        ],
      },
    }),
  ]);
  assert.match(errors[0]?.message ?? "", /plaintext\[1\] for cluster member1: path \/data\/x does not exist/);
});

test("the record escapes what Go escapes, and orders fields as Go does", () => {
  const { applied } = apply([
    policy("p", {
      overriders: {
        labelsOverrider: [{ value: { b: "2", a: "1" }, operator: "add" }],
        plaintext: [{ value: { y: "<&>", x: 1 }, operator: "add", path: "/data" }],
      },
    }),
  ]);
  assert.equal(
    applied.overrides,
    '[{"policyName":"p","overriders":{"plaintext":[{"path":"/data","operator":"add","value":{"y":"\\u003c\\u0026\\u003e","x":1}}],' +
      '"labelsOverrider":[{"operator":"add","value":{"a":"1","b":"2"}}]}}]',
  );
});
