import assert from "node:assert/strict";
import { test } from "node:test";
import { Namespace, ServiceAccount } from "#api/kinds.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { defaultServiceAccount } from "./controller.ts";

test("every namespace has its account, also after it was removed", async (t) => {
  const { client, stop } = await startTestPlane([defaultServiceAccount]);
  t.after(stop);
  await client.create(Namespace, { metadata: { name: "prod" } });
  const account = { namespace: "prod", name: "default" };
  const first = await eventually("the account", () => client.find(ServiceAccount, account));
  await client.delete(ServiceAccount, account);
  const second = await eventually("the account to come back", async () => {
    const found = await client.find(ServiceAccount, account);
    return found?.metadata.uid === first.metadata.uid ? undefined : found;
  });
  assert.equal(second.metadata.name, "default");
  await eventually("older ones", () => client.find(ServiceAccount, { namespace: "kube-system", name: "default" }));
});
