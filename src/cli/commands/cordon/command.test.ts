// cordon and uncordon as a user sees them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { startSession, transcript } from "../../testing.ts";

let planes: Planes;
before(async () => {
  planes = await startPlanes({ members: ["member1"] });
});
after(() => planes.close());

test("a cluster is cordoned and let go", async () => {
  const run = startSession({ client: planes.client });
  const shown = await transcript(run, [
    "cordon member1 --dry-run",
    "cordon member1",
    "cordon member1",
    "uncordon member1",
    "uncordon member1",
    "cordon no-such",
    "cordon",
    "cordon member1 --force",
  ]);
  assert.equal(
    shown,
    `$ cordon member1 --dry-run
member1 cluster cordoned
$ cordon member1
member1 cluster cordoned
$ cordon member1
member1 cluster already cordoned
$ uncordon member1
member1 cluster uncordoned
$ uncordon member1
member1 cluster already uncordoned
$ cordon no-such
Error from server (NotFound): clusters.cluster.karmada.io "no-such" not found
(exit code 1)
$ cordon
error: missing required argument 'CLUSTER'
See "karmadactl cordon --help".
(exit code 1)
$ cordon member1 --force
error: unknown option '--force'
See "karmadactl cordon --help".
(exit code 1)
`,
  );
});

test("the taint is the one that the scheduler knows", async () => {
  const run = startSession({ client: planes.client });
  await run("cordon member1");
  const { spec } = await planes.client.get(Cluster, { name: "member1" });
  const taint = spec.taints?.find(({ key }) => key === "cluster.karmada.io/unschedulable");
  assert.equal(taint?.effect, "NoSchedule");
  await run("uncordon member1");
});
