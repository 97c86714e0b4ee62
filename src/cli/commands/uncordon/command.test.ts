// uncordon keeps the taints that are not cordon's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { startPlanes } from "#controllers/testing-planes.ts";
import { startSession } from "../../testing.ts";

test("only the taint of cordon goes", async () => {
  const planes = await startPlanes({ members: ["member1"] });
  try {
    const run = startSession({ client: planes.client });
    const taints = [{ key: "zone", value: "a", effect: "NoSchedule" }];
    await planes.client.patch(Cluster, { name: "member1" }, { type: "merge", patch: { spec: { taints } } });
    await run("cordon member1");
    assert.equal((await run("uncordon member1")).out, "member1 cluster uncordoned\n");
    const { spec } = await planes.client.get(Cluster, { name: "member1" });
    assert.deepEqual(
      spec.taints?.map(({ key }) => key).filter((key) => !key.startsWith("cluster.karmada.io/")),
      ["zone"],
    );
  } finally {
    await planes.close();
  }
});
