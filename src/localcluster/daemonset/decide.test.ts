import assert from "node:assert/strict";
import { test } from "node:test";
import type { Taint } from "#api/generated/types.ts";
import type { DaemonSet, Node, Pod } from "#api/kinds.ts";
import { isTolerated } from "#api/policy/taints.ts";
import { testNow, testPod } from "../testing.ts";
import { pinned, planDaemonSet } from "./decide.ts";

function setWith(spec: Partial<DaemonSet["spec"]> = {}): DaemonSet {
  const template = { spec: { containers: [{ name: "agent", image: "agent" }] } };
  const full = { selector: {}, template, ...spec };
  return { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent", generation: 1 }, spec: full };
}

function nodeWith(name: string, ...taints: readonly Taint[]): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: { name } }, spec: { taints } };
}

/** `a` is ready on node a, `aw` is not, `ax` is to go, `af` has failed; `old` ones have another revision. */
function podsOf(...names: readonly string[]): Pod[] {
  return names.map((text) => {
    const [, node = "", mark = "", revision = "new"] = /^([a-z])([wxf]?)(?: (\w+))?$/.exec(text) ?? [];
    return testPod({
      name: text,
      node,
      phase: mark === "f" ? "Failed" : "Running",
      deleting: mark === "x",
      metadata: { labels: { "controller-revision-hash": revision } },
      ...(mark === "" ? { readyFor: 5000 } : {}),
    });
  });
}

const nodes = ["a", "b", "c"].map((name) => nodeWith(name));
const [noSchedule, noExecute] = ["NoSchedule", "NoExecute"].map((effect) => ({ key: "k", effect }));
const rolling = (rollingUpdate: object): Partial<DaemonSet["spec"]> => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate },
});

for (const { name, set = setWith(), on = nodes, pods, create = [], remove = [] } of [
  { name: "each node gets one", pods: ["b"], create: ["a", "c"] },
  { name: "one that has failed goes first", pods: ["a", "bf", "c"], remove: ["bf"] },
  { name: "one that is going is waited for", pods: ["a", "bx", "c"] },
  { name: "pods of nodes that have gone go", pods: ["a", "b", "c", "d"], remove: ["d"] },
  {
    name: "no pod on a node that does not want it",
    on: [nodeWith("a", noSchedule ?? { key: "", effect: "" })],
    pods: [],
  },
  { name: "who is there may stay", on: [nodeWith("a", noSchedule ?? { key: "", effect: "" })], pods: ["a"] },
  {
    name: "unless it is put out",
    on: [nodeWith("a", noExecute ?? { key: "", effect: "" })],
    pods: ["a"],
    remove: ["a"],
  },
  { name: "an update takes one at a time", pods: ["a old", "b old", "c old"], remove: ["a old"] },
  { name: "an update waits for the one before", pods: ["aw", "b old", "c old"] },
  { name: "an update takes useless ones at once", pods: ["aw old", "bw old", "c old"], remove: ["aw old", "bw old"] },
  {
    name: "an update takes as many as allowed",
    set: setWith(rolling({ maxUnavailable: "50%" })),
    pods: ["a old", "b old", "c old"],
    remove: ["a old", "b old"],
  },
  {
    name: "OnDelete: nothing is replaced",
    set: setWith({ updateStrategy: { type: "OnDelete" } }),
    pods: ["a old", "b old", "c old"],
  },
  {
    name: "surge: the new one comes first",
    set: setWith(rolling({ maxSurge: 1, maxUnavailable: 0 })),
    pods: ["a old", "b old", "c old"],
    create: ["a"],
  },
  {
    name: "surge: it is waited for",
    set: setWith(rolling({ maxSurge: 1, maxUnavailable: 0 })),
    pods: ["a old", "aw", "b old", "c old"],
  },
  {
    name: "surge: then the old one goes",
    set: setWith(rolling({ maxSurge: 1, maxUnavailable: 0 })),
    pods: ["a old", "a", "b old", "c old"],
    remove: ["a old"],
  },
]) {
  test(`daemon set: ${name}`, () => {
    const plan = planDaemonSet({ set, nodes: on, pods: podsOf(...pods), hash: "new", now: testNow });
    const removed = plan.remove.map(({ metadata }) => metadata.name);
    assert.deepEqual({ created: plan.create, removed }, { created: create, removed: remove });
  });
}

test("the status counts nodes", () => {
  const plan = planDaemonSet({ set: setWith(), nodes, pods: podsOf("a", "b old"), hash: "new", now: testNow });
  assert.deepEqual(plan.status, {
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 2,
    observedGeneration: 1,
    updatedNumberScheduled: 1,
    numberAvailable: 2,
    numberUnavailable: 1,
  });
});

test("pods are pinned to their node and bear what troubles nodes", () => {
  const { spec } = pinned(setWith().spec.template, "a");
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  assert.deepEqual(terms, [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }]);
  const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  assert.equal(isTolerated(cordon, spec?.tolerations ?? []), true);
});
