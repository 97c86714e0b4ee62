import assert from "node:assert/strict";
import { test } from "node:test";
import { ControllerRevision, PersistentVolume, PersistentVolumeClaim, Pod, StatefulSet } from "#api/kinds.ts";
import { startTestPlane } from "#kubecontrollers/testing.ts";
import { eventually } from "#std/testing.ts";
import { localClusterControllers } from "../all.ts";
import { localClusterDefaults } from "../settings.ts";

const ref = { namespace: "default", name: "db" };

function setOf(replicas: number): Pick<StatefulSet, "metadata" | "spec"> {
  const labels = { app: "db" };
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  return {
    metadata: ref,
    spec: {
      replicas,
      serviceName: "db",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "db", image: "postgres:17" }] } },
      volumeClaimTemplates: [
        { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" }, spec: claim },
      ],
    },
  };
}

test("a StatefulSet starts in order, with claims, and rolls from the end", async (t) => {
  const { client, stop } = await startTestPlane(localClusterControllers(localClusterDefaults));
  t.after(stop);
  const settled = async (replicas: number, image: string): Promise<StatefulSet> =>
    eventually(`${replicas} pods of ${image}`, async () => {
      const found = await client.get(StatefulSet, ref);
      const { status, metadata } = found;
      if (status?.observedGeneration !== metadata.generation) return undefined;
      const counts = [status?.replicas, status?.readyReplicas, status?.updatedReplicas, status?.currentReplicas];
      const pods = (await client.list(Pod, { namespace: "default" })).items;
      const isNew = pods.every(({ spec }) => spec.containers[0]?.image === image);
      return isNew && counts.every((count = 0) => count === replicas) ? found : undefined;
    });

  await client.create(StatefulSet, setOf(3));
  await settled(3, "postgres:17");
  const pods = (await client.list(Pod, { namespace: "default" })).items;
  assert.deepEqual(
    pods.map(({ metadata }) => metadata.name),
    ["db-0", "db-1", "db-2"],
  );
  const versions = pods.map(({ metadata }) => Number(metadata.resourceVersion));
  assert.deepEqual(
    versions,
    versions.toSorted((left, right) => left - right),
  );
  assert.equal(pods[0]?.spec.volumes?.[0]?.persistentVolumeClaim?.claimName, "data-db-0");
  const bound = await eventually("bound claims", async () => {
    const { items } = await client.list(PersistentVolumeClaim, { namespace: "default" });
    return items.every(({ status }) => status?.phase === "Bound") ? items : undefined;
  });
  assert.deepEqual(
    bound.map(({ metadata }) => metadata.name),
    ["data-db-0", "data-db-1", "data-db-2"],
  );

  const template = { spec: { containers: [{ name: "db", image: "postgres:18" }] } };
  await client.patch(StatefulSet, ref, { type: "strategic", patch: { spec: { template } } });
  const { status } = await settled(3, "postgres:18");
  assert.equal(status?.currentRevision, status?.updateRevision);
  assert.equal((await client.list(ControllerRevision, { namespace: "default" })).items.length, 2);

  await client.patch(StatefulSet, ref, { type: "merge", patch: { spec: { replicas: 1 } } });
  await settled(1, "postgres:18");
  await client.delete(PersistentVolumeClaim, { namespace: "default", name: "data-db-2" });
  await eventually("the volume to go with its claim", async () => {
    const { items } = await client.list(PersistentVolume);
    return items.length === 2 ? true : undefined;
  });
});
