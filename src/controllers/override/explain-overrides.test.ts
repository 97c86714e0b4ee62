import assert from "node:assert/strict";
import test from "node:test";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { ClusterOverridePolicy, OverridePolicy, Overriders } from "#api/policy/override-policy.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { explainOverrides, type OverrideExplanation } from "./explain-overrides.ts";

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
): OverrideExplanation {
  return explainOverrides(object, [...overridePolicies, ...clusterOverridePolicies], cluster(name));
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
  assert.equal(apply([policy("p", rules)], [], role).manifest, role);
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
  const original = { ...manifest, data: { "a.json": '{"b":1}' } };
  const {
    events,
    failure,
    manifest: result,
    applied,
    changes,
  } = apply(
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
    original,
  );
  assert.equal(failure?.policy, "OverridePolicy default/p");
  assert.equal(failure.policyObject.metadata.name, "p");
  assert.equal(failure.rule, "spec.overrideRules[1].overriders.fieldOverrider[1]");
  assert.equal(failure.path, "/data/gone.json");
  assert.equal(failure.cluster, "member1");
  assert.equal(
    failure.message,
    "OverridePolicy default/p: spec.overrideRules[1].overriders.fieldOverrider[1] at /data/gone.json " +
      "for cluster member1: path /data/gone.json does not exist",
  );
  assert.equal(result, original, "nothing of it is half applied");
  assert.deepEqual([changes, applied], [[], { clusterOverrides: undefined, overrides: undefined }]);
  assert.deepEqual(events.at(-1), {
    type: "Warning",
    reason: "ApplyOverridePolicyFailed",
    message: "Apply override policy(default/p) for cluster(member1) failed.",
  });
  assert.equal(events.length, 2);
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
    apply([rule(how)], [], withData(text)).failure?.message;
  assert.match(message("json", "a: 1") ?? "", /the field is not JSON/);
  assert.match(message("yaml", "a: [") ?? "", /the field is not YAML/);
  assert.match(message("yaml", 5) ?? "", /the field at \/data\/f is not a string/);
  assert.deepEqual(fieldOf(apply([rule("yaml")], [], withData("{}")).manifest["data"], "f"), "a: 1");
});

test("an override that leaves no Kubernetes object is a failure", () => {
  const { failure } = apply([policy("p", { overriders: { plaintext: [{ operator: "remove", path: "/kind" }] } })]);
  assert.match(
    failure?.message ?? "",
    /spec\.overriders\.plaintext\[0\] at \/kind for cluster member1: what remains is no/,
  );
});

test("one JSON patch: a failing operation of plaintext undoes the rule", () => {
  const { failure } = apply([
    policy("p", {
      overriders: {
        plaintext: [
          { operator: "add", path: "/data", value: {} },
          { operator: "replace", path: "/data/x", value: "1" },
        ],
      },
    }),
  ]);
  assert.match(
    failure?.message ?? "",
    /plaintext\[1\] at \/data\/x for cluster member1: path \/data\/x does not exist/,
  );
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

test("each change is told with the rule that made it, in the order of making", () => {
  const deployment: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", annotations: { config: "a: 1\nb: [x]\n" } },
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            { name: "c", image: "nginx:1" },
            { name: "d", image: "q" },
          ],
        },
      },
    },
  };
  const result = apply(
    [
      policy("own", {
        overrideRules: [
          { targetCluster: { clusterNames: ["elsewhere"] }, overriders: label("never") },
          {
            overriders: {
              plaintext: [
                { operator: "replace", path: "/spec/replicas", value: 3 },
                { operator: "replace", path: "/spec/replicas", value: 3 },
                { operator: "remove", path: "/spec/template/spec/containers/1" },
              ],
              fieldOverrider: [
                {
                  fieldPath: "/metadata/annotations/config",
                  yaml: [
                    { subPath: "/a", operator: "replace", value: 2 },
                    { subPath: "/b/-", operator: "add", value: "w" },
                  ],
                },
              ],
            },
          },
        ],
      }),
    ],
    [
      clusterPolicy("all", {
        overriders: {
          imageOverrider: [{ component: "Registry", operator: "replace", value: "r.io" }],
          ...label("all"),
        },
      }),
    ],
    deployment,
  );
  const all = (place: string) => ({ policy: "ClusterOverridePolicy all", rule: `spec.overriders.${place}` });
  const own = (place: string) => ({
    policy: "OverridePolicy default/own",
    rule: `spec.overrideRules[1].overriders.${place}`,
  });
  const containers = "/spec/template/spec/containers";
  assert.deepEqual(result.changes, [
    { path: `${containers}/0/image`, before: "nginx:1", after: "r.io/nginx:1", ...all("imageOverrider[0]") },
    { path: `${containers}/1/image`, before: "q", after: "r.io/q", ...all("imageOverrider[0]") },
    { path: "/metadata/labels", before: undefined, after: { by: "all" }, ...all("labelsOverrider[0]") },
    {
      path: "/metadata/annotations/config",
      before: "a: 1\nb: [x]\n",
      after: "a: 2\nb: [x, w]\n",
      subPaths: ["/a", "/b/-"],
      ...own("fieldOverrider[0]"),
    },
    { path: "/spec/replicas", before: 2, after: 3, ...own("plaintext[0]") },
    {
      path: containers,
      before: [
        { name: "c", image: "r.io/nginx:1" },
        { name: "d", image: "r.io/q" },
      ],
      after: [{ name: "c", image: "r.io/nginx:1" }],
      ...own("plaintext[2]"),
    },
  ]);
});

const east = { labels: { region: "east", tier: "gold" }, spec: { provider: "aws", region: "us", zones: ["a", "b"] } };
for (const { name, target, applies } of [
  { name: "no target", target: undefined, applies: true },
  { name: "an empty target", target: {}, applies: true },
  { name: "a name", target: { clusterNames: ["member1", "x"] }, applies: true },
  { name: "another name", target: { clusterNames: ["x"] }, applies: false },
  { name: "excluded, though named", target: { clusterNames: ["member1"], exclude: ["member1"] }, applies: false },
  { name: "labels", target: { labelSelector: { matchLabels: { region: "east" } } }, applies: true },
  {
    name: "label expressions",
    target: { labelSelector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["gold"] }] } },
    applies: false,
  },
  {
    name: "a provider",
    target: { fieldSelector: { matchExpressions: [{ key: "provider", operator: "In", values: ["aws"] }] } },
    applies: true,
  },
  {
    name: "a region that is not",
    target: { fieldSelector: { matchExpressions: [{ key: "region", operator: "NotIn", values: ["us"] }] } },
    applies: false,
  },
  {
    name: "one of its zones",
    target: { fieldSelector: { matchExpressions: [{ key: "zone", operator: "In", values: ["b"] }] } },
    applies: true,
  },
  {
    name: "labels hold, the name does not",
    target: { clusterNames: ["x"], labelSelector: { matchLabels: { region: "east" } } },
    applies: false,
  },
] satisfies readonly { name: string; target: unknown; applies: boolean }[]) {
  test(`the target of a rule: ${name}`, () => {
    const member = cluster("member1");
    const where: Cluster = {
      ...member,
      metadata: { ...member.metadata, labels: east.labels },
      spec: { ...member.spec, ...east.spec },
    };
    const rule = { overriders: label("x"), ...(target === undefined ? {} : { targetCluster: target }) };
    const { manifest: result } = explainOverrides(manifest, [policy("p", { overrideRules: [rule] })], where);
    assert.equal(result !== manifest, applies);
  });
}

test("what no rule touches is shared with the template", () => {
  const big = { ...manifest, data: { a: "x" } };
  const { manifest: result } = apply([policy("p", { overriders: label("x") })], [], big);
  assert.equal(result["data"], big.data);
});
