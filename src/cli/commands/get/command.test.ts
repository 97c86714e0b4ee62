// get as a user sees it: one table over all clusters, documents, and what goes wrong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ConfigMap } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { type Ran, startSession, transcript } from "../../testing.ts";

let planes: Planes;
let run: (line: string) => Promise<Ran>;

before(async () => {
  planes = await startPlanes({ members: ["member1", "member2"] });
  run = startSession({
    client: planes.client,
    openTransport: ({ server }) => planes.memberTransport(new URL(server).hostname),
  });
  const put = (client: Client, name: string, labels: Record<string, string>): Promise<unknown> =>
    client.create(ConfigMap, { metadata: { name, namespace: "default", labels }, data: { port: "80" } });
  await put(planes.client, "settings", { app: "web" });
  await put(planes.member("member1"), "settings", { app: "web", "karmada.io/managed": "true" });
  await put(planes.member("member2"), "settings", { app: "web" });
});
after(() => planes.close());

/** Ages differ from run to run. */
function ageless(text: string): string {
  return text.replaceAll(/ \d+s +/g, " 5s ");
}

test("the clusters of a table", async () => {
  const shown = await transcript(run, [
    "get cm -l app=web",
    "get cm -l app=web -s all",
    "get cm -l app=web -s members -C member2 --no-headers",
    "get cm/settings -s all -L app",
    "get cm -n kube-public -l app=web -s all",
  ]);
  assert.equal(
    ageless(shown),
    `$ get cm -l app=web
NAME       CLUSTER   DATA   AGE   ADOPTION
settings   Karmada   1      5s -
$ get cm -l app=web -s all
NAME       CLUSTER   DATA   AGE   ADOPTION
settings   Karmada   1      5s -
settings   member1   1      5s Y
settings   member2   1      5s N
$ get cm -l app=web -s members -C member2 --no-headers
settings   member2   1     5s N
$ get cm/settings -s all -L app
NAME       CLUSTER   DATA   AGE   ADOPTION   APP
settings   Karmada   1      5s -          web
settings   member1   1      5s Y          web
settings   member2   1      5s N          web
$ get cm -n kube-public -l app=web -s all
No resources found in kube-public namespace.
`,
  );
});

test("documents", async () => {
  const shown = await transcript(run, [
    "get cm settings -o name",
    "get cm settings -o jsonpath={.data.port}",
    "get cm -l app=web -s members -o custom-columns=NAME:.metadata.name,FROM:.metadata.annotations.resource\\.karmada\\.io/cached-from-cluster", // prettier-ignore
  ]);
  assert.equal(
    shown,
    `$ get cm settings -o name
configmap/settings
$ get cm settings -o jsonpath={.data.port}
80$ get cm -l app=web -s members -o custom-columns=NAME:.metadata.name,FROM:.metadata.annotations.resource\\.karmada\\.io/cached-from-cluster
NAME       FROM
settings   member1
settings   member2
`,
  );
  const { out } = await run("get cm settings -o json");
  const value: unknown = JSON.parse(out);
  assert.ok(typeof value === "object" && value !== null && "kind" in value && value.kind === "ConfigMap");
  assert.ok(!out.includes("managedFields"));
});

test("what goes wrong", async () => {
  planes.setReachable("member2", false);
  const shown = await transcript(run, [
    "get cm nothing",
    "get cm nothing --ignore-not-found",
    "get gadgets",
    "get",
    "get cm -s nowhere",
    "get cm -s members -C member9",
    "get cm -o fancy",
    "get cm settings -A",
    "get cm -l app=web -s members --no-headers",
  ]);
  planes.setReachable("member2", true);
  assert.equal(
    ageless(shown),
    `$ get cm nothing
Error from server (NotFound): configmaps "nothing" not found
(exit code 1)
$ get cm nothing --ignore-not-found
$ get gadgets
error: the server doesn't have a resource type "gadgets"
(exit code 1)
$ get
error: you must say which type of resource: TYPE, TYPE NAME or TYPE/NAME
See "karmadactl get --help".
(exit code 1)
$ get cm -s nowhere
error: not support OperationScope: nowhere
See "karmadactl get --help".
(exit code 1)
$ get cm -s members -C member9
error: clusters don't exist: member9
See "karmadactl get --help".
(exit code 1)
$ get cm -o fancy
error: unable to match a printer suitable for the output format "fancy", allowed formats are: json, yaml, name, wide, jsonpath=TEMPLATE, custom-columns=HEADER:PATH,…
See "karmadactl get --help".
(exit code 1)
$ get cm settings -A
error: a resource cannot be retrieved by name across all namespaces
See "karmadactl get --help".
(exit code 1)
$ get cm -l app=web -s members --no-headers
settings   member1   1     5s Y
error: cluster(member2): connection refused
(exit code 1)
`,
  );
});
