// A rebalancer on a real control plane: bindings are marked, the scheduler divides anew, the object goes in time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { Deployment } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { scheduler } from "#scheduler/controller.ts";
import {
  deploymentDraft,
  eventually,
  eventuallyObject,
  eventuallyReady,
  type Planes,
  policyDraft,
  startPlanes,
} from "../testing-planes.ts";

const deployment = (name: string) => ({ apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name });

describe("workload rebalancer", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({ members: ["member1"], others: [scheduler()] });
    await eventuallyReady(planes.client, ["member1"]);
  });
  after(() => planes.close());

  test("marks bindings once, and tells of those that are not there", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("nginx"));
    await client.create(PropagationPolicy, policyDraft(Deployment, "nginx"));
    const ref = { namespace: "default", name: "nginx-deployment" };
    await eventuallyObject(client, ResourceBinding, ref, ({ spec }) => spec.clusters?.length === 1);
    const workloads = [deployment("nginx"), deployment("nowhere")];
    const { metadata } = await client.create(WorkloadRebalancer, { metadata: { name: "all" }, spec: { workloads } });
    const { status } = await eventuallyObject(
      client,
      WorkloadRebalancer,
      { name: "all" },
      (object) => object.status?.finishTime !== undefined,
    );
    assert.deepEqual(status?.observedWorkloads, [
      { workload: deployment("nginx"), result: "Successful" },
      { workload: deployment("nowhere"), result: "Failed", reason: "ReferencedBindingNotFound" },
    ]);
    const { spec } = await client.get(ResourceBinding, ref);
    assert.equal(spec.rescheduleTriggeredAt, metadata.creationTimestamp);
  });

  test("goes when its time to live is over", async () => {
    const { client } = planes;
    const spec = { workloads: [deployment("nowhere")], ttlSecondsAfterFinished: 0 };
    await client.create(WorkloadRebalancer, { metadata: { name: "short" }, spec });
    await eventually("it has gone", async () => {
      const found = await client.find(WorkloadRebalancer, { name: "short" });
      return found === undefined;
    });
  });
});
