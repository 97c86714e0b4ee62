import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterRole } from "#api/kinds.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { clusterRoleAggregation } from "./controller.ts";

const rule = (resource: string) => ({ verbs: ["get"], apiGroups: ["example.com"], resources: [resource] });

test("an aggregated role has the rules of those that it selects, and follows them", async (t) => {
  const { client, stop } = await startTestPlane([clusterRoleAggregation]);
  t.after(stop);
  const matchLabels = { "rbac.authorization.k8s.io/aggregate-to-view": "true" };
  const has = (name: string, wanted: (resources: readonly string[]) => boolean) =>
    eventually(`the rules of ${name}`, async () => {
      const { rules } = await client.get(ClusterRole, { name });
      return wanted((rules ?? []).flatMap(({ resources = [] }) => resources)) ? rules : undefined;
    });
  await client.create(ClusterRole, { metadata: { name: "widgets", labels: matchLabels }, rules: [rule("widgets")] });
  await has("view", (resources) => resources.includes("widgets"));
  // What is part of view is part of edit and admin.
  await has("admin", (resources) => resources.includes("widgets"));
  const role = await client.get(ClusterRole, { name: "widgets" });
  await client.update(ClusterRole, { ...role, rules: [rule("gadgets")] });
  await has("admin", (resources) => resources.includes("gadgets") && !resources.includes("widgets"));
  await client.delete(ClusterRole, { name: "widgets" });
  await has("admin", (resources) => !resources.includes("gadgets"));
  const view = await client.get(ClusterRole, { name: "view" });
  await client.update(ClusterRole, { ...view, rules: [rule("forged")] });
  const rules = await has("view", (resources) => !resources.includes("forged"));
  assert.ok(rules.length > 0);
});
