// Statuses on their way from members to bindings and templates, on a real API server. The test is the scheduler, and the
// members' workload controllers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Deployment, PersistentVolumeClaim } from "#api/kinds.ts";
import { OverridePolicy } from "#api/policy/override-policy.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding, type TargetCluster } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import {
  aWhile,
  deploymentDraft,
  eagerClusterStatus,
  eventually,
  eventuallyObject,
  type Planes,
  policyDraft,
  reportInMember,
  scheduleTo,
  startPlanes,
} from "../testing-planes.ts";

const ref = (name: string) => ({ namespace: "default", name });

describe("honest statuses", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({ members: ["m1", "m2"], controllers: { clusterStatus: eagerClusterStatus } });
  });
  after(() => planes.close());

  const schedule = (binding: string, clusters: readonly TargetCluster[]): Promise<void> =>
    scheduleTo(planes.client, binding, clusters);

  const reportIn = (member: string, name: string, replicas: number): Promise<void> =>
    reportInMember(planes.member(member), name, replicas);

  const ready = (name: string, replicas: number) =>
    eventuallyObject(planes.client, Deployment, ref(name), ({ status }) => (status?.readyReplicas ?? 0) === replicas);
  const isObserved = ({ metadata, status }: Deployment): boolean => status?.observedGeneration === metadata.generation;
  const observed = (name: string) => eventuallyObject(planes.client, Deployment, ref(name), isObserved);

  const spec = (replicas: number) => [
    { name: "m1", replicas },
    { name: "m2", replicas },
  ];

  test("what ran under an earlier binding is no more where the next one finds no cluster", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("earlier", 1));
    await client.create(PropagationPolicy, policyDraft(Deployment, "earlier"));
    await schedule("earlier-deployment", [{ name: "m1", replicas: 1 }]);
    await reportIn("m1", "earlier", 1);
    await ready("earlier", 1);
    const binding = ref("earlier-deployment");
    const { uid } = (await client.get(ResourceBinding, binding)).metadata;
    await client.delete(ResourceBinding, binding);
    await eventuallyObject(client, ResourceBinding, binding, ({ metadata }) => metadata.uid !== uid);
    const lastTransitionTime = "2026-01-01T00:00:00Z";
    const condition = { type: "Scheduled", status: "False", reason: "NoClusterFit", message: "", lastTransitionTime };
    const patch = { status: { conditions: [condition] } };
    await client.patch(ResourceBinding, binding, { type: "merge", patch }, { subresource: "status" });
    await ready("earlier", 0);
  });

  test("the template's generation is observed once every member has observed it, and not before", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("web", 2));
    await client.create(PropagationPolicy, policyDraft(Deployment, "web"));
    await schedule("web-deployment", spec(1));
    await reportIn("m1", "web", 1);
    await ready("web", 1);
    assert.equal((await client.get(Deployment, ref("web"))).status?.observedGeneration, undefined);
    await reportIn("m2", "web", 1);
    await ready("web", 2);
    await observed("web");
    const patch = { spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx:2" }] } } } };
    await client.patch(Deployment, ref("web"), { type: "merge", patch });
    const isNew = ({ spec: { template } }: Deployment): boolean => template.spec?.containers[0]?.image === "nginx:2";
    for (const member of ["m1", "m2"]) {
      await eventuallyObject(planes.member(member), Deployment, ref("web"), isNew);
    }
    await reportIn("m1", "web", 1);
    await aWhile();
    assert.ok(!isObserved(await client.get(Deployment, ref("web"))), "m2 has not seen it yet");
    await reportIn("m2", "web", 1);
    await observed("web");
  });

  test("a member that was never reached counts, too: its override fails", async () => {
    const { client } = planes;
    await client.create(OverridePolicy, {
      metadata: ref("broken"),
      spec: {
        resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "part" }],
        overrideRules: [
          {
            targetCluster: { clusterNames: ["m2"] },
            overriders: { plaintext: [{ path: "/spec/none", operator: "remove" }] },
          },
        ],
      },
    });
    await eventually("the policy is seen", () =>
      Promise.resolve(planes.informers.for(OverridePolicy).get(ref("broken")) !== undefined),
    );
    await client.create(Deployment, deploymentDraft("part", 1));
    await client.create(PropagationPolicy, policyDraft(Deployment, "part"));
    await schedule("part-deployment", spec(1));
    await reportIn("m1", "part", 1);
    await ready("part", 1);
    await aWhile();
    assert.equal((await client.get(Deployment, ref("part"))).status?.observedGeneration, undefined);
    const { status } = await client.get(ResourceBinding, ref("part-deployment"));
    assert.equal(status?.conditions?.find(({ type }) => type === "FullyApplied")?.status, "False");
    await client.delete(OverridePolicy, ref("broken"));
    await reportIn("m2", "part", 1);
    await ready("part", 2);
    await observed("part");
  });

  test("when a cluster has left, what it said is gone from binding and template", async () => {
    const { client } = planes;
    await schedule("web-deployment", [{ name: "m1", replicas: 1 }]);
    await ready("web", 1);
    await eventuallyObject(client, ResourceBinding, ref("web-deployment"), ({ status }) => {
      const [item, ...others] = status?.aggregatedStatus ?? [];
      return item?.clusterName === "m1" && others.length === 0;
    });
  });

  test("a status that somebody else has wiped out comes back", async () => {
    const { client } = planes;
    const before = await client.get(ResourceBinding, ref("web-deployment"));
    const { aggregatedStatus, ...status } = before.status ?? {};
    assert.equal(aggregatedStatus?.length, 1);
    await client.update(ResourceBinding, { ...before, status }, { subresource: "status" });
    await eventuallyObject(client, ResourceBinding, ref("web-deployment"), (binding) => {
      return binding.status?.aggregatedStatus?.[0]?.health === "Healthy";
    });
  });

  test("no status is lost to write conflicts: others write the same objects all the while", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("busy", 2));
    await client.create(PropagationPolicy, policyDraft(Deployment, "busy"));
    await schedule("busy-deployment", spec(1));
    for (const member of ["m1", "m2"]) await eventuallyObject(planes.member(member), Deployment, ref("busy"));
    let isOver = false;
    const disturb = async (): Promise<void> => {
      for (let turn = 0; !isOver; turn++) {
        const time = new Date(Date.UTC(2030, 0, 1, 0, 0, turn)).toISOString().replace(".000", "");
        const condition = { type: "Other", status: "True" as const, reason: "Test", message: String(turn) };
        const current = await client.get(ResourceBinding, ref("busy-deployment"));
        const others = (current.status?.conditions ?? []).filter(({ type }) => type !== "Other");
        const conditions = [...others, { ...condition, lastTransitionTime: time }];
        const patch = { metadata: { resourceVersion: current.metadata.resourceVersion }, status: { conditions } };
        await client
          .patch(ResourceBinding, ref("busy-deployment"), { type: "merge", patch }, { subresource: "status" })
          .catch(() => undefined);
        await client.patch(Deployment, ref("busy"), {
          type: "merge",
          patch: { metadata: { annotations: { turn: String(turn) } } },
        });
        await aWhile(1);
      }
    };
    const disturbing = disturb();
    try {
      for (let replicas = 1; replicas <= 12; replicas++) {
        await reportIn("m1", "busy", replicas);
        await reportIn("m2", "busy", 2 * replicas);
        await aWhile(20);
      }
      await ready("busy", 36);
      const isTold = ({ status }: ResourceBinding): boolean => {
        const items = status?.aggregatedStatus ?? [];
        const told = items.map((item) => item.status?.["readyReplicas"]);
        const types = (status?.conditions ?? []).map(({ type }) => type);
        return told.join(" ") === "12 24" && types.includes("FullyApplied") && types.includes("Other");
      };
      await eventuallyObject(client, ResourceBinding, ref("busy-deployment"), isTold);
    } finally {
      isOver = true;
      await disturbing;
    }
  });

  test("an object that somebody deletes, and that may not be made anew, is healthy no more", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("lost", 1));
    await client.create(PropagationPolicy, policyDraft(Deployment, "lost"));
    await schedule("lost-deployment", [{ name: "m1", replicas: 1 }]);
    await reportIn("m1", "lost", 1);
    const health = (expected: string) =>
      eventuallyObject(client, ResourceBinding, ref("lost-deployment"), ({ status }) => {
        return status?.aggregatedStatus?.[0]?.health === expected;
      });
    await health("Healthy");
    await client.patch(PropagationPolicy, ref("lost-pp"), {
      type: "merge",
      patch: { spec: { suspension: { dispatching: true } } },
    });
    await eventually("the Work is suspended", async () => {
      const { items } = await client.list(Work, { namespace: "karmada-es-m1" });
      return items.some(({ metadata, spec: work }) => metadata.name.startsWith("lost-") && work.suspendDispatching);
    });
    await planes.member("m1").delete(Deployment, ref("lost"));
    const { status } = await health("Unknown");
    assert.equal(status?.aggregatedStatus?.[0]?.status, undefined);
    await ready("lost", 0);
    await client.patch(PropagationPolicy, ref("lost-pp"), { type: "merge", patch: { spec: { suspension: null } } });
    await reportIn("m1", "lost", 1);
    await health("Healthy");
  });

  test("a claim is bound when its members say so, not before they have said anything", async () => {
    const { client } = planes;
    const phase = (member: string, value: string) =>
      planes
        .member(member)
        .patch(
          PersistentVolumeClaim,
          ref("data"),
          { type: "merge", patch: { status: { phase: value } } },
          { subresource: "status" },
        );
    await client.create(PersistentVolumeClaim, {
      metadata: ref("data"),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    await client.create(PropagationPolicy, policyDraft(PersistentVolumeClaim, "data"));
    await schedule("data-persistentvolumeclaim", [{ name: "m1" }, { name: "m2" }]);
    for (const member of ["m1", "m2"])
      await eventuallyObject(planes.member(member), PersistentVolumeClaim, ref("data"));
    await phase("m1", "Bound");
    const isBound = ({ status }: ResourceBinding): boolean =>
      status?.aggregatedStatus?.some((item) => item.status?.["phase"] === "Bound") === true;
    await eventuallyObject(client, ResourceBinding, ref("data-persistentvolumeclaim"), isBound);
    await aWhile(100);
    assert.notEqual((await client.get(PersistentVolumeClaim, ref("data"))).status?.phase, "Bound");
    await phase("m2", "Bound");
    await eventuallyObject(client, PersistentVolumeClaim, ref("data"), ({ status }) => status?.phase === "Bound");
  });
});
