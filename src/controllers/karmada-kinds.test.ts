// Karmada's kinds as a real API server serves them: CRDs, defaults, admission and columns together.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import test, { type TestContext } from "node:test";
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { crdOf } from "#api/crd.ts";
import { karmadaKinds } from "#api/karmada.ts";
import { ConfigMap, CustomResourceDefinition, Namespace } from "#api/kinds.ts";
import { OverridePolicy } from "#api/policy/override-policy.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { startApiServer } from "#apiserver/start-api-server.ts";
import { testVersion } from "#apiserver/testing.ts";
import type { Client, Draft } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";

const establishMillisecondsMax = 10_000;

async function controlPlane(t: TestContext): Promise<Client> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const end = new AbortController();
  const random = systemRandom();
  const server = await startApiServer({
    storage: memoryStorage({ clock: systemClock }),
    admission: karmadaAdmission({ random, clock: systemClock }),
    clock: systemClock,
    random,
    log: silentLogger,
    version: testVersion,
    signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    address: { host: "10.0.0.1", port: 6443 },
    signal: end.signal,
  });
  t.after(async () => {
    end.abort(new Error("the test is over"));
    await server.client.close();
    await server.close();
  });
  const { client } = server;
  for (const kind of karmadaKinds) {
    const { apiVersion, kind: crdKind, metadata, spec } = crdOf(kind);
    await client.create(CustomResourceDefinition, { apiVersion, kind: crdKind, metadata, spec: mutableCopy(spec) });
  }
  await untilServed(client);
  return client;
}

function mutableCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

async function untilServed(client: Client): Promise<void> {
  const deadline = systemClock.monotonic() + establishMillisecondsMax;
  for (;;) {
    const { items } = await client.list(CustomResourceDefinition);
    const conditions = items.map(({ status }) => status?.conditions ?? []);
    if (conditions.every((list) => list.some(({ type, status }) => type === "Established" && status === "True")))
      return;
    assert.ok(systemClock.monotonic() < deadline, `the CRDs are not served: ${JSON.stringify(conditions)}`);
    await systemClock.sleep(5);
  }
}

const policy: Draft<PropagationPolicy> = {
  metadata: { name: "nginx-pp", namespace: "default" },
  spec: {
    resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }],
    placement: { replicaScheduling: {}, spreadConstraints: [{ maxGroups: 2 }] },
  },
};

test("Karmada's kinds are served as declared", async (t) => {
  const client = await controlPlane(t);

  await t.test("a policy gets the schema's defaults, then admission's", async () => {
    const created = await client.create(PropagationPolicy, policy);
    assert.match(created.metadata.labels?.["propagationpolicy.karmada.io/permanent-id"] ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(created.metadata.finalizers, ["karmada.io/propagation-policy-controller"]);
    assert.equal(created.metadata.generation, 1);
    assert.deepEqual(created.spec, {
      conflictResolution: "Abort",
      placement: {
        replicaScheduling: { replicaDivisionPreference: "Weighted", replicaSchedulingType: "Divided" },
        spreadConstraints: [{ maxGroups: 2, minGroups: 1, spreadByField: "cluster" }],
      },
      preemption: "Never",
      priority: 0,
      resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "nginx", namespace: "default" }],
      schedulerName: "default-scheduler",
    });
    const patch = { spec: { schedulerName: "other" } };
    await assert.rejects(client.patch(PropagationPolicy, created.metadata, { type: "merge", patch }), {
      message:
        'admission webhook "propagationpolicy.karmada.io" denied the request: the schedulerName should not be updated',
    });
    const suspended = await client.patch(PropagationPolicy, created.metadata, {
      type: "merge",
      patch: { spec: { suspension: { dispatching: true } } },
    });
    assert.equal(suspended.metadata.generation, 2);
    assert.deepEqual(suspended.metadata.labels, created.metadata.labels);
  });

  await t.test("bad input is refused with the field and what would be valid", async () => {
    const wrong = (spec: object): Promise<unknown> =>
      client.create(PropagationPolicy, { metadata: { name: "x", namespace: "default" }, spec: spec as never });
    await assert.rejects(wrong({}), /spec\.resourceSelectors: Required value/);
    await assert.rejects(wrong({ resourceSelectors: [] }), /spec\.resourceSelectors.*at least 1 items/);
    const selectors = policy.spec.resourceSelectors;
    await assert.rejects(
      wrong({ resourceSelectors: selectors, conflictResolution: "Maybe" }),
      /spec\.conflictResolution: Unsupported value: "Maybe": supported values: "Abort", "Overwrite"/,
    );
    await assert.rejects(
      wrong({ resourceSelectors: selectors, placement: { clusterAffinity: {}, clusterAffinities: [] } }),
      (error) => isApiError(error, "Forbidden") && error.message.includes("clusterAffinities cannot co-exist"),
    );
    await assert.rejects(
      client.create(OverridePolicy, {
        metadata: { name: "x", namespace: "default" },
        spec: { overrideRules: [{ overriders: { plaintext: [{ operator: "move" as never, path: "/a" }] } }] },
      }),
      /spec\.overrideRules\[0\]\.overriders\.plaintext\[0\]\.operator: Unsupported value: "move"/,
    );
  });

  await t.test("a Work is sealed and keeps its id; its status is a subresource", async () => {
    await client.create(Namespace, { metadata: { name: "karmada-es-member1" } });
    const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", uid: "u" }, data: { a: "null" } };
    const created = await client.create(Work, {
      metadata: { name: "c-1", namespace: "karmada-es-member1" },
      spec: { workload: { manifests: [manifest] } },
    });
    const id = created.metadata.labels?.["work.karmada.io/permanent-id"];
    const [sealed] = created.spec.workload?.manifests ?? [];
    assert.equal(sealed?.metadata.labels?.["work.karmada.io/permanent-id"], id);
    assert.equal(sealed?.metadata.uid, undefined);
    assert.deepEqual(sealed?.["data"], { a: "null" });
    const again = await client.update(Work, created);
    assert.equal(again.metadata.resourceVersion, created.metadata.resourceVersion, "sealing again changes nothing");
    const condition = {
      type: "Applied",
      status: "True",
      reason: "AppliedSuccessful",
      message: "",
      lastTransitionTime: "2030-01-01T00:00:00Z",
    } as const;
    const status = { conditions: [condition] };
    await client.update(Work, { ...created, status }, { subresource: "status" });
  });

  await t.test("a binding gets an id", async () => {
    const created = await client.create(ResourceBinding, {
      metadata: { name: "nginx-deployment", namespace: "default" },
      spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "nginx" } },
    });
    assert.match(created.metadata.labels?.["resourcebinding.karmada.io/permanent-id"] ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(created.spec.conflictResolution, "Abort");
  });

  await t.test("a cluster gets its grades; a name too long is Invalid", async () => {
    const draft = { metadata: { name: "member1" }, spec: { syncMode: "Push", zone: "z1" } } as const;
    const created = await client.create(Cluster, draft);
    assert.equal(created.spec.resourceModels?.length, 9);
    assert.deepEqual(created.spec.zones, ["z1"]);
    const tooLong = { ...draft, metadata: { name: "m".repeat(49) } };
    await assert.rejects(client.create(Cluster, tooLong), (error) => isApiError(error, "Invalid"));
  });

  await t.test("a protected object is not deleted", async () => {
    const labels = { "resourcetemplate.karmada.io/deletion-protected": "Always" };
    const ref = { name: "kept", namespace: "default" };
    await client.create(ConfigMap, { metadata: { ...ref, labels } });
    await assert.rejects(client.delete(ConfigMap, ref), /resourcedeletionprotection\.karmada\.io.* is protected/);
    await client.patch(ConfigMap, ref, { type: "merge", patch: { metadata: { labels: null } } });
    await client.delete(ConfigMap, ref);
  });
});
