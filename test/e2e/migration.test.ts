// Taking over what runs in a member, and giving it back: the object, its pods and everything that is not Karmada's stay as they
// are, through adoption, a failure on the way, and the rollback of the documentation of Karmada's migration in batches.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, startPlane } from "./plane.ts";

const deadline = 30_000;
const hub = "karmada-apiserver";

interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

describe("migration", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "2"]);
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
  });
  after(() => plane.dispose());

  const soon = <T>(what: string, holds: () => Promise<T>): Promise<T> => eventually(what, deadline, holds);
  const apply = (context: string, ...objects: readonly object[]): Promise<string> =>
    plane.kubectl("apply -f -", { context, input: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }) });

  async function find(context: string, what: string): Promise<KubeObject | undefined> {
    const { out } = await plane.tryKubectl(`get ${what} --ignore-not-found -o json`, { context });
    return out === "" ? undefined : (JSON.parse(out) as KubeObject);
  }

  async function get(context: string, what: string): Promise<KubeObject> {
    const object = await find(context, what);
    assert.ok(object !== undefined, `${what} in ${context}`);
    return object;
  }

  /** Who the pods are, and how often they were restarted. */
  async function pods(context: string, app: string): Promise<readonly string[]> {
    const { items } = JSON.parse(await plane.kubectl(`get pods -l app=${app} -o json`, { context })) as {
      items: KubeObject[];
    };
    return items
      .map(({ metadata, status }) => {
        const restarts = (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
        return `${metadata.uid} ${String(restarts)}`;
      })
      .sort();
  }

  /** What is Karmada's on an object, by key. */
  function marks({ metadata }: KubeObject): readonly string[] {
    return [...Object.keys(metadata.labels ?? {}), ...Object.keys(metadata.annotations ?? {})].filter((key) =>
      key.includes("karmada.io"),
    );
  }

  async function running(app: string, context = "member1"): Promise<void> {
    await apply(context, deployment(app), service(app));
    await plane.kubectl(`rollout status deployment/${app} --timeout 30s`, { context });
  }

  const appliedMessage = async (work: string): Promise<string> => {
    const works = JSON.parse(await plane.kubectl("get works -n karmada-es-member1 -o json")) as {
      items: { metadata: { name: string }; status?: { conditions?: { type: string; message: string }[] } }[];
    };
    const found = works.items.find(({ metadata }) => metadata.name.startsWith(`${work}-`));
    return found?.status?.conditions?.find(({ type }) => type === "Applied")?.message ?? "";
  };

  test("migrate, fail, roll back: nothing in the member is touched", async () => {
    await running("shop");
    const before = await get("member1", "deployment shop");
    const servedBefore = await get("member1", "service shop");
    const podsBefore = await pods("member1", "shop");
    assert.equal(podsBefore.length, 2);

    await apply(hub, deployment("shop"), service("shop"), policy("shop", ["member1"]));
    await soon("adoption", async () => marks(await get("member1", "deployment shop")).includes("karmada.io/managed"));
    await soon("its service, too", async () =>
      marks(await get("member1", "service shop")).includes("karmada.io/managed"),
    );
    const adopted = await get("member1", "deployment shop");
    assert.deepEqual([adopted.metadata.uid, adopted.spec], [before.metadata.uid, before.spec]);
    assert.deepEqual(await pods("member1", "shop"), podsBefore);

    // On its way into a second cluster it fails: something of that name is there already, and the annotation forbids to take it.
    await apply("member2", { ...deployment("shop"), spec: { ...deployment("shop").spec, replicas: 1 } });
    const theirs = await get("member2", "deployment shop");
    await plane.kubectl("annotate deployment shop work.karmada.io/conflict-resolution=abort");
    await apply(hub, policy("shop", ["member1", "member2"]));
    await soon("the failure to be told", async () => {
      const binding = await plane.kubectl("get rb shop-deployment -o json");
      return binding.includes("already exists in the cluster member2");
    });
    const untouched = await get("member2", "deployment shop");
    assert.deepEqual([untouched.metadata.uid, untouched.spec], [theirs.metadata.uid, theirs.spec]);

    // Rolled back, as Karmada's documentation has it: the templates go, preserveResourcesOnDeletion is set; then the policy.
    await plane.kubectl("delete deployment/shop service/shop");
    await soon("release", async () => marks(await get("member1", "deployment shop")).length === 0);
    await soon("its service's, too", async () => marks(await get("member1", "service shop")).length === 0);
    await plane.kubectl("delete propagationpolicy shop");
    await soon("no Work to be left", async () => !(await plane.kubectl("get works -A -o name")).includes("shop"));
    const after = await get("member1", "deployment shop");
    const servedAfter = await get("member1", "service shop");
    for (const [left, right] of [
      [before, after],
      [servedBefore, servedAfter],
    ] as const) {
      assert.equal(right.metadata.uid, left.metadata.uid);
      assert.deepEqual(right.spec, left.spec);
      assert.deepEqual(right.metadata.labels, left.metadata.labels);
      assert.deepEqual(right.metadata.annotations, left.metadata.annotations);
    }
    assert.deepEqual(await pods("member1", "shop"), podsBefore, "the same pods, none restarted");
    assert.equal((await get("member2", "deployment shop")).metadata.uid, theirs.metadata.uid);
  });

  test("Abort leaves what is there alone and says so; Overwrite adopts it; deleting the template then deletes it", async () => {
    await running("cart");
    const before = await get("member1", "deployment cart");
    const changed = deployment("cart", "nginx:1.27");
    await apply(
      hub,
      changed,
      policy("cart", ["member1"], { conflictResolution: "Abort", preserveResourcesOnDeletion: false }),
    );
    await soon("Applied to say why", async () =>
      (await appliedMessage("cart")).includes("already exists in the cluster member1"),
    );
    const left = await get("member1", "deployment cart");
    assert.deepEqual([left.metadata.generation, marks(left)], [before.metadata.generation, []]);

    await apply(
      hub,
      policy("cart", ["member1"], { conflictResolution: "Overwrite", preserveResourcesOnDeletion: false }),
    );
    await soon("adoption", async () => JSON.stringify(await get("member1", "deployment cart")).includes("nginx:1.27"));
    assert.equal((await get("member1", "deployment cart")).metadata.uid, before.metadata.uid);
    await plane.kubectl("delete deployment cart");
    await soon("deletion", async () => (await find("member1", "deployment cart")) === undefined);
    await plane.kubectl("delete propagationpolicy cart");
  });

  test("what karmadactl promote writes adopts the object without changing it", async () => {
    await running("mail");
    const before = await get("member1", "deployment mail");
    const podsBefore = await pods("member1", "mail");
    const { uid: _uid, generation: _generation, ...metadata } = before.metadata;
    const kept = Object.entries(metadata).filter(
      ([key]) => !["resourceVersion", "creationTimestamp", "managedFields"].includes(key),
    );
    const annotations = { ...before.metadata.annotations, "work.karmada.io/conflict-resolution": "overwrite" };
    const template = {
      apiVersion: before.apiVersion,
      kind: before.kind,
      metadata: { ...Object.fromEntries(kept), annotations },
      spec: before.spec,
    };
    // The annotation counts, whatever the policy says.
    await apply(hub, template, policy("mail", ["member1"], { conflictResolution: "Abort" }));
    await soon("adoption", async () => marks(await get("member1", "deployment mail")).includes("karmada.io/managed"));
    await soon("its status to come back", async () => (await plane.kubectl("get deployment mail")).includes("2/2"));
    const adopted = await get("member1", "deployment mail");
    assert.equal(adopted.metadata.uid, before.metadata.uid);
    assert.deepEqual(adopted.spec, before.spec);
    assert.deepEqual(await pods("member1", "mail"), podsBefore);
    await plane.kubectl("delete deployment mail");
    await soon("release", async () => marks(await get("member1", "deployment mail")).length === 0);
  });

  test("what is protected cannot be deleted, by whatever way", async () => {
    const label = "resourcetemplate.karmada.io/deletion-protected";
    await plane.kubectl("create namespace kept");
    await plane.kubectl("create configmap kept --from-literal a=b -n kept");
    for (const what of ["namespace kept", "configmap kept -n kept"]) {
      await plane.kubectl(`label ${what} ${label}=Always`);
      const { code, err } = await plane.tryKubectl(`delete ${what}`);
      assert.equal(code, 1);
      assert.match(
        err,
        /This resource is protected, please make sure to remove the label: resourcetemplate\.karmada\.io/,
      );
    }
    const all = await plane.tryKubectl("delete configmaps --all -n kept");
    assert.match(all.err, /This resource is protected/);
    await plane.kubectl(`label configmap kept -n kept ${label}=No --overwrite`);
    await plane.kubectl("delete configmap kept -n kept");
    await plane.kubectl(`label namespace kept ${label}-`);
    await plane.kubectl("delete namespace kept");
  });

  test("without preserveResourcesOnDeletion a deleted policy takes nothing with it", async () => {
    await apply(hub, deployment("wiki"), policy("wiki", ["member1"], { preserveResourcesOnDeletion: false }));
    await soon("wiki in the member", async () => (await find("member1", "deployment wiki")) !== undefined);
    const before = await get("member1", "deployment wiki");
    await plane.kubectl("delete propagationpolicy wiki");
    await soon(
      "the claim to be gone",
      async () => !marks(await get(hub, "deployment wiki")).some((key) => key.startsWith("propagationpolicy")),
    );
    assert.equal((await get("member1", "deployment wiki")).metadata.uid, before.metadata.uid);
    await plane.kubectl("delete deployment wiki");
    await soon("now it goes", async () => (await find("member1", "deployment wiki")) === undefined);
  });
});

function deployment(name: string, image = "nginx:1.26"): { readonly spec: object } & Readonly<Record<string, unknown>> {
  const labels = { app: name };
  const pod = { metadata: { labels }, spec: { containers: [{ name: "app", image }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template: pod };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default", labels }, spec };
}

function service(name: string): object {
  const spec = { selector: { app: name }, ports: [{ port: 80 }] };
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default", labels: { app: name } }, spec };
}

function policy(name: string, clusterNames: readonly string[], more: object = {}): object {
  const resourceSelectors = [
    { apiVersion: "apps/v1", kind: "Deployment", name },
    { apiVersion: "v1", kind: "Service", name },
  ];
  const spec = {
    conflictResolution: "Overwrite",
    preserveResourcesOnDeletion: true,
    resourceSelectors,
    placement: { clusterAffinity: { clusterNames } },
  };
  const metadata = { name, namespace: "default" };
  return { apiVersion: "policy.karmada.io/v1alpha1", kind: "PropagationPolicy", metadata, spec: { ...spec, ...more } };
}
