// interpret as a user sees it: scripts checked, each operation run on files, and what goes wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import path from "node:path";
import { createClient } from "#client/rest-client.ts";
import { fakeTransport, jsonAnswer } from "#client/testing.ts";
import { startSession, transcript } from "../../testing.ts";

const run = startSession({
  client: createClient(fakeTransport(() => jsonAnswer({}, 500))), // no server is asked
  cwd: path.resolve(import.meta.dirname, "../../../../examples/customized-interpreter"),
});

const customization = (scripts: Readonly<Record<string, string>>, target: object = workload): string =>
  JSON.stringify({
    apiVersion: "config.karmada.io/v1alpha1",
    kind: "ResourceInterpreterCustomization",
    metadata: { name: "tried" },
    spec: {
      target,
      customizations: Object.fromEntries(Object.entries(scripts).map(([field, luaScript]) => [field, { luaScript }])),
    },
  });
const workload = { apiVersion: "workload.example.io/v1alpha1", kind: "Workload" };

test("scripts are checked", async () => {
  assert.equal(
    (await transcript(run, ["interpret -f customization.yaml --check"])).replace(
      /SOURCE: .*examples/,
      "SOURCE: examples",
    ),
    `$ interpret -f customization.yaml --check
-----------------------------------
SOURCE: examples/customized-interpreter/customization.yaml:3
TARGET: workload.example.io/v1alpha1 Workload
RULERS:
    Retain:                PASS
    InterpretReplica:      PASS
    InterpretComponent:    UNSET
    ReviseReplica:         PASS
    InterpretStatus:       PASS
    AggregateStatus:       PASS
    InterpretHealth:       PASS
    InterpretDependency:   PASS
`,
  );
});

test("what cannot be read is told, with the line", async () => {
  const broken = customization({
    healthInterpretation: "function InterpretHealth(obj)\n  return obj.\nend",
    retention: "x",
  });
  const { code, out } = await run("interpret -f - --check", broken);
  assert.equal(code, 1);
  assert.match(out, /Retain: {16}ERROR: line 1: '=' expected near '<eof>'\n/);
  assert.match(out, /InterpretHealth: {7}ERROR: line 3: '<name>' expected near 'end'\n/);
  const unnamed = await run("interpret -f - --check", customization({}, { apiVersion: "v1" }));
  assert.match(unnamed.out, /target\.kind no set\n$/);
  assert.equal(unnamed.code, 1);
});

test("every operation is run on files", async () => {
  const on = "interpret -f customization.yaml --operation";
  assert.equal(
    await transcript(run, [
      `${on} InterpretReplica --desired-file workload.yaml`,
      `${on} ReviseReplica --desired-file workload.yaml --desired-replica 1`,
      `${on} interprethealth --observed-file workload.yaml`,
      `${on} InterpretStatus --observed-file workload.yaml`,
      `${on} InterpretDependency --desired-file workload.yaml`,
    ]),
    `$ ${on} InterpretReplica --desired-file workload.yaml
---
# [1/2] replica:
3
---
# [2/2] requires:
resourceRequest:
  cpu: 100m
  memory: 64Mi
$ ${on} ReviseReplica --desired-file workload.yaml --desired-replica 1
---
# [1/1] revised:
apiVersion: workload.example.io/v1alpha1
kind: Workload
metadata:
  name: nginx
  namespace: shop
spec:
  paused: false
  replicas: 1
  template:
    spec:
      containers:
      - envFrom:
        - configMapRef:
            name: settings
        image: nginx
        name: nginx
        resources:
          limits:
            cpu: 100m
            memory: 64Mi
$ ${on} interprethealth --observed-file workload.yaml
---
# [1/1] healthy:
false
$ ${on} InterpretStatus --observed-file workload.yaml
---
# [1/1] status:
{}
$ ${on} InterpretDependency --desired-file workload.yaml
---
# [1/1] dependencies:
- apiVersion: v1
  kind: ConfigMap
  name: settings
  namespace: shop
`,
  );
});

test("an object is retained, and statuses become one", async () => {
  const on = "interpret -f customization.yaml --operation";
  const retained = await run(`${on} Retain --desired-file workload.yaml --observed-file workload.yaml`);
  assert.match(retained.out, /^---\n# \[1\/1\] retained:\napiVersion: workload[^]*\n {2}paused: false\n/);
  const statuses =
    "clusterName: m1\nstatus: {readyReplicas: 1}\n---\nclusterName: m2\n---\nclusterName: m3\nstatus: {readyReplicas: 2}\n";
  const aggregated = await run(`${on} AggregateStatus --desired-file workload.yaml --status-file -`, statuses);
  assert.match(aggregated.out, /^---\n# \[1\/1\] aggregatedStatus:\n[^]*\nstatus:\n {2}readyReplicas: 3\n$/);
});

test("what a script prints stands beside its results", async () => {
  const script = "function InterpretHealth(obj) print(obj.kind, 1.5) return true end";
  const on = "interpret -f - --operation InterpretHealth --observed-file workload.yaml";
  const ran = await run(on, customization({ healthInterpretation: script }));
  assert.deepEqual(ran, { code: 0, out: "---\n# [1/1] healthy:\ntrue\n", err: "Workload\t1.5\n" });
});

for (const { name, line, input = "", says } of [
  { name: "no customization", line: "--check", says: "must specify the customizations" },
  {
    name: "another kind",
    line: "-f workload.yaml --check",
    says: "is no ResourceInterpreterCustomization of config.karmada.io/v1alpha1",
  },
  { name: "no operation", line: "-f customization.yaml", says: "operation is not set for executing" },
  {
    name: "no such operation",
    line: "-f customization.yaml --operation Guess",
    says: "operation Guess is not supported: it is one of Retain, ",
  },
  {
    name: "no object",
    line: "-f customization.yaml --operation InterpretHealth",
    says: "you must specify one of desired-file and observed-file",
  },
  {
    name: "two objects",
    line: "-f customization.yaml --operation InterpretHealth --desired-file workload.yaml --observed-file workload.yaml",
    says: "you can not specify both desired-file and observed-file options",
  },
  {
    name: "half of what Retain needs",
    line: "-f customization.yaml --operation Retain --desired-file workload.yaml",
    says: "observed-file must be set for Retain",
  },
  {
    name: "a script that is not there",
    line: "-f customization.yaml --operation InterpretComponent --desired-file workload.yaml",
    says: "Execute InterpretComponent error: rule is not enabled",
  },
  {
    name: "a script that fails",
    line: "-f - --operation InterpretHealth --observed-file workload.yaml",
    input: customization({ healthInterpretation: "function InterpretHealth(obj)\n  return obj.status.ok\nend" }),
    says:
      "Execute InterpretHealth error: ResourceInterpreterCustomization(tried) InterpretHealth script: " +
      "line 2: attempt to index field 'status' (a nil value)",
  },
  {
    name: "a script that does not end",
    line: "-f - --operation InterpretHealth --observed-file workload.yaml",
    input: customization({ healthInterpretation: "function InterpretHealth(obj)\n  while true do end\nend" }),
    says: "InterpretHealth script: line 2: the script ",
  },
]) {
  test(`interpret with ${name} fails`, async () => {
    const { code, err } = await run(`interpret ${line}`, input);
    assert.equal(code, 1);
    assert.ok(err.includes(says), err);
  });
}
