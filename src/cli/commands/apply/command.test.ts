// apply as a user sees it: from standard input and from files, twice, changed, with policies, and what goes wrong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import path from "node:path";
import { ConfigMap } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { type Ran, startSession, transcript } from "../../testing.ts";

let planes: Planes;
let run: (line: string, input?: string) => Promise<Ran>;
before(async () => {
  planes = await startPlanes({ members: ["member1"] });
  run = startSession({ client: planes.client, cwd: path.resolve(import.meta.dirname, "../../../../examples") });
});
after(() => planes.close());

const configMap = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

test("a directory is applied, and applied again", async () => {
  assert.equal(
    await transcript(run, ["apply -f nginx --dry-run", "apply -f nginx", "apply -f nginx"]),
    `$ apply -f nginx --dry-run
deployment.apps/nginx created (dry run)
propagationpolicy.policy.karmada.io/nginx-pp created (dry run)
service/nginx-svc created (dry run)
$ apply -f nginx
deployment.apps/nginx created
propagationpolicy.policy.karmada.io/nginx-pp created
service/nginx-svc created
$ apply -f nginx
deployment.apps/nginx unchanged
propagationpolicy.policy.karmada.io/nginx-pp unchanged
service/nginx-svc unchanged
`,
  );
});

test("what the file drops is dropped, what others set stays", async () => {
  await run("apply -f -", configMap("three-way", { a: "1", b: "1" }));
  const patch = { data: { c: "someone's" } };
  await planes.client.patch(ConfigMap, { namespace: "default", name: "three-way" }, { type: "merge", patch });
  assert.equal((await run("apply -f -", configMap("three-way", { a: "2" }))).out, "configmap/three-way configured\n");
  const { data } = await planes.client.get(ConfigMap, { namespace: "default", name: "three-way" });
  assert.deepEqual({ ...data }, { a: "2", c: "someone's" });
});

test("an object that was not applied before is taken over, with a word about it", async () => {
  await planes.client.create(ConfigMap, { metadata: { namespace: "default", name: "made" }, data: { a: "1" } });
  const { out, err } = await run("apply -f -", configMap("made", { a: "2" }));
  assert.equal(out, "configmap/made configured\n");
  assert.match(err, /^Warning: resource configmap\/made was not made by apply/);
});

test("with clusters, each object gets its policy", async () => {
  const { out } = await run("apply -f - -C member1", configMap("spread", { a: "1" }));
  const name = /propagationpolicy\.policy\.karmada\.io\/(\S+) created/.exec(out)?.[1] ?? "";
  assert.match(name, /^spread-[4-9b-f]+$/);
  const { spec } = await planes.client.get(PropagationPolicy, { namespace: "default", name });
  assert.deepEqual(spec.placement?.clusterAffinity, { clusterNames: ["member1"] });
  const [selector] = spec.resourceSelectors;
  assert.deepEqual({ ...selector }, { apiVersion: "v1", kind: "ConfigMap", name: "spread", namespace: "default" });
});

for (const { line, input, error } of [
  { line: "apply", input: "", error: /^error: must specify what to apply/ },
  { line: "apply -f no-such", input: "", error: /^error: the path "no-such" does not exist/ },
  { line: "apply -f -", input: "", error: /^error: no objects passed/ },
  { line: "apply -f -", input: "a: [b", error: /^error: error parsing standard input: yaml: / },
  {
    line: "apply -f -",
    input: "a: b",
    error: /standard input:1: not an object of Kubernetes: apiVersion, kind not set/,
  },
  { line: "apply -f - --all-clusters -C member1", input: configMap("x", {}), error: /exclude each other/ },
  { line: "apply -f - -C member9", input: configMap("x", {}), error: /^error: cluster member9 does not exist/ },
  {
    line: "apply -f -",
    input: '{"apiVersion":"v1","kind":"Gadget","metadata":{"name":"x"}}',
    error: /^error: resource mapping not found .*: no matches for kind "Gadget" in version "v1"\nensure CRDs/,
  },
  {
    line: "apply -f -",
    input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"date":{}}',
    error: /^Error from server \(BadRequest\): error when applying "standard input:1": .*unknown field "date"/,
  },
]) {
  test(`refused: ${line} ${input}`, async () => {
    const { code, err } = await run(line, input);
    assert.match(err, error);
    assert.equal(code, 1);
  });
}
