// What server-side apply refuses, and how it says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deployments, maps, world } from "./testing.ts";

const named = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } };
const container = (rest: object): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: rest,
});

for (const { what, path = `${maps}/m`, query, body, status, message } of [
  {
    what: "no manager",
    query: "",
    body: named,
    status: 422,
    message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  },
  {
    what: "managers in the body",
    body: { ...named, metadata: { name: "m", managedFields: [] } },
    status: 400,
    message: "metadata.managedFields must be nil",
  },
  {
    what: "another kind",
    body: { ...named, apiVersion: "apps/v1beta1", kind: "Deployment" },
    status: 400,
    message: "invalid object type: apps/v1beta1, Kind=Deployment",
  },
  { what: "no kind", body: { metadata: { name: "m" } }, status: 400, message: "invalid object type: /, Kind=" },
  {
    what: "a uid of nothing",
    body: { ...named, metadata: { name: "m", uid: "u" } },
    status: 409,
    message:
      'Operation cannot be fulfilled on configmaps "m": uid mismatch: the provided object specified uid u, ' +
      "and no existing object was found",
  },
  {
    what: "an unknown field",
    path: `${deployments}/web`,
    body: container({ foo: 1 }),
    status: 500,
    message:
      "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): " +
      ".spec.foo: field not declared in schema",
  },
  {
    what: "a wrong scalar",
    path: `${deployments}/web`,
    body: container({ replicas: "x" }),
    status: 500,
    message:
      "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): " +
      ".spec.replicas: expected numeric (int or float), got string",
  },
  {
    what: "items with the same keys",
    path: `${deployments}/web`,
    body: container({ template: { spec: { containers: [{ name: "a" }, { name: "a" }, {}] } } }),
    status: 500,
    message:
      "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n" +
      '  .spec.template.spec.containers: duplicate entries for key [name="a"]\n' +
      "  .spec.template.spec.containers: element 2: associative list with keys has an element that omits all key " +
      'fields ["name"] (and doesn\'t have default values for any key fields)',
  },
]) {
  test(`an apply is refused: ${what}`, async (context) => {
    const { send } = await world(context);
    const answer = await send("PATCH", `${path}${query ?? "?fieldManager=team"}`, {
      body,
      type: "application/apply-patch+yaml",
    });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.body["message"], message);
  });
}
