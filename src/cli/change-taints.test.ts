import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { startPlanes } from "#controllers/testing-planes.ts";
import { changeClusterTaints } from "./change-taints.ts";

test("taints are changed although the cluster is written to meanwhile, and nobody's are dropped", async () => {
  const planes = await startPlanes({ members: ["member1"] });
  const { client } = planes;
  try {
    const ref = { name: "member1" };
    const theirs = { key: "theirs", value: "", effect: "NoSchedule" } as const;
    const mine = { key: "mine", value: "", effect: "NoSchedule" } as const;
    let asked = 0;
    const signal = new AbortController().signal;
    const change = await changeClusterTaints(
      {
        get: client.get.bind(client),
        async patch(kind, at, patch, options) {
          // The first time, somebody is faster.
          if (asked === 1) await client.patch(Cluster, ref, { type: "merge", patch: { spec: { taints: [theirs] } } });
          return client.patch(kind, at, patch, options);
        },
      },
      "member1",
      (taints) => {
        asked += 1;
        return { taints: [...taints, mine] };
      },
      { dryRun: false, signal },
    );
    assert.ok(asked >= 2);
    const keys = (taints: Cluster["spec"]["taints"]) => (taints ?? []).map(({ key }) => key);
    const { spec } = await client.get(Cluster, ref);
    assert.deepEqual(keys(spec.taints), keys(change.taints));
    assert.ok(keys(spec.taints).includes("theirs") && keys(spec.taints).includes("mine"));
  } finally {
    await planes.close();
  }
});
