import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodStatus } from "#api/generated/types.ts";
import type { Pod } from "#api/kinds.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import { formatTime } from "#std/time.ts";
import { localClusterDefaults, type LocalClusterSettings, runAnnotation, startAnnotation } from "../settings.ts";
import { testNow, testPod } from "../testing.ts";
import { nextStep, type PodStep } from "./decide.ts";

interface Moment {
  readonly now?: number;
  readonly since?: number;
  readonly settings?: Partial<LocalClusterSettings>;
}

function stepOf(pod: Pod, { now = testNow, since, settings }: Moment = {}): PodStep {
  return nextStep({ pod, nodeAddress: "10.64.0.1", settings: { ...localClusterDefaults, ...settings }, now, since });
}

function statusAfter(pod: Pod, moment?: Moment): PodStatus {
  const step = stepOf(pod, moment);
  if (step.kind !== "status") assert.fail(`it is to ${step.kind}`);
  return step.status;
}

function containerOf(command: readonly string[], image = "busybox"): Pod["spec"]["containers"] {
  return [{ name: "main", image, command }];
}

const pending = testPod({ phase: "Pending", node: "n" });

test("a bound pod starts at once", () => {
  const status = statusAfter(pending);
  assert.equal(status.phase, "Running");
  assert.equal(isConditionTrue(status.conditions, "Ready"), true);
  assert.match(status.podIP ?? "", /^10\.\d+\.\d+\.\d+$/);
  assert.deepEqual(stepOf({ ...pending, status }), { kind: "nothing" });
});

test("a pod with a time to start in waits for it, to the millisecond", () => {
  const slow = { ...pending, metadata: { ...pending.metadata, annotations: { [startAnnotation]: "300" } } };
  const first = stepOf(slow, { now: testNow + 900 });
  assert.equal(first.kind === "status" && first.more, true);
  const status = statusAfter(slow, { now: testNow + 900 });
  assert.equal(status.containerStatuses?.[0]?.state?.waiting?.reason, "ContainerCreating");
  const waiting = { ...slow, status };
  const since = testNow + 900;
  assert.deepEqual(stepOf(waiting, { now: since + 100, since }), { kind: "wait", until: since + 300 });
  assert.equal(statusAfter(waiting, { now: since + 300, since }).phase, "Running");
});

test("conditions of others stay, readiness gates are met", () => {
  const gate = { type: "example.com/fine", status: "False" };
  const spec = { readinessGates: [{ conditionType: "example.com/gate" }] };
  const status = statusAfter(
    testPod({ phase: "Pending", node: "n", spec, status: { phase: "Pending", conditions: [gate] } }),
  );
  assert.deepEqual(findCondition(status.conditions, "example.com/fine"), gate);
  assert.equal(isConditionTrue(status.conditions, "example.com/gate"), true);
});

for (const image of ["fake/nginx", "fake/nginx:1", "registry.example/missing:1", "nginx:missing"]) {
  test(`${image} is never pulled`, () => {
    const spec = {
      containers: [
        { name: "good", image: "nginx" },
        { name: "bad", image },
      ],
    };
    const pod = testPod({ phase: "Pending", node: "n", spec });
    const step = stepOf(pod);
    assert.equal(step.kind === "status" && step.warning?.reason, "Failed");
    const status = statusAfter(pod);
    const reasons = status.containerStatuses?.map(({ state }) => state?.waiting?.reason);
    assert.deepEqual(reasons, ["ContainerCreating", "ImagePullBackOff"]);
    assert.equal(status.phase, "Pending");
    assert.deepEqual(stepOf({ ...pod, status }), { kind: "nothing" });
  });
}

for (const { name, policy, command, want } of [
  { name: "ends well", policy: "Never", command: ["true"], want: ["Succeeded", 0, "Completed"] },
  { name: "ends badly", policy: "Never", command: ["sh", "-c", "exit 3"], want: ["Failed", 3, "Error"] },
  {
    name: "ends well and is not restarted",
    policy: "OnFailure",
    command: ["true"],
    want: ["Succeeded", 0, "Completed"],
  },
] as const) {
  test(`a pod with restartPolicy ${policy} ${name}`, () => {
    const spec = { restartPolicy: policy, containers: containerOf(command) };
    const pod = testPod({ phase: "Pending", node: "n", spec, annotations: { [runAnnotation]: "2000" } });
    const running = { ...pod, status: statusAfter(pod) };
    assert.deepEqual(stepOf(running, { now: testNow + 1000 }), { kind: "wait", until: testNow + 2000 });
    const status = statusAfter(running, { now: testNow + 2000 });
    const terminated = status.containerStatuses?.[0]?.state?.terminated;
    assert.deepEqual([status.phase, terminated?.exitCode, terminated?.reason], want);
    assert.equal(isConditionTrue(status.conditions, "Ready"), false);
    assert.deepEqual(stepOf({ ...running, status }), { kind: "nothing" });
  });
}

for (const policy of ["OnFailure", "Always"]) {
  test(`a command that fails is run again and again with restartPolicy ${policy}`, () => {
    const spec = { restartPolicy: policy, containers: containerOf(["false"]) };
    const pod = testPod({ phase: "Pending", node: "n", spec });
    let now = testNow;
    let at = { ...pod, status: statusAfter(pod) };
    for (const pauseMilliseconds of [10_000, 20_000, 40_000]) {
      now += localClusterDefaults.podRunMilliseconds;
      at = { ...at, status: statusAfter(at, { now, since: now - localClusterDefaults.podRunMilliseconds }) };
      assert.equal(at.status.containerStatuses?.[0]?.state?.waiting?.reason, "CrashLoopBackOff");
      assert.equal(isConditionTrue(at.status.conditions, "Ready"), false);
      assert.deepEqual(stepOf(at, { now, since: now }), { kind: "wait", until: now + pauseMilliseconds });
      now += pauseMilliseconds;
      at = { ...at, status: statusAfter(at, { now, since: now - pauseMilliseconds }) };
      assert.equal(isConditionTrue(at.status.conditions, "Ready"), true);
    }
    assert.equal(at.status.containerStatuses?.[0]?.restartCount, 3);
  });
}

test("a pod does not live longer than activeDeadlineSeconds", () => {
  const pod = testPod({ phase: "Pending", node: "n", spec: { activeDeadlineSeconds: 5 } });
  const running = { ...pod, status: statusAfter(pod) };
  assert.deepEqual(stepOf(running), { kind: "wait", until: testNow + 5000 });
  const { phase, reason } = statusAfter(running, { now: testNow + 5000 });
  assert.deepEqual({ phase, reason }, { phase: "Failed", reason: "DeadlineExceeded" });
});

test("times of transition move with the state only", () => {
  const status = statusAfter(testPod({ phase: "Pending", node: "n", readyFor: 7000 }));
  assert.equal(findCondition(status.conditions, "Ready")?.lastTransitionTime, formatTime(testNow - 7000));
});
