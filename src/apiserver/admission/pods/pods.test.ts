// Priorities, tolerations and storage classes, through the server.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { call, testServer } from "../../testing.ts";

const core = "/api/v1/namespaces/default";
const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";

async function start(t: TestContext) {
  const server = await testServer({ resources: builtinResources, runsPods: true });
  t.after(() => server.close());
  const post = (path: string, body: object) => call(server, "POST", path, { body });
  await post(`${core}/serviceaccounts`, { metadata: { name: "default" } });
  const createPod = (name: string, spec: object = {}) =>
    post(`${core}/pods`, { metadata: { name }, spec: { containers: [{ name: "a", image: "i" }], ...spec } });
  return { server, post, createPod };
}

const priorityOf = ({ body }: Awaited<ReturnType<typeof call>>) =>
  ["priorityClassName", "priority", "preemptionPolicy"].map((field) => fieldOf(body, "spec", field));

test("a pod has the priority of its class, of the default class, or none", async (t) => {
  const { post, createPod } = await start(t);
  await post(classes, { metadata: { name: "high" }, value: 1000, preemptionPolicy: "Never" });
  assert.deepEqual(priorityOf(await createPod("a")), [undefined, 0, "PreemptLowerPriority"]);
  assert.deepEqual(priorityOf(await createPod("b", { priorityClassName: "high" })), ["high", 1000, "Never"]);
  await post(classes, { metadata: { name: "usual" }, value: 10, globalDefault: true });
  assert.deepEqual(priorityOf(await createPod("c")), ["usual", 10, "PreemptLowerPriority"]);
  assert.equal((await createPod("d", { priorityClassName: "high", priority: 1000 })).status, 201);
});

for (const { name, spec, why } of [
  {
    name: "a class that is not there",
    spec: { priorityClassName: "none" },
    why: "no PriorityClass with name none was found",
  },
  {
    name: "another priority than the class's",
    spec: { priority: 5 },
    why: "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name",
  },
  {
    name: "another way to preempt than the class's",
    spec: { preemptionPolicy: "Never" },
    why: "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name",
  },
]) {
  test(`refused: ${name}`, async (t) => {
    const { createPod } = await start(t);
    const { status, body } = await createPod("p", spec);
    assert.deepEqual([status, body["message"]], [403, `pods "p" is forbidden: ${why}`]);
  });
}

test("an update that does not speak of priority and tolerations keeps them", async (t) => {
  const { createPod, server } = await start(t);
  const { body } = await createPod("a");
  const spec = { containers: [{ name: "a", image: "i:2" }], serviceAccountName: "default" };
  const volumes = fieldOf(body, "spec", "volumes");
  const mounted = fieldOf(body, "spec", "containers");
  const [container] = isArray(mounted) ? mounted : [];
  const containers = [{ ...(isRecord(container) ? container : {}), image: "i:2" }];
  const put = { metadata: { name: "a" }, spec: { ...spec, containers, volumes } };
  const answer = await call(server, "PUT", `${core}/pods/a`, { body: put });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(priorityOf(answer), [undefined, 0, "PreemptLowerPriority"]);
  assert.deepEqual(fieldOf(answer.body, "spec", "tolerations"), fieldOf(body, "spec", "tolerations"));
});

test("only one class is the default", async (t) => {
  const { post, server } = await start(t);
  await post(classes, { metadata: { name: "a" }, value: 1, globalDefault: true });
  const second = await post(classes, { metadata: { name: "b" }, value: 2, globalDefault: true });
  assert.deepEqual(
    [second.status, second.body["message"]],
    [
      403,
      'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
    ],
  );
  const headers = { "content-type": "application/merge-patch+json" };
  const same = await call(server, "PATCH", `${classes}/a`, { body: { description: "the usual" }, headers });
  assert.equal(same.status, 200);
});

test("a pod stays a while where its node is away, unless it says otherwise", async (t) => {
  const { createPod } = await start(t);
  const added = ["not-ready", "unreachable"].map((name) => ({
    ...{ key: `node.kubernetes.io/${name}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
  }));
  assert.deepEqual(fieldOf((await createPod("a")).body, "spec", "tolerations"), added);
  const own = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 };
  const { body } = await createPod("b", { tolerations: [own] });
  assert.deepEqual(fieldOf(body, "spec", "tolerations"), [own, added[1]]);
  const all = { operator: "Exists" };
  assert.deepEqual(fieldOf((await createPod("c", { tolerations: [all] })).body, "spec", "tolerations"), [all]);
});

test("a claim gets the default class, unless it names one or none", async (t) => {
  const { post } = await start(t);
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  const create = async (name: string, more: object = {}) => {
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...more };
    const { body } = await post(`${core}/persistentvolumeclaims`, { metadata: { name }, spec });
    return fieldOf(body, "spec", "storageClassName");
  };
  assert.equal(await create("early"), undefined);
  await post("/apis/storage.k8s.io/v1/storageclasses", { metadata: { name: "std", annotations }, provisioner: "p" });
  assert.equal(await create("a"), "std");
  assert.equal(await create("b", { storageClassName: "" }), "");
  assert.equal(await create("c", { storageClassName: "slow" }), "slow");
});
