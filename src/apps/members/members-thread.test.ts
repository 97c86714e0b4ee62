// A thread of members as `up` uses it: real clusters in a real thread.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Deployment, Namespace } from "#api/kinds.ts";
import { ownClient } from "../embedded-cluster.ts";
import { MembersThread } from "./members-thread.ts";

async function setUp(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "members-"));
  const thread = new MembersThread();
  context.after(async () => {
    await thread.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const order = { directory, podStartMilliseconds: 0, logLevel: "silent" };
  const { signal } = new AbortController();
  return { directory, thread, order, signal };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("members' thread: members answer, run workloads, and end with the thread", async (context) => {
  const { thread, order, signal } = await setUp(context);
  const port = await freePort();
  const members = await thread.start({ ...order, members: [{ name: "m1", port }] }, signal);
  const [member] = members;
  assert.ok(member !== undefined);
  assert.deepEqual([member.name, member.server, members.length], ["m1", `https://127.0.0.1:${port}`, 1]);
  const client = ownClient(member.handle, "test");
  const metadata = { name: "web", namespace: "default", labels: { app: "web" } };
  const template = { metadata: { labels: metadata.labels }, spec: { containers: [{ name: "c", image: "nginx" }] } };
  while ((await client.find(Namespace, { name: "default" }, { signal })) === undefined);
  await client.create(Deployment, { metadata, spec: { selector: { matchLabels: metadata.labels }, template } });
  for await (const event of client.watch(Deployment, { namespace: "default", signal })) {
    if (event.type !== "BOOKMARK" && event.type !== "DELETED" && event.object.status?.readyReplicas === 1) break;
  }
  await thread.stop();
  await assert.rejects(client.list(Deployment, { signal }), /has ended/);
});

test("members' thread: says why members cannot start, and ends", async (context) => {
  const { directory, thread, order, signal } = await setUp(context);
  await writeFile(join(directory, "clusters"), "not a directory");
  const members = [{ name: "m1", port: await freePort() }];
  await assert.rejects(thread.start({ ...order, members }, signal), /ENOTDIR|EEXIST/);
});

for (const { name, source, said } of [
  { name: "fails", source: "throw new Error('broken')", said: /the thread of the local members failed: broken/ },
  { name: "ends by itself", source: "process.exit(3)", said: /ended by itself, with 3/ },
]) {
  test(`members' thread: one that ${name} is told of`, async () => {
    const thread = new MembersThread(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const order = { directory: "/nowhere", podStartMilliseconds: 0, logLevel: "silent", members: [] };
    await assert.rejects(thread.start(order, new AbortController().signal), said);
    assert.match((await thread.failed).message, said);
    await thread.stop();
  });
}
