// What a program can rely on in a test cluster, through the package's own exports.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  ApiError,
  type Client,
  ConfigMap,
  createClient,
  defineController,
  done,
  inProcessTransport,
  isApiError,
  karmadaKinds,
  PropagationPolicy,
  startTestCluster,
  systemClock,
  type TestClusterOptions,
} from "./index.ts";

async function start(t: TestContext, options?: TestClusterOptions) {
  const cluster = await startTestCluster(options);
  t.after(() => cluster.close());
  return cluster;
}

const policy = {
  metadata: { name: "settings", namespace: "default" },
  spec: { resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name: "settings" }] },
};

test("it stores built-in kinds and Karmada's, and every Karmada kind is served", async (t) => {
  const { client } = await start(t);
  const ref = { namespace: "default", name: "settings" };
  await client.create(ConfigMap, { metadata: ref, data: { colour: "blue" } });
  assert.deepEqual((await client.get(ConfigMap, ref)).data, { colour: "blue" });
  await client.create(PropagationPolicy, policy);
  const { spec } = await client.get(PropagationPolicy, ref);
  assert.equal(spec.resourceSelectors[0]?.namespace, "default", "Karmada's admission fills in what is left out");
  for (const kind of karmadaKinds) await client.list(kind);
});

test("it refuses what Karmada refuses", async (t) => {
  const { client } = await start(t);
  const spec = { ...policy.spec, priority: 1, placement: { spreadConstraints: [{ minGroups: 3, maxGroups: 1 }] } };
  await assert.rejects(client.create(PropagationPolicy, { ...policy, spec }), (error) => error instanceof ApiError);
});

test("it knows who asks", async (t) => {
  const { handle } = await start(t);
  const visitor = createClient(inProcessTransport(handle, { name: "amy", groups: ["system:authenticated"] }));
  t.after(() => visitor.close());
  await assert.rejects(visitor.list(ConfigMap), (error) => isApiError(error, "Forbidden"));
});

test("a controller runs in it", async (t) => {
  const stamp = defineController({
    name: "stamp",
    for: [ConfigMap],
    options: {},
    async reconcile({ kind, ...ref }, { client, informers, signal }) {
      const found = informers.for(ConfigMap).get(ref);
      if (found === undefined || found.metadata.annotations?.["stamped"] === "yes") return done;
      const patch = { metadata: { annotations: { stamped: "yes" } } };
      await client.patch(kind, ref, { type: "merge", patch }, { signal });
      return done;
    },
  });
  const { client } = await start(t, { controllers: [stamp] });
  const ref = { namespace: "default", name: "letter" };
  await client.create(ConfigMap, { metadata: ref });
  await eventually(async () => (await client.get(ConfigMap, ref)).metadata.annotations?.["stamped"] === "yes");
});

test("two clusters know nothing of each other, and closing twice is closing once", async (t) => {
  const [one, other] = await Promise.all([start(t), start(t)]);
  await one.client.create(ConfigMap, { metadata: { name: "only-here", namespace: "default" } });
  assert.ok((await namesIn(one.client)).includes("only-here"));
  assert.ok(!(await namesIn(other.client)).includes("only-here"));
  await Promise.all([one.close(), one.close()]);
  await assert.rejects(one.client.list(ConfigMap), /the client is closed/);
});

async function namesIn(client: Client): Promise<string[]> {
  return (await client.list(ConfigMap, { namespace: "default" })).items.map(({ metadata }) => metadata.name);
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + 60_000;
  while (!(await check())) {
    assert.ok(systemClock.monotonic() < deadline, "not in time");
    await systemClock.sleep(5);
  }
}
