// Karmada's own kinds through the real kubectl: apply, diff, tables, describe, explain, patch, edit and delete on the
// control plane, with a Deployment that really reaches the member.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, quietly, startPlane } from "./plane.ts";

const context = "karmada-apiserver";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
`;

const policy = `apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: default}]
  placement: {clusterAffinity: {clusterNames: [member1]}}
`;

describe("kubectl on karmada's kinds", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
  });
  after(() => plane.dispose());
  const quiet = (args: readonly string[] | string, input = ""): Promise<string> =>
    quietly(plane, args, { context, input });

  test("a policy applied takes a Deployment to the member, and wait sees it", async () => {
    assert.equal(await quiet("apply -f -", deployment), "deployment.apps/web created\n");
    assert.equal(await quiet("apply --dry-run=server -f -", policy), `${name} created (server dry run)\n`);
    assert.equal(await quiet("apply -f -", policy), `${name} created\n`);
    assert.equal(await quiet("apply -f -", policy), `${name} unchanged\n`);
    await eventually("a binding", 10_000, async () => (await quiet("get rb -o name")) !== "");
    await quiet("wait --for=condition=FullyApplied resourcebinding/web-deployment --timeout 30s");
    await quiet("rollout status deployment/web --timeout 30s");
    assert.match(await quietly(plane, "get deployment web"), /web\s+2\/2/);
  });

  test("tables", async () => {
    assert.match(await quiet("get clusters"), /^NAME\s+VERSION\s+MODE\s+READY\s+AGE\nmember1\s+v1\.\S+\s+Push\s+True/);
    assert.match(await quiet("get clusters -o wide"), /API-ENDPOINT\s+PROXY-URL\n.*https:\/\/127\.0\.0\.1/);
    assert.match(await quiet("get rb -A"), /SCHEDULED\s+FULLYAPPLIED\s+AGE\ndefault\s+web-deployment\s+True\s+True/);
    assert.match(await quiet("get works -A"), /karmada-es-member1\s+web-\w+\s+Deployment\s+True/);
    assert.match(await quiet("get pp"), /CONFLICT-RESOLUTION\s+PRIORITY\s+AGE\nweb\s+Abort\s+0/);
    assert.match(await quiet("get deployment"), /web\s+2\/2\s+2\s+2/);
  });

  test("describe and explain", async () => {
    assert.match(await quiet("describe resourcebinding web-deployment"), /Normal\s+ScheduleBindingSucceed/);
    assert.match(await quiet("describe work -n karmada-es-member1"), /Reason:\s+AppliedSuccessful/);
    assert.match(await quiet("describe cluster member1"), /Reason:\s+ClusterReady/);
    assert.match(await quiet("describe pp web"), /Cluster Names:\n\s+member1/);
    assert.match(await quiet("explain pp.spec.placement.clusterAffinity"), /clusterNames\t<\[\]string>/);
    assert.match(await quiet("explain rb"), /GROUP: +work\.karmada\.io\nKIND: +ResourceBinding\nVERSION: +v1alpha2/);
  });

  test("diff, patch, label, edit", async () => {
    assert.equal(await quiet("diff -f -", policy), "");
    const { code, out } = await plane.tryKubectl("diff -f -", { context, input: `${policy}  priority: 7\n` });
    assert.equal(code, 1, "there is a difference");
    assert.match(out, /^-\s+priority: 0\n\+\s+priority: 7$/m);
    await quiet(["patch", "pp", "web", "--type", "merge", "-p", '{"spec":{"priority":3}}']);
    await quiet(["patch", "pp", "web", "--type", "json", "-p", '[{"op":"replace","path":"/spec/priority","value":4}]']);
    await quiet("label pp web tier=front");
    const editor = { KUBE_EDITOR: "sed -i s/priority:.4/priority:\\ 5/" };
    const edited = await plane.tryKubectl("edit pp web", { context, env: editor });
    assert.equal(edited.code, 0, edited.err);
    assert.equal(await quiet("get pp -l tier=front -o jsonpath={.items[*].spec.priority}"), "5");
    const strategic = await plane.tryKubectl(["patch", "pp", "web", "-p", "{}"], { context });
    assert.match(strategic.err, /accepted media types include: application\/json-patch\+json/);
  });

  test("what is deleted goes from the member, too", async () => {
    await quiet("delete deployment web --timeout 30s");
    await eventually(
      "binding and work to be gone",
      15_000,
      async () => (await quiet("get rb,works -A -o name")) === "",
    );
    await eventually("the member to have nothing left", 15_000, async () => {
      return (await quietly(plane, "get deployments,replicasets,pods -o name")) === "";
    });
    await quiet("delete pp web --timeout 30s");
  });
});

const name = "propagationpolicy.policy.karmada.io/web";
