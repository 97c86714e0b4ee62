// What a control plane takes in memory: after a burst, and with many objects in its store while all its informers run.
import { ConfigMap } from "#api/kinds.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { inTurns } from "./figures.ts";
import { createPolicy, propagate } from "./propagation.ts";

/** How long memory has to come back after the work. */
const settleMilliseconds = 20_000;
const objectBytes = 4_096;
const namespace = "default";
const creators = 64;

/** RSS in MB. */
export interface Resident {
  readonly before: number;
  readonly after: number;
  /** Some time later, when nothing is going on. */
  readonly settled: number;
  /** How late the event loop was at worst while the work was done, in milliseconds. */
  readonly lagMax: number;
}

/** The first `count` Deployments of a new control plane, sent to three members. */
export async function residentAfterPropagation(plane: ControlPlane, count: number): Promise<Resident> {
  await createPolicy(await plane.client("karmada-apiserver"));
  return await residentAround(plane, () => propagate(plane, { prefix: "memory-", count, replicas: 1 }));
}

/** ConfigMaps of 4 KB, in a control plane of no members; and what it takes when it has started anew with them. */
export async function residentWithObjects(
  dataDir: string,
  count: number,
): Promise<Resident & { readonly resumed: number }> {
  const filled = await withoutMembers(dataDir, (plane) => residentAround(plane, () => fill(plane, count)));
  const resumed = await withoutMembers(dataDir, async (plane) => {
    await sleep(settleMilliseconds);
    return (await plane.figures()).residentMegabytes;
  });
  return { ...filled, resumed };
}

/** A control plane of no members, for as long as it is used. */
export async function withoutMembers<T>(dataDir: string, use: (plane: ControlPlane) => Promise<T>): Promise<T> {
  const plane = await startControlPlane(dataDir, ["--members", "0"]);
  try {
    return await use(plane);
  } finally {
    await plane.stop();
  }
}

async function residentAround(plane: ControlPlane, work: () => Promise<unknown>): Promise<Resident> {
  const { residentMegabytes: before } = await plane.figures();
  await work();
  const { residentMegabytes: after, lagMax } = await plane.figures();
  await sleep(settleMilliseconds);
  return { before, after, settled: (await plane.figures()).residentMegabytes, lagMax };
}

/** That many ConfigMaps of 4 KB. */
export async function fill(plane: ControlPlane, count: number): Promise<void> {
  const client = await plane.client("karmada-apiserver");
  await inTurns(count, creators, (index) => {
    const line = `object ${index} `;
    const text = line.repeat(Math.ceil(objectBytes / line.length)).slice(0, objectBytes);
    return client.create(ConfigMap, { metadata: { name: `memory-${index}`, namespace }, data: { text } });
  });
}
