// Whatever users, members and the network do for a while: once they leave it in peace, every member has what the control
// plane says, and nothing else of Karmada's. Random histories from a seed, on real API servers.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ConfigMap } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { isApiError } from "#machinery/api-error.ts";
import { garbageCollector } from "#kubecontrollers/garbage-collector/controller.ts";
import { scheduler } from "#scheduler/controller.ts";
import { aWhile, eventually, eventuallyReady, type Planes, policyDraft, startPlanes } from "./testing-planes.ts";

const members = ["member1", "member2", "member3"];
const names = ["a", "b", "c"];
const ref = (name: string) => ({ namespace: "default", name });

/** A small generator of numbers below `count`; the same for the same seed. */
function numbers(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

interface History {
  readonly planes: Planes;
  readonly random: (count: number) => number;
  readonly steps: string[];
}

type Step = (history: History, name: string) => Promise<unknown>;

const pick = <T>(random: (count: number) => number, items: readonly T[]): T =>
  items[random(items.length)] ?? (items[0] as T);

const steps: Readonly<Record<string, Step>> = {
  createTemplate: ({ planes, random }, name) =>
    planes.client.create(ConfigMap, { metadata: ref(name), data: { value: String(random(1000)) } }),
  changeTemplate: ({ planes, random }, name) =>
    planes.client.patch(ConfigMap, ref(name), { type: "merge", patch: { data: { value: String(random(1000)) } } }),
  deleteTemplate: ({ planes }, name) => planes.client.delete(ConfigMap, ref(name)),
  createPolicy: ({ planes, random }, name) =>
    planes.client.create(PropagationPolicy, policyDraft(ConfigMap, name, { placement: placement(random) })),
  changePolicy: ({ planes, random }, name) =>
    planes.client.patch(PropagationPolicy, ref(`${name}-pp`), {
      type: "merge",
      patch: { spec: { placement: placement(random) } },
    }),
  suspend: ({ planes, random }, name) =>
    planes.client.patch(PropagationPolicy, ref(`${name}-pp`), {
      type: "merge",
      patch: { spec: { suspension: { dispatchingOnClusters: { clusterNames: [pick(random, members)] } } } },
    }),
  deletePolicy: ({ planes }, name) => planes.client.delete(PropagationPolicy, ref(`${name}-pp`)),
  deleteBinding: ({ planes }, name) => planes.client.delete(ResourceBinding, ref(`${name}-configmap`)),
  async deleteWork({ planes, random }) {
    const { items } = await planes.client.list(Work);
    if (items.length > 0) await planes.client.delete(Work, pick(random, items).metadata);
  },
  editInMember: ({ planes, random }, name) =>
    planes
      .member(pick(random, members))
      .patch(ConfigMap, ref(name), { type: "merge", patch: { data: { value: "drift" } } }),
  deleteInMember: ({ planes, random }, name) => planes.member(pick(random, members)).delete(ConfigMap, ref(name)),
  cut({ planes, random }) {
    planes.setReachable(pick(random, members), random(2) === 0);
    return Promise.resolve();
  },
  loseAnswers({ planes, random }) {
    planes.dropAnswers(pick(random, members), random(3));
    return Promise.resolve();
  },
  wait: ({ random }) => aWhile(random(40)),
};

function placement(random: (count: number) => number): { clusterAffinity: { clusterNames: string[] } } {
  const clusterNames = members.filter(() => random(2) === 0);
  return { clusterAffinity: { clusterNames: clusterNames.length === 0 ? [pick(random, members)] : clusterNames } };
}

async function run(t: TestContext, seed: number, count: number): Promise<void> {
  const planes = await startPlanes({
    members,
    others: [scheduler(), garbageCollector()],
    controllers: { clusterStatus: { periodMilliseconds: 30, failureMilliseconds: 60, successMilliseconds: 60 } },
  });
  t.after(() => planes.close());
  await eventuallyReady(planes.client, members);
  for (const member of members)
    await planes.member(member).create(ConfigMap, { metadata: ref("theirs"), data: { value: "theirs" } });
  const random = numbers(seed);
  const history: History = { planes, random, steps: [] };
  for (let index = 0; index < count; index++) {
    const name = pick(random, names);
    const step = pick(random, Object.keys(steps));
    history.steps.push(`${step} ${name}`);
    try {
      await steps[step]?.(history, name);
    } catch (error) {
      if (!isApiError(error, "NotFound", "AlreadyExists", "Conflict")) throw error;
    }
  }
  for (const member of members) planes.setReachable(member, true);
  for (const member of members) planes.dropAnswers(member, 0);
  try {
    await settle(planes);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${history.steps.join(", ")}`, { cause });
  }
}

/** Policies that suspend are told not to, templates without one get one or go: then all must come to rest. */
async function settle(planes: Planes): Promise<void> {
  const { client } = planes;
  for (const { metadata } of (await client.list(PropagationPolicy)).items) {
    if (metadata.deletionTimestamp !== undefined) continue;
    await client.patch(PropagationPolicy, metadata, { type: "merge", patch: { spec: { suspension: null } } });
  }
  await eventuallyReady(client, members);
  await eventually("every member has what it should", async () => {
    for (const name of names) {
      const problem = await problemOf(planes, name);
      if (problem !== undefined) throw new Error(problem);
    }
    return true;
  });
  for (const member of members) {
    const { data, metadata } = await planes.member(member).get(ConfigMap, ref("theirs"));
    assert.deepEqual(data, { value: "theirs" });
    assert.equal(metadata.labels, undefined);
  }
}

async function problemOf(planes: Planes, name: string): Promise<string | undefined> {
  const { client } = planes;
  const template = await client.find(ConfigMap, ref(name));
  const policy = await client.find(PropagationPolicy, ref(`${name}-pp`));
  const binding = await client.find(ResourceBinding, ref(`${name}-configmap`));
  const works = (await client.list(Work)).items.filter(
    ({ metadata }) => metadata.annotations?.["resourcebinding.karmada.io/name"] === `${name}-configmap`,
  );
  // A template whose policy has gone stays as it is in the members; no more is promised.
  if (template !== undefined && policy === undefined) return undefined;
  const wanted = template === undefined ? [] : (policy?.spec.placement?.clusterAffinity?.clusterNames ?? []);
  if (template === undefined && binding !== undefined) return `${name}: its binding is still there`;
  if (works.length !== wanted.length) return `${name}: ${works.length} Works for ${wanted.join()}`;
  for (const cluster of members) {
    const object = await planes.member(cluster).find(ConfigMap, ref(name));
    const value = object?.data?.["value"];
    const right = wanted.includes(cluster) ? template?.data?.["value"] : undefined;
    if (value !== right) return `${name} in ${cluster}: ${String(value)} instead of ${String(right)}`;
  }
  const applied = binding?.status?.conditions?.find(({ type }) => type === "FullyApplied")?.status;
  return template === undefined || applied === "True" ? undefined : `${name}: not fully applied`;
}

const seeds = process.env["CONVERGENCE_SEEDS"]?.split(",").map(Number) ?? [1, 2, 3];
for (const seed of seeds) {
  test(`converges after history ${seed}`, (t) => run(t, seed, Number(process.env["CONVERGENCE_STEPS"] ?? 100)));
}
