// Every third-party kind on its way to three members and back, by CRDs with the kinds' own group, version, scope and status
// fields.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bindingName } from "#api/karmada-names.ts";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { Draft } from "#client/client.ts";
import {
  eagerClusterStatus,
  eventuallyObject,
  installDefinitions,
  type Planes,
  startPlanes,
} from "#controllers/testing-planes.ts";
import { thirdPartyInterpretations } from "#interpreter/third-party/all.ts";
import { apiVersionOf } from "#machinery/object.ts";
import { scheduler } from "#scheduler/controller.ts";
import { forgetsAll, kindOf, members, propagate } from "./journey.ts";
import { type ThirdPartyCase, thirdPartyCases } from "./third-party-cases.ts";

const schemas = {
  i: { type: "integer", format: "int64" },
  s: { type: "string" },
  b: { type: "boolean" },
  o: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  l: { type: "array", items: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
} as const;

/** The servers guard groups under k8s.io. */
const approved = { "api-approved.kubernetes.io": "unapproved, as upstream's own" };

/** The versions of one kind are one CRD; here no kind has two. */
function crdFor(each: ThirdPartyCase): Draft<CustomResourceDefinition> {
  const { group, version, ...names } = kindOf(each);
  const properties = Object.fromEntries(Object.entries(each.fields).map(([name, type]) => [name, schemas[type]]));
  const openAPIV3Schema = {
    type: "object" as const,
    properties: { spec: schemas.o, status: { type: "object" as const, properties } },
  };
  const served = {
    name: version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema },
    subresources: { status: {} },
  };
  const { kind, plural, singular, listKind } = names;
  return {
    metadata: { name: `${plural}.${group}`, ...(group.endsWith(".k8s.io") ? { annotations: approved } : {}) },
    spec: { group, scope: each.scope ?? "Namespaced", names: { kind, plural, singular, listKind }, versions: [served] },
  };
}

describe("third-party kinds in three members", { concurrency: 4 }, () => {
  let planes: Planes;
  before(async () => {
    const controllers = { clusterStatus: eagerClusterStatus };
    planes = await startPlanes({ members, others: [scheduler()], controllers });
    const clients = [planes.client, ...members.map((name) => planes.member(name))];
    await Promise.all(clients.map((client) => installDefinitions(client, thirdPartyCases.map(crdFor))));
  });
  after(() => planes.close());

  for (const each of thirdPartyCases) {
    test(`${each.apiVersion} ${each.kind}`, () => propagate(each, planes));
  }
});

test("every third-party kind is there", () => {
  const names = ({ apiVersion, kind }: { apiVersion: string; kind: string }) => `${apiVersion} ${kind}`;
  const interpreted = thirdPartyInterpretations.map(({ kind }) =>
    names({ apiVersion: apiVersionOf(kind), kind: kind.kind }),
  );
  assert.equal(interpreted.length, 27);
  assert.deepEqual(thirdPartyCases.map(names).toSorted(), interpreted.toSorted());
});

for (const each of thirdPartyCases.filter(({ sum }) => sum !== undefined)) {
  test(`${each.apiVersion} ${each.kind}: nothing is left of members that have all been left`, () => {
    forgetsAll(each);
  });
}

const pod = (cpu: string) => ({
  template: { spec: { containers: [{ name: "c", resources: { requests: { cpu } } }] } },
});
const asks = (cpu: string) => ({ resourceRequest: { cpu } });

describe("with the gate MultiplePodTemplatesScheduling, kinds of several pods carry their components", () => {
  let planes: Planes;
  const cases = thirdPartyCases.filter(({ kind, plural }) => kind === "RayCluster" || plural === "jobs");
  before(async () => {
    const controllers = { clusterStatus: eagerClusterStatus, gates: { MultiplePodTemplatesScheduling: true } };
    planes = await startPlanes({ members, others: [scheduler()], controllers });
    const clients = [planes.client, ...members.map((name) => planes.member(name))];
    await Promise.all(clients.map((client) => installDefinitions(client, cases.map(crdFor))));
  });
  after(() => planes.close());

  for (const { name, spec, components } of [
    {
      name: "RayCluster",
      spec: { headGroupSpec: pod("1"), workerGroupSpecs: [{ groupName: "small", replicas: 2, ...pod("2") }] },
      components: [
        { name: "ray-head", replicas: 1, replicaRequirements: asks("1") },
        { name: "small", replicas: 2, replicaRequirements: asks("2") },
      ],
    },
    {
      name: "Job",
      spec: {
        tasks: [
          { name: "driver", ...pod("1") },
          { minAvailable: 3, ...pod("2") },
        ],
      },
      components: [
        { name: "driver", replicas: 1, replicaRequirements: asks("1") },
        { name: "task-1", replicas: 3, replicaRequirements: asks("2") },
      ],
    },
  ]) {
    test(name, async () => {
      const each = cases.find(({ kind }) => kind === name);
      assert.ok(each !== undefined);
      const { apiVersion } = each;
      const kind = kindOf(each);
      const ref = { namespace: "default", name: "set" };
      await planes.client.create(kind, { metadata: ref, spec });
      await planes.client.create(PropagationPolicy, {
        metadata: { namespace: "default", name: name.toLowerCase() },
        spec: { resourceSelectors: [{ apiVersion, kind: name, name: "set" }], placement: {} },
      });
      for (const member of members) {
        const found = await eventuallyObject(planes.member(member), kind, ref);
        assert.deepEqual(found["spec"], spec, "it goes whole");
      }
      const binding = await planes.client.get(ResourceBinding, { ...ref, name: bindingName(name, "set") });
      assert.deepEqual(binding.spec.components, components);
      assert.deepEqual([binding.spec.replicas, binding.spec.replicaRequirements], [undefined, undefined]);
    });
  }
});
