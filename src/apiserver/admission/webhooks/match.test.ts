import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Deployment, Namespace, Node } from "#api/kinds.ts";
import type { Kind } from "#machinery/object.ts";
import { ruleMatches, selectorsMatch } from "./match.ts";
import { webhooksOf } from "./webhook.ts";

interface Case {
  readonly rule: Record<string, unknown>;
  readonly webhook?: Record<string, unknown>;
  readonly resource?: Kind;
  readonly subresource?: string;
  readonly operation?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly expected: boolean;
}

const rule = (resources: string[], more: Record<string, unknown> = {}) => ({
  operations: ["CREATE"],
  apiGroups: ["*"],
  apiVersions: ["*"],
  resources,
  ...more,
});

const cases: Readonly<Record<string, Case>> = {
  "the resource by name": { rule: rule(["deployments"]), expected: true },
  "another resource": { rule: rule(["configmaps"]), expected: false },
  "another operation": { rule: rule(["*"]), operation: "UPDATE", expected: false },
  "another group": { rule: rule(["*"], { apiGroups: [""] }), expected: false },
  "another version": { rule: rule(["*"], { apiVersions: ["v2"] }), expected: false },
  "every resource has no subresources": { rule: rule(["*"]), subresource: "scale", expected: false },
  "a subresource of every resource": { rule: rule(["*/scale"]), subresource: "scale", expected: true },
  everything: { rule: rule(["*/*"]), subresource: "status", expected: true },
  "a resource with its subresources": { rule: rule(["deployments/*"]), subresource: "status", expected: true },
  "namespaced ones": { rule: rule(["*"], { scope: "Namespaced" }), expected: true },
  "the cluster's, for one in a namespace": { rule: rule(["*"], { scope: "Cluster" }), expected: false },
  "the cluster's": { rule: rule(["*"], { scope: "Cluster" }), resource: Node, expected: true },
  "a namespace is the cluster's": { rule: rule(["*"], { scope: "Namespaced" }), resource: Namespace, expected: false },
  "labels that do not match": {
    rule: rule(["*"]),
    webhook: { objectSelector: { matchLabels: { team: "a" } } },
    labels: { team: "b" },
    expected: false,
  },
  "a namespace that does not match": {
    rule: rule(["*"]),
    webhook: { namespaceSelector: { matchLabels: { checked: "yes" } } },
    expected: false,
  },
  "a namespace that matches": {
    rule: rule(["*"]),
    webhook: { namespaceSelector: { matchLabels: { checked: "yes" } } },
    namespaceLabels: { checked: "yes" },
    expected: true,
  },
};

for (const [name, each] of Object.entries(cases)) {
  test(`webhook rules: ${name}`, () => {
    const configuration = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "c" },
      webhooks: [{ name: "a.b.c", rules: [each.rule], clientConfig: { url: "https://h" }, ...each.webhook }],
    };
    const [webhook] = webhooksOf([configuration]);
    assert.ok(webhook);
    const resource = each.resource ?? Deployment;
    const namespace = resource.namespaced ? "default" : undefined;
    const operation = each.operation ?? "CREATE";
    const found =
      webhook.rules.some((rule) =>
        ruleMatches(rule, { operation, resource, subresource: each.subresource, namespace }),
      ) &&
      selectorsMatch(webhook, {
        namespace: resource.namespaced ? (each.namespaceLabels ?? {}) : undefined,
        object: [each.labels ?? {}],
      });
    assert.equal(found, each.expected);
  });
}

test("webhooks come by the names of their configurations, then in the order of each list", () => {
  const of = (name: string, ...hooks: string[]) => ({
    ...{ apiVersion: "v1", kind: ConfigMap.kind, metadata: { name } },
    webhooks: hooks.map((hook) => ({ name: hook, clientConfig: { url: "https://h" } })),
  });
  const names = webhooksOf([of("b", "z", "a"), of("a", "m")]).map(({ name }) => name);
  assert.deepEqual(names, ["m", "z", "a"]);
});
