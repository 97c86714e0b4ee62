import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap } from "#api/kinds.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { rootCaPublisher } from "./controller.ts";

test("the authority is published in every namespace, and put right where it was changed or removed", async (t) => {
  const { client, stop } = await startTestPlane([rootCaPublisher("PEM")]);
  t.after(stop);
  const ref = { namespace: "default", name: "kube-root-ca.crt" };
  const read = async () => {
    const found = await client.find(ConfigMap, ref);
    return found?.data?.["ca.crt"] === "PEM" ? found : undefined;
  };
  const published = await eventually("the authority", read);
  assert.deepEqual(published.data, { "ca.crt": "PEM" });
  await client.update(ConfigMap, { ...published, data: { "ca.crt": "forged", other: "x" } });
  await eventually("the authority to be put right", read);
  await client.delete(ConfigMap, ref);
  await eventually("the authority to come back", read);
});
