// taint as a user sees it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startPlanes } from "#controllers/testing-planes.ts";
import { startSession, transcript } from "../../testing.ts";

test("taints are added, replaced and removed", async () => {
  const planes = await startPlanes({ members: ["member1"] });
  try {
    const run = startSession({ client: planes.client });
    const shown = await transcript(run, [
      "taint clusters member1 zone=a:NoSchedule --dry-run",
      "taint clusters member1 zone=a:NoSchedule",
      "taint clusters member1 zone=b:NoSchedule",
      "taint clusters member1 zone=b:NoSchedule --overwrite",
      "taint cluster member1 zone-",
      "taint cluster member1 zone:NoSchedule-",
      "taint nodes a zone-",
      "taint clusters member1",
      "taint clusters member1 zone=a:Never",
      "taint clusters member1 zone=a:NoExecute zone:NoExecute-",
    ]);
    const effects = "NoSchedule, PreferNoSchedule, NoExecute";
    const help = 'See "karmadactl taint --help".\n(exit code 1)\n';
    assert.equal(
      shown,
      `$ taint clusters member1 zone=a:NoSchedule --dry-run
cluster/member1 tainted
$ taint clusters member1 zone=a:NoSchedule
cluster/member1 tainted
$ taint clusters member1 zone=b:NoSchedule
error: cluster member1 already has zone taint(s) with same effect(s) and --overwrite is false
${help}$ taint clusters member1 zone=b:NoSchedule --overwrite
cluster/member1 modified
$ taint cluster member1 zone-
cluster/member1 untainted
$ taint cluster member1 zone:NoSchedule-
error: taint "zone:NoSchedule" not found on cluster member1
${help}$ taint nodes a zone-
error: invalid resource type nodes, only cluster(s) is supported
${help}$ taint clusters member1
error: at least one taint update is required
${help}$ taint clusters member1 zone=a:Never
error: invalid taint effect: Never, unsupported taint effect in zone=a:Never: there are ${effects}
${help}$ taint clusters member1 zone=a:NoExecute zone:NoExecute-
error: can not both modify and remove the following taint in the same command: zone:NoExecute
${help}`,
    );
  } finally {
    await planes.close();
  }
});
