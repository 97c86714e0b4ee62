// What is left when a policy has gone: everything but its claims.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { deploymentDraft, eventuallyGone, eventuallyObject, policyDraft, startPlanes } from "../testing-planes.ts";

const idLabel = "propagationpolicy.karmada.io/permanent-id";
const isFree = ({ metadata }: KubeObject): boolean => metadata.labels?.[idLabel] === undefined;

test("a deleted policy lets go of templates and bindings, of leftovers too, and then goes", async (t) => {
  const planes = await startPlanes({ members: [] });
  t.after(() => planes.close());
  const { client } = planes;
  const policy = await client.create(PropagationPolicy, {
    ...policyDraft(Deployment, "web"),
    spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }] },
  });
  const names = ["web", "api", "db"];
  for (const name of names) await client.create(Deployment, deploymentDraft(name));
  for (const name of names) {
    await eventuallyObject(client, ResourceBinding, { namespace: "default", name: `${name}-deployment` });
  }
  // A release that was cut short: the template is free, its binding still says otherwise.
  const labels = { [idLabel]: policy.metadata.labels?.[idLabel] ?? "" };
  await client.create(ResourceBinding, {
    metadata: { name: "left-deployment", namespace: "default", labels },
    spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "left" } },
  });
  await client.delete(PropagationPolicy, policy.metadata);
  await eventuallyGone(client, PropagationPolicy, policy.metadata);
  // A claim that no local copy showed yet is taken away when it shows.
  for (const name of names) {
    const free = await eventuallyObject(client, Deployment, { namespace: "default", name }, isFree);
    assert.deepEqual(free.metadata.annotations ?? {}, {});
  }
  for (const name of [...names, "left"]) {
    await eventuallyObject(client, ResourceBinding, { namespace: "default", name: `${name}-deployment` }, isFree);
  }
});
