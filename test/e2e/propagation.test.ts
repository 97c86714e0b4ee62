// The main job on real input: what the announcements show, and nginx with weights, scaled, tainted and edited by hand.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, readPath, root, startComponent, startPlane } from "./plane.ts";

const members = ["member1", "member2", "member3"] as const;
const modes = [
  { mode: "all in one process", args: [], components: [] },
  {
    mode: "each component its own process over TLS",
    args: ["--components", ""],
    components: ["controller-manager", "scheduler"],
  },
] as const;

for (const { mode, args, components } of modes) {
  describe(`propagation, ${mode}`, needsKubectl, () => {
    let plane: Plane;
    let processes: ChildProcess[] = [];
    before(async () => {
      plane = await startPlane(args);
      processes = components.map((name) => startComponent(name, plane.kubeconfig));
      // What is divided over the members there are stays so when more of them come.
      await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
    });
    after(async () => {
      for (const component of processes) component.kill("SIGTERM");
      await plane.dispose();
    });

    const apply = (folder: string): Promise<string> =>
      plane.kubectl(["apply", "-f", path.join(root, "examples", folder)]);
    const read = (context: string, what: string, template: string): Promise<string> =>
      readPath(plane, what, template, context);
    const replicas = async (name = "nginx"): Promise<string> =>
      (await Promise.all(members.map((member) => read(member, `deployment ${name}`, "{.spec.replicas}")))).join(" ");
    const soon = (what: string, holds: () => Promise<unknown>): Promise<unknown> => eventually(what, 30_000, holds);

    test("weights 2:1:1 over 8 replicas: 4, 2, 2, and the template tells the sum", async () => {
      await apply("nginx");
      await soon("4 2 2", async () => (await replicas()) === "4 2 2");
      await soon(
        "8 ready",
        async () => (await read("karmada-apiserver", "deployment nginx", "{.status.readyReplicas}")) === "8",
      );
      await plane.kubectl("rollout status deployment/nginx --timeout 30s");
      await soon(
        "FullyApplied",
        async () =>
          (await read(
            "karmada-apiserver",
            "rb nginx-deployment",
            "{.status.conditions[?(@.type=='FullyApplied')].status}",
          )) === "True",
      );
    });

    test("scaled to 9", async () => {
      await plane.kubectl("scale deployment nginx --replicas 9");
      await soon("9 in all", async () => {
        const numbers = (await replicas()).split(" ").map(Number);
        return numbers.reduce((sum, number) => sum + number, 0) === 9 && Math.max(...numbers) <= 5;
      });
    });

    test("a member's Deployment edited by hand is put right", async () => {
      const before = await read("member1", "deployment nginx", "{.spec.replicas}");
      await plane.kubectl("scale deployment nginx --replicas 1", { context: "member1" });
      await soon(
        "the drift to be corrected",
        async () => (await read("member1", "deployment nginx", "{.spec.replicas}")) === before,
      );
      await plane.kubectl("delete deployment nginx --wait=false", { context: "member2" });
      await soon(
        "the deleted one to be back",
        async () => (await read("member2", "deployment nginx", "{.spec.replicas}")) !== "",
      );
    });

    test("a taint keeps new workloads away, not those that are there", async () => {
      const cordoned = await plane.tryKarmadactl("cordon member3");
      assert.equal(cordoned.out, "member3 cluster cordoned\n", cordoned.err);
      await plane.kubectl("create configmap late --from-literal a=b");
      await plane.kubectl(["apply", "-f", "-"], {
        input: `apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: late}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap, name: late}]
  placement: {clusterAffinity: {clusterNames: [member1, member3]}}
`,
      });
      await soon("late in member1", async () => (await read("member1", "configmap late", "{.data.a}")) === "b");
      assert.equal(await read("member3", "configmap late", "{.data.a}"), "");
      assert.notEqual(await read("member3", "deployment nginx", "{.spec.replicas}"), "");
      const back = await plane.tryKarmadactl("uncordon member3");
      assert.equal(back.out, "member3 cluster uncordoned\n", back.err);
      await soon("late in member3", async () => (await read("member3", "configmap late", "{.data.a}")) === "b");
    });

    test("deleting the policy leaves the workloads alone; deleting the template takes them away", async () => {
      await plane.kubectl("delete propagationpolicy nginx-pp");
      await soon(
        "the claim to be gone",
        async () =>
          !(await read("karmada-apiserver", "deployment nginx", "{.metadata.annotations}")).includes(
            "propagationpolicy",
          ),
      );
      assert.notEqual((await replicas()).trim(), "");
      await plane.kubectl("delete deployment nginx");
      await soon("the members to be empty", async () => (await replicas()).trim() === "");
      await soon(
        "no Work of it",
        async () => !(await plane.kubectl("get works -A -o name")).includes("nginx-687f7fb96f"),
      );
    });

    test("FieldOverrider: one field of a file, in one member", async () => {
      await apply("configmap-override");
      const port = (member: string): Promise<string> =>
        read(member, "configmap example-configmap", "{.data.config\\.yaml}");
      await soon("3306 in member1", async () => (await port("member1")).includes("port: 3306\n"));
      await soon("5432 in member2", async () => (await port("member2")).includes("port: 5432\n"));
    });

    test("preserveResourcesOnDeletion: the object stays, its uid too, without Karmada's keys", async () => {
      await plane.kubectl("create deployment kept --image nginx:1.26", { context: "member1" });
      const uid = await read("member1", "deployment kept", "{.metadata.uid}");
      await plane.kubectl("create deployment kept --image nginx:1.27");
      const policy = (resolution: string): string => `apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: kept}
spec:
  conflictResolution: ${resolution}
  preserveResourcesOnDeletion: true
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: kept}]
  placement: {clusterAffinity: {clusterNames: [member1]}}
`;
      await plane.kubectl("apply -f -", { input: policy("Abort") });
      await soon("Applied=False that says so", async () =>
        (
          await read("karmada-apiserver", "works -A", "{.items[*].status.conditions[?(@.type=='Applied')].message}")
        ).includes("already exists"),
      );
      assert.match(await read("member1", "deployment kept", "{.spec.template.spec.containers[0].image}"), /1\.26/);
      await plane.kubectl("apply -f -", { input: policy("Overwrite") });
      await soon(
        "adoption",
        async () =>
          (await read("member1", "deployment kept", "{.spec.template.spec.containers[0].image}")) === "nginx:1.27",
      );
      await plane.kubectl("delete deployment kept");
      await soon(
        "release",
        async () => !(await read("member1", "deployment kept", "{.metadata.labels}")).includes("karmada"),
      );
      assert.equal(await read("member1", "deployment kept", "{.metadata.uid}"), uid);
      await soon("no Work left", async () => !(await plane.kubectl("get works -A -o name")).includes("kept-"));
    });

    test("rolling upgrade: paused members keep the old image until they are released", async () => {
      await apply("rolling-upgrade");
      const images = async (): Promise<string> =>
        (
          await Promise.all(
            members.map((member) => read(member, "deployment web", "{.spec.template.spec.containers[0].image}")),
          )
        ).join(" ");
      await soon("the first image everywhere", async () => (await images()) === "nginx:1.26 nginx:1.26 nginx:1.26");
      const pause = (names: string): Promise<string> =>
        plane.kubectl([
          "patch",
          "propagationpolicy",
          "web",
          "--type",
          "merge",
          "-p",
          `{"spec":{"suspension":${names}}}`,
        ]);
      await pause('{"dispatchingOnClusters":{"clusterNames":["member1","member2"]}}');
      await soon("two Works to be paused", async () => {
        const text = await read(
          "karmada-apiserver",
          "works -A",
          "{.items[?(@.spec.suspendDispatching==true)].metadata.namespace}",
        );
        return text.includes("karmada-es-member1") && text.includes("karmada-es-member2");
      });
      await plane.kubectl("set image deployment/web *=nginx:1.27");
      await soon("the third to be upgraded", async () => (await images()) === "nginx:1.26 nginx:1.26 nginx:1.27");
      await pause('{"dispatchingOnClusters":{"clusterNames":["member1"]}}');
      await soon("the second", async () => (await images()) === "nginx:1.26 nginx:1.27 nginx:1.27");
      await plane.kubectl("scale deployment web --replicas 1", { context: "member1" });
      await soon(
        "status to come back from the paused one",
        async () =>
          (await read(
            "karmada-apiserver",
            "rb web-deployment",
            "{.status.aggregatedStatus[?(@.clusterName=='member1')].status.readyReplicas}",
          )) === "1",
      );
      await pause("null");
      await soon("the first", async () => (await images()) === "nginx:1.27 nginx:1.27 nginx:1.27");
    });
  });
}
