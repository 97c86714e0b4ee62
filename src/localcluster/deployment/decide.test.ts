import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Deployment, ReplicaSet } from "#api/kinds.ts";
import { findCondition } from "#machinery/conditions.ts";
import { formatTime } from "#std/time.ts";
import { testDeployment, testNow, testReplicaSet } from "../testing.ts";
import { type DeploymentPlan, planDeployment } from "./decide.ts";
import { limitsOf, scaleAnnotations } from "./replica-sets.ts";

const revision = "deployment.kubernetes.io/revision";

function plan(deployment: Deployment, replicaSets: readonly ReplicaSet[], oldPodsLeft = false): DeploymentPlan {
  return planDeployment({ deployment, replicaSets, oldPodsLeft, now: testNow });
}

/** `image: replicas` of what is to be scaled. */
function sizes({ scale }: DeploymentPlan): Record<string, number> {
  return Object.fromEntries(scale.map(({ set, replicas }): [string, number] => [imageOf(set), replicas]));
}

function imageOf({ spec }: ReplicaSet): string {
  return spec.template?.spec?.containers[0]?.image ?? "";
}

test("a new Deployment gets a ReplicaSet with its hash, revision and size", () => {
  const { create, scale, revision: own } = plan(testDeployment({ annotations: { team: "x" } }), []);
  assert.match(create?.metadata.name ?? "", /^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  assert.equal(create?.spec.replicas, 3);
  assert.deepEqual(create.metadata.annotations, {
    team: "x",
    [revision]: "1",
    "deployment.kubernetes.io/desired-replicas": "3",
    "deployment.kubernetes.io/max-replicas": "4",
  });
  assert.equal(create.metadata.labels?.["pod-template-hash"], create.metadata.name.slice("web-".length));
  assert.deepEqual(create.spec.selector.matchLabels, create.metadata.labels);
  assert.deepEqual([scale, own], [[], "1"]);
});

const recreate = { strategy: { type: "Recreate" } };
const half = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: "50%" } } };
const [a, b] = ["a", "b"];
for (const { name, deployment, sets, old, want } of [
  {
    name: "surges by one first",
    deployment: testDeployment({ image: b }),
    sets: [testReplicaSet({ image: a, size: 3 }), testReplicaSet({ image: b, size: 0, revision: 2 })],
    want: { b: 1 },
  },
  {
    name: "waits for the new one before the old one shrinks",
    deployment: testDeployment({ image: b }),
    sets: [testReplicaSet({ image: a, size: 3 }), testReplicaSet({ image: b, size: 1, available: 0, revision: 2 })],
    want: {},
  },
  {
    name: "then takes an old one away",
    deployment: testDeployment({ image: b }),
    sets: [testReplicaSet({ image: a, size: 3 }), testReplicaSet({ image: b, size: 1, revision: 2 })],
    want: { a: 2 },
  },
  {
    name: "takes old pods that are of no use first",
    deployment: testDeployment({ image: b, spec: half, replicas: 4 }),
    sets: [
      testReplicaSet({ image: a, size: 4, available: 2, desired: 4, surge: 2 }),
      testReplicaSet({ image: b, size: 2, available: 0, revision: 2, desired: 4, surge: 2 }),
    ],
    want: { a: 2 },
  },
  {
    name: "is content when all is new",
    deployment: testDeployment({ image: b }),
    sets: [testReplicaSet({ image: a, size: 0 }), testReplicaSet({ image: b, size: 3, revision: 2 })],
    want: {},
  },
  {
    name: "scales a single one",
    deployment: testDeployment({ replicas: 5 }),
    sets: [testReplicaSet({ image: a, size: 3 })],
    want: { a: 5 },
  },
  {
    name: "scales several in proportion, and tells both the new size",
    deployment: testDeployment({
      image: b,
      replicas: 10,
      spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } },
    }),
    sets: [
      testReplicaSet({ image: a, size: 8, desired: 10, surge: 3 }),
      testReplicaSet({ image: b, size: 5, desired: 10, surge: 3, revision: 2 }),
    ].map((set) => ({
      ...set,
      metadata: {
        ...set.metadata,
        annotations: {
          ...set.metadata.annotations,
          "deployment.kubernetes.io/desired-replicas": "5",
          "deployment.kubernetes.io/max-replicas": "13",
        },
      },
    })),
    want: { a: 8, b: 5 },
  },
  {
    name: "grows in proportion",
    deployment: testDeployment({
      image: b,
      replicas: 15,
      spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } },
    }),
    sets: [
      testReplicaSet({ image: a, size: 8, desired: 10, surge: 3 }),
      testReplicaSet({ image: b, size: 5, desired: 10, surge: 3, revision: 2 }),
    ],
    want: { a: 11, b: 7 },
  },
  {
    name: "paused: scales, but does not roll",
    deployment: testDeployment({ image: b, replicas: 5, spec: { paused: true } }),
    sets: [testReplicaSet({ image: a, size: 3 })],
    want: { a: 5 },
  },
  {
    name: "Recreate takes all old ones away",
    deployment: testDeployment({ image: b, spec: recreate }),
    sets: [testReplicaSet({ image: a, size: 3, surge: 0 })],
    old: true,
    want: { a: 0 },
  },
  {
    name: "Recreate brings an older one back only when no pod of the others is left",
    deployment: testDeployment({ image: a, spec: recreate }),
    sets: [
      testReplicaSet({ image: a, size: 0, surge: 0 }),
      testReplicaSet({ image: b, size: 0, surge: 0, revision: 2 }),
    ],
    old: true,
    want: {},
  },
  {
    name: "Recreate brings an older one back",
    deployment: testDeployment({ image: a, spec: recreate }),
    sets: [
      testReplicaSet({ image: a, size: 0, surge: 0 }),
      testReplicaSet({ image: b, size: 0, surge: 0, revision: 2 }),
    ],
    want: { a: 3 },
  },
]) {
  test(`rollout: ${name}`, () => {
    const result = plan(deployment, sets, old ?? false);
    assert.deepEqual(sizes(result), want);
    assert.equal(result.create, undefined);
  });
}

test("Recreate creates the new one only when no old pod is left", () => {
  const deployment = testDeployment({ image: b, spec: recreate });
  const old = testReplicaSet({ image: a, size: 0, surge: 0 });
  assert.equal(plan(deployment, [old], true).create, undefined);
  assert.equal(plan(deployment, [old]).create?.spec.replicas, 3);
});

test("paused: no ReplicaSet for a new template, and the status says so", () => {
  const { create, status } = plan(testDeployment({ image: b, spec: { paused: true } }), [
    testReplicaSet({ image: a, size: 3 }),
  ]);
  assert.equal(create, undefined);
  const { status: state, reason, message } = findCondition(status?.conditions, "Progressing") ?? {};
  assert.deepEqual([state, reason, message], ["Unknown", "DeploymentPaused", "Deployment is paused"]);
});

test("going back gives an old ReplicaSet the newest revision", () => {
  const sets = [testReplicaSet({ image: a, size: 0, revision: 1 }), testReplicaSet({ image: b, size: 3, revision: 4 })];
  const result = plan(testDeployment({ image: a, annotations: { [revision]: "4" } }), sets);
  assert.deepEqual(result.annotate?.annotations, {
    [revision]: "5",
    "deployment.kubernetes.io/revision-history": "1",
  });
  assert.equal(result.revision, "5");
});

test("old ReplicaSets beyond the limit go, oldest revision first, when the rollout is over", () => {
  const sets = ["x", "y", "z"].map((image, index) => testReplicaSet({ image, size: 0, revision: index + 1 }));
  const deployment = testDeployment({ spec: { revisionHistoryLimit: 1 } });
  const done = plan(deployment, [...sets, testReplicaSet({ image: a, size: 3, revision: 9 })]);
  assert.deepEqual(
    done.remove.map(({ metadata }) => metadata.uid),
    ["uid-x", "uid-y"],
  );
  const busy = plan(deployment, [...sets, testReplicaSet({ image: a, size: 3, available: 2, revision: 9 })]);
  assert.deepEqual(busy.remove, []);
});

test("a Deployment that is being deleted only gets its status", () => {
  const base = testDeployment();
  const deployment = { ...base, metadata: { ...base.metadata, deletionTimestamp: formatTime(testNow) } };
  const { create, scale, annotate, remove } = plan(deployment, []);
  assert.deepEqual(
    { create, scale, annotate, remove },
    { create: undefined, scale: [], annotate: undefined, remove: [] },
  );
});

for (const { name, available, status, want } of [
  {
    name: "complete",
    available: 3,
    want: ["NewReplicaSetAvailable", 'ReplicaSet "NAME" has successfully progressed.', "MinimumReplicasAvailable"],
  },
  {
    name: "progressing",
    available: 2,
    want: ["ReplicaSetUpdated", 'ReplicaSet "NAME" is progressing.', "MinimumReplicasUnavailable"],
  },
  {
    name: "too late",
    available: 2,
    status: { since: testNow - 600_000, availableReplicas: 2 },
    want: ["ProgressDeadlineExceeded", 'ReplicaSet "NAME" has timed out progressing.', "MinimumReplicasUnavailable"],
  },
]) {
  test(`status: ${name}`, () => {
    const set = testReplicaSet({ image: a, size: 3, available });
    const says = (text: string): string => text.replace("NAME", set.metadata.name);
    const known = status && {
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 2,
      availableReplicas: status.availableReplicas,
      conditions: [
        {
          type: "Progressing",
          status: "True",
          reason: "ReplicaSetUpdated",
          message: says('ReplicaSet "NAME" is progressing.'),
          lastUpdateTime: formatTime(status.since),
        },
      ],
    };
    const result = plan(testDeployment(known === undefined ? {} : { status: known }), [set]).status;
    const progressing = findCondition(result?.conditions, "Progressing");
    const reason = findCondition(result?.conditions, "Available")?.reason;
    assert.deepEqual([progressing?.reason, progressing?.message, reason], [want[0], says(want[1] ?? ""), want[2]]);
  });
}

test("an unfinished rollout is looked at again when its deadline ends", () => {
  const { wakeAt } = plan(testDeployment(), [testReplicaSet({ image: a, size: 3, available: 1 })]);
  assert.equal(wakeAt, testNow + 600_000);
});

test("every rollout ends, and never has too many or too few pods", () => {
  const size = fc.integer({ min: 0, max: 12 });
  const share = fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 0, max: 100 }).map((part) => `${part}%`),
  );
  fc.assert(
    fc.property(size, size, share, share, (before, replicas, maxSurge, maxUnavailable) => {
      const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
      const deployment = testDeployment({ image: b, replicas, spec: { strategy } });
      const limits = limitsOf(deployment);
      let sets: ReplicaSet[] = [testReplicaSet({ image: a, size: before, desired: before, surge: limits.maxSurge })];
      for (let step = 0; ; step++) {
        assert.ok(step < 100, "the rollout stands still");
        const next = plan(deployment, sets);
        const result = carriedOut(deployment, sets, next);
        if (result === undefined) break;
        const total = result.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0);
        assert.ok(step === 0 || total <= Math.max(before, limits.desired + limits.maxSurge), `${total} pods`);
        const available = result.reduce(
          (sum, { spec, status }) => sum + Math.min(spec.replicas ?? 0, status?.availableReplicas ?? 0),
          0,
        );
        assert.ok(available >= Math.min(before, limits.desired - limits.maxUnavailable), `${available} available`);
        sets = result.map((set) => ({
          ...set,
          status: {
            ...set.status,
            replicas: set.spec.replicas ?? 0,
            readyReplicas: set.spec.replicas ?? 0,
            availableReplicas: set.spec.replicas ?? 0,
          },
        }));
      }
      const left = sets.filter((set) => (set.spec.replicas ?? 0) > 0).map((set) => [imageOf(set), set.spec.replicas]);
      assert.deepEqual(left, replicas === 0 ? [] : [["b", replicas]]);
    }),
    { numRuns: 200 },
  );
});

/** The ReplicaSets after a plan, with the statuses from before; undefined when the plan does nothing to them. */
function carriedOut(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  { create, scale, annotate }: DeploymentPlan,
): ReplicaSet[] | undefined {
  if (create !== undefined)
    return [
      ...sets,
      { ...create, metadata: { ...create.metadata, uid: "new", creationTimestamp: formatTime(testNow) } },
    ];
  if (scale.length === 0 && annotate === undefined) return undefined;
  return sets.map((set) => {
    const scaling = scale.find((each) => each.set === set);
    const noted = scaling === undefined ? {} : scaleAnnotations(deployment);
    return {
      ...set,
      metadata: {
        ...set.metadata,
        annotations: { ...set.metadata.annotations, ...noted, ...(annotate?.set === set ? annotate.annotations : {}) },
      },
      spec: { ...set.spec, replicas: scaling?.replicas ?? set.spec.replicas ?? 0 },
    };
  });
}
