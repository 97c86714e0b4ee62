// Application failover on real API servers in one process: an application with state fails, moves, and takes its state along.
// The test plays the members' workload controllers: it writes the Deployments' status.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Deployment } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { scheduler } from "#scheduler/controller.ts";
import {
  deploymentDraft,
  eventuallyGone,
  eventuallyObject,
  eventuallyReady,
  type Planes,
  policyDraft,
  startPlanes,
} from "../testing-planes.ts";

const ref = { namespace: "default", name: "job" };
const bindingRef = { namespace: "default", name: "job-deployment" };
const label = "resourcebinding.karmada.io/preserved-revision";

describe("application failover", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({
      members: ["m1", "m2"],
      others: [scheduler()],
      controllers: {
        gates: { StatefulFailoverInjection: true },
        eviction: { settleSeconds: 0, stabilizationSeconds: 0 },
      },
    });
    await eventuallyReady(planes.client, ["m1", "m2"]);
  });
  after(() => planes.close());

  async function report(member: string, healthy: boolean): Promise<void> {
    const client = planes.member(member);
    const { metadata } = await eventuallyObject(client, Deployment, ref);
    const count = healthy ? 2 : 0;
    const observedGeneration = metadata.generation ?? 0;
    const status = {
      observedGeneration,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: count,
      availableReplicas: count,
    };
    await client.patch(Deployment, ref, { type: "merge", patch: { status } }, { subresource: "status" });
  }

  test("state goes along with the application, and is taken off when it is healthy again", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("job"));
    await client.create(
      PropagationPolicy,
      policyDraft(Deployment, "job", {
        propagateDeps: true,
        placement: { spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }] },
        failover: {
          application: {
            decisionConditions: { tolerationSeconds: 1 },
            purgeMode: "Directly",
            statePreservation: { rules: [{ aliasLabelName: label, jsonPath: "{ .updatedReplicas }" }] },
          },
        },
      }),
    );
    const placed = await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef,
      ({ spec }) => spec.clusters?.length === 1,
    );
    const from = placed.spec.clusters?.[0]?.name ?? "";
    const to = from === "m1" ? "m2" : "m1";
    await report(from, false);
    const moved = await eventuallyObject(planes.member(to), Deployment, ref);
    assert.equal(moved.metadata.labels?.[label], "2");
    await eventuallyGone(planes.member(from), Deployment, ref);
    const [task] = (await client.get(ResourceBinding, bindingRef)).spec.gracefulEvictionTasks ?? [];
    assert.equal(task?.reason, "ApplicationFailure");
    assert.equal(task.producer, "resource-binding-application-failover-controller");
    assert.deepEqual(task.clustersBeforeFailover, [from]);
    await report(to, true);
    const hasEnded = ({ spec }: ResourceBinding) => spec.gracefulEvictionTasks === undefined;
    await eventuallyObject(client, ResourceBinding, bindingRef, hasEnded);
    const isPlain = ({ metadata }: Deployment) => metadata.labels?.[label] === undefined;
    await eventuallyObject(planes.member(to), Deployment, ref, isPlain);
  });
});
