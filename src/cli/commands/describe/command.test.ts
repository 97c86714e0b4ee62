// describe as a user sees it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ConfigMap, Secret } from "#api/kinds.ts";
import { type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { type Ran, startSession } from "../../testing.ts";

let planes: Planes;
let run: (line: string) => Promise<Ran>;
before(async () => {
  planes = await startPlanes({ members: ["member1"] });
  const { client } = planes;
  run = startSession({ client, openTransport: ({ server }) => planes.memberTransport(new URL(server).hostname) });
  await client.create(ConfigMap, {
    metadata: { name: "settings", namespace: "default", labels: { app: "web" } },
    data: { port: "80" },
  });
  await client.create(Secret, { metadata: { name: "keys", namespace: "default" }, data: { key: "c2VjcmV0" } });
});
after(() => planes.close());

test("an object, found by the beginning of its name", async () => {
  const { out, code } = await run("describe cm sett");
  assert.equal(code, 0);
  assert.equal(
    out.replace(/^Created: .*$/m, "Created:        then"),
    `Name:           settings
Namespace:      default
Labels:         app=web
Annotations:    <none>
API Version:    v1
Kind:           ConfigMap
Created:        then
Data:
  port: "80"
Events: <none>
`,
  );
});

test("what a Secret holds is not shown", async () => {
  const { out } = await run("describe secret/keys --show-events=false");
  assert.match(out, /^ {2}key: 6 bytes$/m);
  assert.ok(!out.includes("c2VjcmV0") && !out.includes("Events"));
});

test("an object of a member", async () => {
  const { out } = await run("describe ns default -s members -C member1");
  assert.match(out, /^Kind: {11}Namespace$/m);
});

for (const { line, error } of [
  { line: "describe cm nothing", error: /^Error from server \(NotFound\): configmaps "nothing" not found\n$/ },
  { line: "describe cm -s members", error: /^error: must specify a member cluster\n/ },
  { line: "describe cm -s all", error: /^error: not support OperationScope: all\n/ },
  { line: "describe gadgets", error: /^error: the server doesn't have a resource type "gadgets"\n$/ },
]) {
  test(`refused: ${line}`, async () => {
    const { code, err } = await run(line);
    assert.match(err, error);
    assert.equal(code, 1);
  });
}
