// Connections to members come, change and go with Clusters and Secrets.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, Namespace, Secret } from "#api/kinds.ts";
import type { Client, Transport } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createInformerFactory } from "#client/informers.ts";
import { testAdmin } from "#apiserver/testing.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import type { MemberAccess } from "./member-access.ts";
import { createMemberClusters, type MemberClusters } from "./member-clusters.ts";
import { eventually, startPlanes } from "./testing-planes.ts";

interface Fixture {
  readonly client: Client;
  readonly members: MemberClusters;
  readonly opened: MemberAccess[];
  readonly closed: string[];
  readonly connections: string[];
}

async function fixture(t: TestContext, mayWrite?: () => boolean): Promise<Fixture> {
  const planes = await startPlanes({ members: [] });
  const end = new AbortController();
  t.after(async () => {
    end.abort(new Error("the test is over"));
    await planes.close();
  });
  const { client } = planes;
  const base = { clock: systemClock, random: systemRandom(), log: silentLogger, signal: end.signal };
  const opened: MemberAccess[] = [];
  const closed: string[] = [];
  const connect = (access: MemberAccess): Transport => {
    opened.push(access);
    const inner = inProcessTransport(planes.handle, testAdmin);
    return { send: (request) => inner.send(request), close: () => Promise.resolve(void closed.push(access.token)) };
  };
  const members = createMemberClusters({
    ...base,
    informers: createInformerFactory({ client, ...base }),
    connect,
    reaches: ({ spec }) => spec.syncMode === "Push",
    mayWrite,
  });
  const connections: string[] = [];
  members.onConnection((cluster) => connections.push(cluster));
  return { client, members, opened, closed, connections };
}

const secretRef = { namespace: "karmada-cluster", name: "m1" };
const encode = (text: string): string => Buffer.from(text).toString("base64");

test("a connection is opened, replaced when its token changes, and closed with its Cluster", async (t) => {
  const { client, members, opened, closed } = await fixture(t);
  await client.create(Namespace, { metadata: { name: "karmada-cluster" } });
  await client.create(Cluster, {
    metadata: { name: "m1" },
    spec: { syncMode: "Push", apiEndpoint: "https://m1", secretRef },
  });
  await systemClock.sleep(20);
  assert.equal(members.get("m1"), undefined, "not before its Secret is there");
  await client.create(Secret, { metadata: secretRef, data: { token: encode("one"), caBundle: encode("authority") } });
  await eventually("a connection", () => Promise.resolve(members.get("m1") !== undefined));
  assert.deepEqual(
    opened.map(({ endpoint, token, caBundle, insecure }) => ({ endpoint, token, caBundle, insecure })),
    [{ endpoint: "https://m1", token: "one", caBundle: "authority", insecure: false }],
  );
  const first = members.get("m1");
  await client.patch(Cluster, { name: "m1" }, { type: "merge", patch: { metadata: { labels: { a: "b" } } } });
  await systemClock.sleep(20);
  assert.equal(members.get("m1"), first, "what does not concern the way there changes nothing");
  await client.patch(Secret, secretRef, { type: "merge", patch: { data: { token: encode("two") } } });
  await eventually("another connection", () => Promise.resolve(members.get("m1") !== first));
  assert.equal(first?.signal.aborted, true);
  assert.deepEqual(closed, ["one"]);
  await client.delete(Secret, secretRef);
  await eventually("no connection", () => Promise.resolve(members.get("m1") === undefined));
  assert.deepEqual(closed, ["one", "two"]);
});

test("members that pull are not reached from here", async (t) => {
  const { client, members } = await fixture(t);
  const cluster = await client.create(Cluster, {
    metadata: { name: "m1" },
    spec: { syncMode: "Pull", apiEndpoint: "https://m1" },
  });
  await systemClock.sleep(20);
  assert.equal(members.get("m1"), undefined);
  assert.equal(members.reaches(cluster), false);
});

test("changes of managed objects of an observed kind are told, those of others are not", async (t) => {
  const { client, members } = await fixture(t);
  await client.create(Namespace, { metadata: { name: "karmada-cluster" } });
  await client.create(Secret, { metadata: secretRef, data: { token: encode("one") } });
  await client.create(Cluster, {
    metadata: { name: "m1" },
    spec: { syncMode: "Push", apiEndpoint: "https://m1", secretRef },
  });
  await eventually("a connection", () => Promise.resolve(members.get("m1") !== undefined));
  const told: string[] = [];
  members.onObject(({ cluster, event }) => told.push(`${cluster} ${event.type} ${event.object.metadata.name}`));
  const informer = members.get("m1")?.observe(ConfigMap);
  assert.equal(members.get("m1")?.observe(ConfigMap), informer);
  const labels = { "karmada.io/managed": "true" };
  await client.create(ConfigMap, { metadata: { name: "theirs", namespace: "default" } });
  await client.create(ConfigMap, { metadata: { name: "ours", namespace: "default", labels } });
  await eventually("the news", () => Promise.resolve(told.length > 0));
  assert.deepEqual(told, ["m1 added ours"]);
  members.get("m1")?.unobserve(ConfigMap);
  await client.create(ConfigMap, { metadata: { name: "more", namespace: "default", labels } });
  await systemClock.sleep(20);
  assert.deepEqual(told, ["m1 added ours"]);
});

test("who leads no more writes nothing into members", async (t) => {
  let leads = true;
  const { client, members } = await fixture(t, () => leads);
  await client.create(Namespace, { metadata: { name: "karmada-cluster" } });
  await client.create(Secret, { metadata: secretRef, data: { token: encode("one") } });
  await client.create(Cluster, {
    metadata: { name: "m1" },
    spec: { syncMode: "Push", apiEndpoint: "https://m1", secretRef },
  });
  await eventually("a connection", () => Promise.resolve(members.get("m1") !== undefined));
  const member = members.get("m1")?.client;
  assert.ok(member !== undefined);
  const ref = { namespace: "default", name: "a" };
  await member.create(ConfigMap, { metadata: ref });
  leads = false;
  await assert.rejects(member.delete(ConfigMap, ref), /does not hold the lease/);
  assert.equal((await member.get(ConfigMap, ref)).metadata.name, "a", "reading it may");
});
