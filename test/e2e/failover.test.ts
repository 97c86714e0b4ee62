// Failover where something is in its way: no room elsewhere, a member that is held back in the middle of a rollout.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, readPath, startPlane } from "./plane.ts";

const deadline = 60_000;
const flags = [
  ...["--feature-gates", "Failover=true", "--enable-no-execute-taint-eviction", "--resource-eviction-rate", "100"],
  ...["--cluster-status-update-frequency", "1s", "--failover-stabilization-seconds", "0"],
];

describe("failover", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(flags);
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 60s");
  });
  after(() => plane.dispose());

  const soon = <T>(what: string, holds: () => Promise<T>): Promise<T> => eventually(what, deadline, holds);
  const apply = (object: object, context = "karmada-apiserver"): Promise<string> =>
    plane.kubectl("apply -f -", { input: JSON.stringify(object), context });
  const read = (what: string, template: string, context?: string): Promise<string> =>
    readPath(plane, what, template, context);
  const karmadactl = async (args: string): Promise<string> => {
    const { code, out, err } = await plane.tryKarmadactl(args);
    assert.equal(code, 0, `karmadactl ${args}: ${err}${out}`);
    return out;
  };
  const clustersOf = (binding: string): Promise<string> => read(`rb ${binding}`, "{.spec.clusters[*].name}");
  const held = (binding: string, field: string): Promise<string> =>
    read(`rb ${binding}`, `{.status.conditions[?(@.type=="EvictionHeld")].${field}}`);

  test("no room elsewhere: held, with a reason; room comes back: it moves", async () => {
    await karmadactl("cordon member3");
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

    await karmadactl("taint clusters member1 maintenance=now:NoExecute");
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
    await karmadactl("taint clusters member1 maintenance:NoExecute-");
    await karmadactl("uncordon member3");
  });

  const images = async (name: string): Promise<string> => {
    const found = ["member1", "member2", "member3"].map((member) =>
      read(`deployment ${name}`, "{.spec.template.spec.containers[0].image}", member),
    );
    return (await Promise.all(found)).map((image) => (image === "" ? "-" : image.replace("nginx:", ""))).join(" ");
  };
  const patchPolicy = (name: string, spec: object): Promise<string> =>
    plane.kubectl(["patch", "propagationpolicy", name, "--type=merge", "-p", JSON.stringify({ spec })]);
  const pause = (name: string, ...clusterNames: string[]): Promise<string> =>
    patchPolicy(name, {
      suspension: clusterNames.length === 0 ? null : { dispatchingOnClusters: { clusterNames } },
    });

  /** The walk of the v1.11 announcement: A and B are paused, C gets the change; then B; then A. */
  test("rolled out cluster by cluster; the binding tells which generation each one runs", async () => {
    const generations = async (): Promise<string> =>
      read(
        "rb stages-deployment",
        "{range .status.aggregatedStatus[*]}{.clusterName}={.status.resourceTemplateGeneration} {end}",
      );
    const ready = (member: string): Promise<string> =>
      read("rb stages-deployment", `{.status.aggregatedStatus[?(@.clusterName=="${member}")].status.readyReplicas}`);
    await apply(deployment("stages", 2));
    await apply(policy("stages", {}));
    await soon("1.26 everywhere", async () => (await images("stages")) === "1.26 1.26 1.26");
    await soon("all to report it", async () => new Set((await generations()).match(/=\d+/g)).size === 1);
    const before = /=(\d+)/.exec(await generations())?.[1] ?? "";

    await pause("stages", "member1", "member2");
    await soon("two Works to be paused", async () => {
      const paused = await read("works -A", "{.items[?(@.spec.suspendDispatching==true)].metadata.namespace}");
      return paused.includes("karmada-es-member1") && paused.includes("karmada-es-member2");
    });
    await plane.kubectl("set image deployment/stages *=nginx:1.27");
    await soon("C to get it", async () => (await images("stages")) === "1.26 1.26 1.27");
    const generation = await read("deployment stages", "{.metadata.generation}");
    assert.notEqual(generation, before);
    const told = (...each: readonly string[]): string =>
      each.map((value, index) => `member${String(index + 1)}=${value} `).join("");
    await soon("the binding to tell it", async () => (await generations()) === told(before, before, generation));
    const out = await karmadactl("describe resourcebinding stages-deployment");
    assert.match(out, new RegExp(`member1 +2 +${before} +True`));

    // A paused cluster is still heard.
    await plane.kubectl("scale deployment stages --replicas 1", { context: "member1" });
    await soon("its status", async () => (await ready("member1")) === "1");

    await pause("stages", "member1");
    await soon("B to get it", async () => (await images("stages")) === "1.26 1.27 1.27");
    await pause("stages");
    await soon("A to get it", async () => (await images("stages")) === "1.27 1.27 1.27");
    await soon(
      "the binding to tell that, too",
      async () => (await generations()) === told(generation, generation, generation),
    );
    await soon("what was changed by hand to be put right", async () => (await ready("member1")) === "2");
    await plane.kubectl("delete deployment/stages propagationpolicy/stages");
  });

  test("a paused cluster that is lost: its copy stays whole until the next one of its stage has the whole new one", async () => {
    await apply(deployment("lane", 2));
    await karmadactl("cordon member3");
    const byName = { spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }] };
    await apply(policy("lane", byName));
    await soon("lane in one cluster", async () => (await clustersOf("lane-deployment")) !== "");
    const from = await clustersOf("lane-deployment");
    const to = from === "member1" ? "member2" : "member1";
    await soon(
      "its health to be known",
      async () => (await read("rb lane-deployment", "{.status.aggregatedStatus[0].health}")) === "Healthy",
    );

    // Both clusters are of a stage that is held back: the new revision is in neither.
    await pause("lane", from, to);
    await soon("its Work to be paused", async () =>
      (await read("works -A", `{.items[?(@.spec.suspendDispatching==true)].metadata.namespace}`)).includes(
        `karmada-es-${from}`,
      ),
    );
    await plane.kubectl("set image deployment/lane *=nginx:1.27");
    await plane.kubectl("scale deployment lane --replicas 3");
    await karmadactl(`taint clusters ${from} maintenance=now:NoExecute`);
    await soon("it to be scheduled elsewhere", async () => (await clustersOf("lane-deployment")) === to);
    await soon("the eviction to be held", async () => (await held("lane-deployment", "status")) === "True");
    const running = (member: string): Promise<string> =>
      read("deployment lane", "{.spec.replicas} {.spec.template.spec.containers[0].image}", member);
    assert.equal(await running(from), "2 nginx:1.26", "the revision of its stage, whole");
    assert.equal(await running(to), "", "nothing is dispatched while the stage is held back");

    await pause("lane", from);
    await soon("the whole new revision in the other", async () => (await running(to)) === "3 nginx:1.27");
    await soon("the old copy to go", async () => (await running(from)) === "");
    await karmadactl(`taint clusters ${from} maintenance:NoExecute-`);
    await karmadactl("uncordon member3");
    await plane.kubectl("delete deployment/lane propagationpolicy/lane");
  });

  test("scheduling suspended: nothing is decided, policies do not lift it, and then it is", async () => {
    await apply(deployment("later", 1));
    await apply(policy("later", { clusterAffinity: { clusterNames: ["member1"] } }));
    await soon("later in member1", async () => (await clustersOf("later-deployment")) === "member1");
    const suspend = (scheduling: boolean | null): Promise<string> =>
      plane.kubectl([
        "patch",
        "rb",
        "later-deployment",
        "--type=merge",
        "-p",
        JSON.stringify({ spec: { suspension: { scheduling } } }),
      ]);
    await suspend(true);
    await patchPolicy("later", {
      placement: { clusterAffinity: { clusterNames: ["member2"] } },
      suspension: { dispatching: false },
    });
    await soon("the binding to have the new placement", async () =>
      (await read("rb later-deployment", "{.spec.placement.clusterAffinity.clusterNames}")).includes("member2"),
    );
    assert.equal(await read("rb later-deployment", "{.spec.suspension.scheduling}"), "true");
    assert.equal(await clustersOf("later-deployment"), "member1");
    await suspend(null);
    await soon("later in member2", async () => (await clustersOf("later-deployment")) === "member2");
    await soon("its copy to have moved", async () => (await images("later")) === "- 1.26 -");
    await plane.kubectl("delete deployment/later propagationpolicy/later");
  });

  test("an application that fails is moved gracefully; a restart in between does not start its time anew", async () => {
    const since = (): Promise<string> =>
      read("rb fragile-deployment", String.raw`{.metadata.annotations.resourcebinding\.karmada\.io/unhealthy-since}`);
    const application = {
      decisionConditions: { tolerationSeconds: 15 },
      purgeMode: "Graciously",
      gracePeriodSeconds: 60,
    };
    await apply(deployment("fragile", 1, {}, "nginx:1.26", { type: "Recreate" }));
    const byName = { spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }] };
    await apply(policy("fragile", byName, { propagateDeps: true, failover: { application } }));
    await soon(
      "fragile to be well in one cluster",
      async () => (await read("rb fragile-deployment", "{.status.aggregatedStatus[0].health}")) === "Healthy",
    );
    const from = await clustersOf("fragile-deployment");
    // Its pods find no node in this cluster any more.
    await apply(unschedulableIn(from, "fragile"));
    await soon("the failure to be noted", async () => (await since()).includes(from));
    const noted = await since();

    await plane.stop();
    plane = await startPlane(flags, plane.directory);
    const notedSince = new Set<string>();
    await soon("fragile in another cluster", async () => {
      const now = await since();
      if (now.includes(from)) notedSince.add(now);
      const to = await clustersOf("fragile-deployment");
      return to !== "" && to !== from && (await read("deployment fragile", "{.status.readyReplicas}", to)) === "1";
    });
    assert.deepEqual(
      [...notedSince].filter((text) => text !== noted),
      [],
      "the time began anew",
    );
    const began = await read("rb fragile-deployment", "{.status.failoverHistory[0].startTime}");
    const failedAt = Date.parse(Object.values(JSON.parse(noted) as Record<string, string>)[0] ?? "");
    const movedAt = Date.parse(began);
    assert.ok(movedAt - failedAt >= 15_000, `moved ${String(movedAt - failedAt)} ms after it had failed`);
    await soon("the old copy to go", async () => (await read("deployment fragile", "{.metadata.uid}", from)) === "");
    await soon(
      "it to be told",
      async () => (await read("rb fragile-deployment", "{.status.failoverHistory[0].outcome}")) === "Replaced",
    );
  });
});

function deployment(
  name: string,
  replicas: number,
  requests: object = {},
  image = "nginx:1.26",
  strategy: object = {},
): object {
  const labels = { app: name };
  const pod = { metadata: { labels }, spec: { containers: [{ name: "app", image, resources: { requests } }] } };
  const spec = { replicas, strategy, selector: { matchLabels: labels }, template: pod };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default" }, spec };
}

function policy(name: string, placement: object, more: object = {}): object {
  const resourceSelectors = [{ apiVersion: "apps/v1", kind: "Deployment", name }];
  const metadata = { name, namespace: "default" };
  const spec = { resourceSelectors, placement, ...more };
  return { apiVersion: "policy.karmada.io/v1alpha1", kind: "PropagationPolicy", metadata, spec };
}

function unschedulableIn(cluster: string, name: string): object {
  const plaintext = [{ path: "/spec/template/spec/nodeSelector", operator: "add", value: { no: "where" } }];
  const overrideRules = [{ targetCluster: { clusterNames: [cluster] }, overriders: { plaintext } }];
  const spec = { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name }], overrideRules };
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "OverridePolicy",
    metadata: { name, namespace: "default" },
    spec,
  };
}
