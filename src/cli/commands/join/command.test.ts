// join and unjoin as a user sees them. The member is reached by its kubeconfig's context.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { Secret, ServiceAccount } from "#api/kinds.ts";
import { type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { type Ran, startSession, transcript } from "../../testing.ts";

let planes: Planes;
let run: (line: string) => Promise<Ran>;
const end = new AbortController();

before(async () => {
  planes = await startPlanes({ members: ["other"] });
  run = startSession({ client: planes.client, contexts: { fresh: planes.member("other") } });
  void giveTokens(planes);
});
after(async () => {
  end.abort();
  await planes.close();
});

/** The token controller of the member is not part of these planes. */
async function giveTokens(of: Planes): Promise<void> {
  const client = of.member("other");
  try {
    for await (const event of client.watch(Secret, { namespace: "karmada-cluster", signal: end.signal })) {
      if (event.type !== "ADDED" || event.object.data?.["token"] !== undefined) continue;
      const patch = { data: { token: Buffer.from("t").toString("base64") } };
      const { name } = event.object.metadata;
      await client.patch(Secret, { namespace: "karmada-cluster", name }, { type: "merge", patch });
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
}

test("a cluster is joined once, and taken out", async () => {
  assert.equal(
    await transcript(run, [
      "join fresh --cluster-context fresh --dry-run",
      "join fresh --cluster-context fresh --cluster-region eu --cluster-zones a,b",
    ]),
    `$ join fresh --cluster-context fresh --dry-run
cluster(fresh) is joined successfully
joining cluster fresh at https://fresh (dry run)
$ join fresh --cluster-context fresh --cluster-region eu --cluster-zones a,b
cluster(fresh) is joined successfully
joining cluster fresh at https://fresh
`,
  );
  const { spec } = await planes.client.get(Cluster, { name: "fresh" });
  assert.deepEqual([spec.syncMode, spec.region, [...(spec.zones ?? [])]], ["Push", "eu", ["a", "b"]]);
  const account = { namespace: "karmada-cluster", name: "karmada-fresh" };
  await planes.member("other").get(ServiceAccount, account);

  const again = await run("join fresh --cluster-context fresh");
  assert.match(again.err, /Error from server \(AlreadyExists\): the cluster ID \S+ or the cluster name fresh has been/);
  assert.equal(again.code, 1);

  const out = await run("unjoin fresh --cluster-kubeconfig x.yaml --cluster-context fresh --wait 200ms --force");
  assert.deepEqual(out, { code: 0, out: "", err: "taking out cluster fresh\n" });
  assert.equal(await planes.client.find(Cluster, { name: "fresh" }), undefined);
  assert.equal(await planes.member("other").find(ServiceAccount, account), undefined);
});

test("what goes wrong", async () => {
  for (const { line, error } of [
    { line: "join", error: /missing required argument 'CLUSTER'/ },
    { line: "join Not_a_name --cluster-context fresh", error: /invalid cluster name "Not_a_name"/ },
    { line: "unjoin nobody", error: /no cluster object nobody found in karmada control Plane/ },
    { line: "unjoin other --wait soon", error: /^error: --wait takes a duration such as 60s, not "soon"/ },
  ]) {
    const { code, err } = await run(line);
    assert.match(err, error);
    assert.equal(code, 1);
  }
});
