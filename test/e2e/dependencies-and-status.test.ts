// What goes along with a workload, and whether `kubectl rollout status` on a template tells the truth about three members.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, readPath, startPlane } from "./plane.ts";

const members = ["member1", "member2"] as const;

const web = `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {color: blue}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: nginx:1.27
          envFrom: [{configMapRef: {name: web}}]
          env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: web}}]
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web}
spec:
  propagateDeps: true
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web}]
  placement:
    clusterAffinity: {clusterNames: [member1, member2]}
    replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted}
`;

const brokenPolicy = (path: string): string => `apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata: {name: color}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap, name: web}]
  overrideRules:
    - targetCluster: {clusterNames: [member2]}
      overriders: {plaintext: [{path: ${path}, operator: replace, value: red}]}
`;

describe("dependencies and statuses in karmada up", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane();
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
  });
  after(() => plane.dispose());

  const read = (context: string, what: string, template: string): Promise<string> =>
    readPath(plane, what, template, context);
  const control = "karmada-apiserver";
  const soon = (what: string, holds: () => Promise<unknown>): Promise<unknown> => eventually(what, 60_000, holds);
  const apply = (input: string): Promise<string> => plane.kubectl("apply -f -", { input });
  const nodesOfMember2 = async (verb: "cordon" | "uncordon"): Promise<void> => {
    const nodes = await plane.kubectl("get nodes -o jsonpath={.items[*].metadata.name}", { context: "member2" });
    await plane.kubectl([verb, ...nodes.split(" ")], { context: "member2" });
  };
  const everywhere = async (what: string, template: string): Promise<string> =>
    (await Promise.all(members.map((member) => read(member, what, template)))).join(" ");

  test("a Deployment takes its ConfigMap, ServiceAccount, claim and, when it comes, its Secret along", async () => {
    await apply(web);
    await soon("the ConfigMap", async () => (await everywhere("configmap web", "{.data.color}")) === "blue blue");
    await soon("the account", async () => (await everywhere("sa web", "{.metadata.name}")) === "web web");
    await soon("the claim", async () => (await everywhere("pvc web", "{.metadata.name}")) === "web web");
    await plane.kubectl("create secret generic web --from-literal token=t");
    await soon("the Secret", async () => (await everywhere("secret web", "{.data.token}")) === "dA== dA==");
    assert.equal(await read("member3", "configmap web", "{.metadata.name}"), "");
    const attached = await plane.kubectl("get rb web-configmap -o jsonpath={.spec.requiredBy[*].name}");
    assert.equal(attached, "web-deployment");
    await plane.kubectl(["patch", "configmap", "web", "--type=merge", "-p", '{"data":{"color":"green"}}']);
    await soon("the edit", async () => (await everywhere("configmap web", "{.data.color}")) === "green green");
  });

  test("rollout status ends when all members are done", async () => {
    await plane.kubectl("rollout status deployment/web --timeout 60s", { context: control });
    const status = await read(control, "deployment web", "{.status.updatedReplicas} {.status.availableReplicas}");
    assert.equal(status, "4 4");
    assert.equal(await everywhere("deployment web", "{.status.availableReplicas}"), "2 2");
  });

  test("it waits while one member cannot start the new pods", async () => {
    await nodesOfMember2("cordon");
    await plane.kubectl("set image deployment/web web=nginx:1.28");
    await soon("member1 to be done", async () => {
      const done = await read(
        "member1",
        "deployment web",
        "{.spec.template.spec.containers[0].image} {.status.updatedReplicas} {.status.replicas}",
      );
      return done === "nginx:1.28 2 2";
    });
    const waiting = await plane.tryKubectl("rollout status deployment/web --timeout 3s", { context: control });
    assert.notEqual(waiting.code, 0, waiting.out);
    assert.match(waiting.out, /Waiting for deployment/);
    await nodesOfMember2("uncordon");
    await plane.kubectl("rollout status deployment/web --timeout 60s", { context: control });
    assert.equal(await everywhere("deployment web", "{.status.updatedReplicas}"), "2 2");
  });

  test("it waits while one member has not been told", async () => {
    const suspend = (clusters: string): Promise<string> =>
      plane.kubectl([
        ...["patch", "propagationpolicy", "web", "--type=merge", "-p"],
        `{"spec":{"suspension":{"dispatchingOnClusters":{"clusterNames":[${clusters}]}}}}`,
      ]);
    await suspend('"member2"');
    await soon("the Work to be suspended", async () =>
      (await read(control, "works -n karmada-es-member2", "{.items[*].spec.suspendDispatching}")).includes("true"),
    );
    await plane.kubectl("set image deployment/web web=nginx:1.29");
    await soon("member1 to be done", async () => {
      const done = await read(
        "member1",
        "deployment web",
        "{.spec.template.spec.containers[0].image} {.status.updatedReplicas} {.status.replicas}",
      );
      return done === "nginx:1.29 2 2";
    });
    const waiting = await plane.tryKubectl("rollout status deployment/web --timeout 3s", { context: control });
    assert.notEqual(waiting.code, 0, waiting.out);
    assert.match(waiting.out, /Waiting for deployment spec update to be observed/);
    await suspend("");
    await plane.kubectl("rollout status deployment/web --timeout 60s", { context: control });
    assert.match(
      await everywhere("deployment web", "{.spec.template.spec.containers[0].image}"),
      /^nginx:1.29 nginx:1.29$/,
    );
  });

  test("an override that cannot be applied is told by condition and event, and mended with the policy", async () => {
    await apply(brokenPolicy("/data/colour"));
    const told =
      "OverridePolicy default/color: spec.overrideRules[0].overriders.plaintext[0] at /data/colour for cluster member2: " +
      "path /data/colour does not exist";
    const condition = "{.status.conditions[?(@.type=='OverridesApplied')]['status','message']}";
    await soon("the condition", async () => (await read(control, "rb web-configmap", condition)) === `False ${told}`);
    await soon("the event on the policy", async () =>
      (await plane.kubectl("events --for overridepolicy/color")).includes(told),
    );
    assert.equal(await everywhere("configmap web", "{.data.color}"), "green green");
    await apply(brokenPolicy("/data/color"));
    await soon("the other colour", async () => (await everywhere("configmap web", "{.data.color}")) === "green red");
    await soon("the condition", async () => (await read(control, "rb web-configmap", condition)).startsWith("True "));
  });

  test("the claim of the template tells what its members say; with the Deployment all of it goes", async () => {
    const phases = await everywhere("pvc web", "{.status.phase}");
    const worst = phases.includes("Pending") ? "Pending" : "Bound";
    await soon("the claim's phase", async () => (await read(control, "pvc web", "{.status.phase}")) === worst);
    await plane.kubectl("delete deployment web");
    await soon(
      "the ConfigMap to go",
      async () => (await everywhere("configmap web", "{.metadata.name}")).trim() === "",
    );
    await soon("the Secret to go", async () => (await everywhere("secret web", "{.metadata.name}")).trim() === "");
    assert.equal(await read(control, "configmap web", "{.data.color}"), "green");
  });
});
