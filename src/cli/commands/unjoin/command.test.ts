// unjoin where it has nothing to do; taking out what was joined is tested with join.
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

test("a dry run changes nothing; what is not there or not of this mode is refused", async () => {
  await planes.client.create(Cluster, { metadata: { name: "pulled" }, spec: { syncMode: "Pull" } });
  const run = startSession({ client: planes.client });
  assert.equal(
    await transcript(run, ["unjoin member1 --dry-run", "unjoin nobody", "unjoin pulled"]),
    `$ unjoin member1 --dry-run
taking out cluster member1 (dry run)
$ unjoin nobody
taking out cluster nobody
Error from server (NotFound): no cluster object nobody found in karmada control Plane
(exit code 1)
$ unjoin pulled
taking out cluster pulled
Error from server (Invalid): cluster pulled is in Pull mode: take it out with "karmadactl unregister pulled"
(exit code 1)
`,
  );
  assert.notEqual(await planes.client.find(Cluster, { name: "member1" }), undefined);
});
