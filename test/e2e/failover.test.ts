// Failover where something is in its way: no room elsewhere, a member that is held back in the middle of a rollout.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, type Plane, startPlane } from "./plane.ts";

const deadline = 60_000;
const flags = [
  ...["--feature-gates", "Failover=true", "--enable-no-execute-taint-eviction", "--resource-eviction-rate", "100"],
  ...["--cluster-status-update-frequency", "1s", "--failover-stabilization-seconds", "0"],
];

describe("failover", { skip: process.env["KUBECTL"] === undefined && "no kubectl here: set KUBECTL to one" }, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(flags);
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 60s");
  });
  after(() => plane.dispose());

  const soon = <T>(what: string, holds: () => Promise<T>): Promise<T> => eventually(what, deadline, holds);
  const apply = (object: object, context = "karmada-apiserver"): Promise<string> =>
    plane.kubectl("apply -f -", { input: JSON.stringify(object), context });
  const read = async (what: string, template: string, context = "karmada-apiserver"): Promise<string> =>
    (
      await plane.tryKubectl([..."get --ignore-not-found -o".split(" "), `jsonpath=${template}`, ...what.split(" ")], {
        context,
      })
    ).out;
  const clustersOf = (binding: string): Promise<string> => read(`rb ${binding}`, "{.spec.clusters[*].name}");
  const held = (binding: string, field: string): Promise<string> =>
    read(`rb ${binding}`, `{.status.conditions[?(@.type=="EvictionHeld")].${field}}`);

  test("no room elsewhere: held, with a reason; room comes back: it moves", async () => {
    await plane.tryKarmadactl("cordon member3");
    await apply(deployment("filler", 1, { cpu: "50" }), "member2");
    await soon("the filler to count", async () =>
      (await read("cluster member2", "{.status.resourceSummary.allocated.cpu}")).startsWith("50"),
    );
    await apply(deployment("big", 1, { cpu: "20" }));
    await apply(
      policy("big", {
        replicaScheduling: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" },
      }),
    );
    await soon(
      "big in member1",
      async () => (await read("deployment big", "{.status.readyReplicas}", "member1")) === "1",
    );
    await soon(
      "its health to be known",
      async () => (await read("rb big-deployment", "{.status.aggregatedStatus[0].health}")) === "Healthy",
    );
    const uid = await read("deployment big", "{.metadata.uid}", "member1");

    await plane.tryKarmadactl("taint clusters member1 maintenance=now:NoExecute");
    await soon("the eviction to be held", async () => (await held("big-deployment", "reason")) === "NotScheduled");
    assert.match(await held("big-deployment", "message"), /no replacement could be scheduled: .*replicas/);
    assert.equal(await read("deployment big", "{.metadata.uid}", "member1"), uid);

    await plane.kubectl("delete deployment filler", { context: "member2" });
    await soon(
      "big in member2",
      async () => (await read("deployment big", "{.status.readyReplicas}", "member2")) === "1",
    );
    await soon("the old copy to go", async () => (await read("deployment big", "{.metadata.uid}", "member1")) === "");
    await soon("nothing to be held", async () => (await held("big-deployment", "status")) === "False");
    assert.equal(await clustersOf("big-deployment"), "member2");
    await plane.tryKarmadactl("taint clusters member1 maintenance:NoExecute-");
    await plane.tryKarmadactl("uncordon member3");
  });
});

function deployment(name: string, replicas: number, requests: object = {}, image = "nginx:1.26"): object {
  const labels = { app: name };
  const pod = { metadata: { labels }, spec: { containers: [{ name: "app", image, resources: { requests } }] } };
  const spec = { replicas, selector: { matchLabels: labels }, template: pod };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default" }, spec };
}

function policy(name: string, placement: object, more: object = {}): object {
  const resourceSelectors = [{ apiVersion: "apps/v1", kind: "Deployment", name }];
  const metadata = { name, namespace: "default" };
  const spec = { resourceSelectors, placement, ...more };
  return { apiVersion: "policy.karmada.io/v1alpha1", kind: "PropagationPolicy", metadata, spec };
}
