// State beside the application, on real API servers in one process: looked up in the member, carried over as an annotation where
// no label may say it, also when the cluster cannot be asked any more.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, StatefulSet, PersistentVolumeClaim } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { scheduler } from "#scheduler/controller.ts";
import { eventuallyObject, eventuallyReady, type Planes, policyDraft, startPlanes } from "../testing-planes.ts";

const ref = { namespace: "default", name: "db" };
const bindingRef = { namespace: "default", name: "db-statefulset" };

describe("related state", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({
      members: ["m1", "m2"],
      others: [scheduler()],
      controllers: {
        gates: { StatefulFailoverInjection: true, Failover: true },
        taintEviction: { enabled: true, ratePerSecond: 1000 },
        eviction: { settleSeconds: 0, stabilizationSeconds: 0 },
      },
    });
    await eventuallyReady(planes.client, ["m1", "m2"]);
  });
  after(() => planes.close());

  test("a StatefulSet takes the names of its volumes and the place of its newest backup along", async () => {
    const { client } = planes;
    await client.create(StatefulSet, {
      metadata: ref,
      spec: {
        replicas: 1,
        serviceName: "db",
        selector: { matchLabels: { app: "db" } },
        template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db", image: "postgres" }] } },
      },
    });
    await client.create(
      PropagationPolicy,
      policyDraft(StatefulSet, "db", {
        placement: { spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }] },
        failover: {
          cluster: {
            purgeMode: "Directly",
            statePreservation: {
              rules: [
                {
                  aliasLabelName: "example.org/volume",
                  jsonPath: "{ .items[*].spec.volumeName }",
                  relatedResource: {
                    ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", select: "All" },
                    labelSelector: { matchLabels: { app: "db" } },
                  },
                },
                {
                  aliasLabelName: "example.org/backup",
                  jsonPath: "{ .data.path }",
                  relatedResource: {
                    ...{ apiVersion: "v1", kind: "ConfigMap", newestBy: "{ .data.sequence }" },
                    where: [{ jsonPath: "{ .data.of }", value: "{ .metadata.name }" }],
                  },
                },
              ],
            },
          },
        },
      }),
    );
    const placed = await eventuallyObject(client, ResourceBinding, bindingRef, ({ spec }) => {
      return spec.clusters?.length === 1;
    });
    const from = placed.spec.clusters?.[0]?.name ?? "";
    const to = from === "m1" ? "m2" : "m1";
    const member = planes.member(from);
    await member.create(PersistentVolumeClaim, {
      metadata: { namespace: "default", name: "data-db-0", labels: { app: "db" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
        volumeName: "pv-7",
      },
    });
    for (const [name, sequence] of [
      ["first", "9"],
      ["second", "10"],
    ] as const) {
      const data = { of: "db", sequence, path: `s3://backups/${name}` };
      await member.create(ConfigMap, { metadata: { namespace: "default", name }, data });
    }
    // A change of the application's status makes it look at once.
    await eventuallyObject(member, StatefulSet, ref);
    await member.patch(
      StatefulSet,
      ref,
      { type: "merge", patch: { status: { replicas: 1, readyReplicas: 1 } } },
      { subresource: "status" },
    );
    await eventuallyObject(client, ResourceBinding, bindingRef, ({ metadata }) => {
      return metadata.annotations?.["resourcebinding.karmada.io/related-state"]?.includes("second");
    });

    planes.setReachable(from, false);
    const taints = [{ key: "down", effect: "NoExecute" }];
    await client.patch(Cluster, { name: from }, { type: "merge", patch: { spec: { taints } } });
    const isTasked = ({ spec }: ResourceBinding) => (spec.gracefulEvictionTasks ?? []).length === 1;
    const binding = await eventuallyObject(client, ResourceBinding, bindingRef, isTasked);
    assert.deepEqual(binding.spec.gracefulEvictionTasks?.[0]?.preservedLabelState, {
      "example.org/volume": "pv-7",
      "example.org/backup": "s3://backups/second",
    });
    planes.setReachable(from, true);
    const { metadata } = await eventuallyObject(planes.member(to), StatefulSet, ref);
    assert.equal(metadata.labels?.["example.org/volume"], "pv-7");
    assert.equal(metadata.labels["example.org/backup"], undefined, "no label may hold a path");
    assert.equal(metadata.annotations?.["example.org/backup"], "s3://backups/second");
  });
});
