// One member's answers from its nodes, pods and quotas, on a real API server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Namespace, Node, Pod, ReplicaSet, ResourceQuota } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { systemClock as clock, formatTime } from "#std/time.ts";
import { type SchedulerWorld, startSchedulerWorld } from "../testing.ts";
import { eventually } from "#std/testing.ts";
import { createEstimator, type Estimator } from "./estimator.ts";

describe("the estimator of a member", () => {
  const end = new AbortController();
  let world: SchedulerWorld;
  let client: Client;
  let estimator: Estimator;
  before(async () => {
    world = await startSchedulerWorld();
    ({ client } = world);
    await client.create(Namespace, { metadata: { name: "shop" } });
    await client.create(Node, { metadata: { name: "n1" } });
    const status = { allocatable: { cpu: "4", memory: "8Gi", pods: "10" } };
    await client.patch(Node, { name: "n1" }, { type: "merge", patch: { status } }, { subresource: "status" });
    const { informers } = world;
    estimator = await createEstimator({ cluster: "m1", informers, clock, quotas: true, signal: end.signal });
  });
  after(async () => {
    end.abort(new Error("the test is over"));
    await world.close();
  });

  const replicas = (cpu: string, namespace = "", assumed = 0): number =>
    estimator.maxAvailableReplicas({
      cluster: "m1",
      replicaRequirements: { resourceRequest: { cpu }, namespace },
      assumedWorkloads: [
        {
          namespace: "shop",
          components: [{ name: "w", replicas: assumed, replicaRequirements: { resourceRequest: { cpu } } }],
        },
      ],
    });
  const pod = (name: string, owner: string, nodeName?: string): Promise<unknown> =>
    client.create(Pod, {
      metadata: {
        name,
        namespace: "shop",
        ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: "u", controller: true }],
      },
      spec: {
        ...(nodeName === undefined ? {} : { nodeName }),
        containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1" } } }],
      },
    });
  const becomes = (wanted: number, ask: () => number): Promise<unknown> =>
    eventually(`${String(wanted)} replicas`, () => Promise.resolve(ask() === wanted));

  test("free nodes, less what runs there, less what is on its way", async () => {
    await becomes(4, () => replicas("1"));
    await pod("running", "web", "n1");
    await becomes(3, () => replicas("1"));
    assert.equal(replicas("1", "", 2), 1);
    assert.equal(replicas("1", "", 9), 0);
    const over = { type: "merge", patch: { status: { phase: "Succeeded" } } } as const;
    await client.patch(Pod, { namespace: "shop", name: "running" }, over, { subresource: "status" });
    await becomes(4, () => replicas("1"));
  });

  test("quotas of the namespace", async () => {
    await client.create(ResourceQuota, { metadata: { name: "q", namespace: "shop" }, spec: { hard: { cpu: "2" } } });
    await becomes(2, () => replicas("1", "shop"));
    assert.equal(replicas("1", "elsewhere"), 4);
    const components = [{ name: "w", replicas: 2, replicaRequirements: { resourceRequest: { cpu: "500m" } } }];
    const request = { cluster: "m1", components, namespace: "shop", assumedWorkloads: [] };
    assert.equal(estimator.maxAvailableComponentSets(request), 2);
  });

  test("pods of a Deployment that no node takes, once they have waited long enough", async () => {
    const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d", controller: true };
    const labels = { app: "web" };
    await client.create(ReplicaSet, {
      metadata: { name: "web-1", namespace: "shop", ownerReferences: [owner] },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    });
    for (const [name, minutes] of [
      ["old", 10],
      ["new", 1],
    ] as const) {
      await pod(name, "web-1");
      const lastTransitionTime = formatTime(clock.now() - minutes * 60_000);
      const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime }];
      const ref = { namespace: "shop", name };
      await client.patch(Pod, ref, { type: "merge", patch: { status: { conditions } } }, { subresource: "status" });
    }
    const stuck = (kind: string, minutes: number): number =>
      estimator.unschedulableReplicas({
        cluster: "m1",
        resource: { apiVersion: "apps/v1", kind, namespace: "shop", name: "web" },
        thresholdMilliseconds: minutes * 60_000,
      });
    await becomes(1, () => stuck("Deployment", 5));
    await becomes(2, () => stuck("Deployment", 0));
    assert.equal(stuck("StatefulSet", 0), 0);
  });

  test("another cluster's question is refused", () => {
    assert.throws(
      () => estimator.maxAvailableReplicas({ cluster: "m2", replicaRequirements: {}, assumedWorkloads: [] }),
      /cluster name does not match, got: m2, desire: m1/,
    );
  });
});
