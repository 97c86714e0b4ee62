// A member's estimator as a process of its own, asked over gRPC by a scheduler that is one, too.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { eventually, karmada, needsKubectl, type Plane, readPath, startComponent, startPlane } from "./plane.ts";

describe("estimator", needsKubectl, () => {
  let plane: Plane;
  const processes: ChildProcess[] = [];
  before(async () => {
    plane = await startPlane(["--components", "controller-manager", "--members", "2"]);
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
  });
  after(async () => {
    for (const each of processes) each.kill("SIGTERM");
    await plane.dispose();
  });

  const soon = (what: string, holds: () => Promise<unknown>): Promise<unknown> => eventually(what, 45_000, holds);
  const binding = (template: string): Promise<string> => readPath(plane, "rb app-deployment", template);

  /** Starts the estimator of member1; the port on which it answers. */
  async function startEstimator(): Promise<string> {
    const kubeconfig = ["--kubeconfig", plane.kubeconfig, "--context", "member1", "--log-level", "error"];
    const place = ["--cluster-name", "member1", "--bind-address", "127.0.0.1", "--server-port", "0"];
    const child = spawn(process.execPath, [karmada, "scheduler-estimator", ...kubeconfig, ...place], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    processes.push(child);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    return eventually(
      "the estimator to listen",
      30_000,
      () => /answers for member1 .* on 127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? "",
    );
  }

  test("a node that the member's summary counts and its estimator does not", async () => {
    const port = await startEstimator();
    await plane.tryKubectl("create namespace karmada-system");
    await plane.kubectl("apply -f -", {
      input: `apiVersion: v1
kind: Service
metadata: {name: karmada-scheduler-estimator-member1, namespace: karmada-system}
spec: {type: ExternalName, externalName: 127.0.0.1, ports: [{port: 10352, targetPort: ${port}}]}
`,
    });
    await plane.kubectl("cordon member1-node-1", { context: "member1" });
    processes.push(startComponent("scheduler", plane.kubeconfig, ["--enable-scheduler-estimator"]));
    await plane.kubectl("apply -f -", {
      input: `apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: main, image: nginx, resources: {requests: {cpu: "1"}}}]}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: app}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: app}]
  placement:
    clusterAffinity: {clusterNames: [member1]}
    replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Aggregated}
`,
    });
    const reason = (): Promise<string> => binding("{.status.conditions[?(@.type=='Scheduled')].reason}");
    await soon("no room by the estimator", async () => (await reason()) === "Unschedulable");
    await plane.kubectl("uncordon member1-node-1", { context: "member1" });
    // member2 has no estimator: its summary alone counts.
    const patch = '{"spec":{"placement":{"clusterAffinity":{"clusterNames":["member1","member2"]}}}}';
    await plane.kubectl(["patch", "propagationpolicy", "app", "--type", "merge", "-p", patch]);
    await soon("room", async () => (await reason()) === "Success");
    assert.match(await binding("{.spec.clusters[*].replicas}"), /^2$/);
  });
});
