// Where the scheduler sends workloads in a control plane as users run it: weights by room, few clusters with capacity,
// regions, affinity groups, labels that change, and what a rebalancer asks for.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, readPath, startPlane } from "./plane.ts";

const members = ["member1", "member2", "member3"] as const;
const soonMilliseconds = 45_000;
const allocated = ["get", "clusters", "-o", "jsonpath={.items[*].status.resourceSummary.allocated.cpu}"] as const;

interface Workload {
  readonly name: string;
  readonly replicas: number;
  /** CPUs of one replica; a member has 64. */
  readonly cpu?: number;
  /** The placement, in YAML's flow style. */
  readonly placement: string;
}

function manifestsOf({ name, replicas, cpu = 1, placement }: Workload): string {
  const resources = `{requests: {cpu: "${cpu}"}}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: nginx, resources: ${resources}}]}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: ${name}}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: ${name}}]
  placement: ${placement}
`;
}

describe("scheduling", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--cluster-status-update-frequency", "1s"]);
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
    await Promise.all(
      ["north", "north", "south"].map((region, index) =>
        plane.kubectl([
          "patch",
          "cluster",
          `member${index + 1}`,
          "--type",
          "merge",
          "-p",
          JSON.stringify({ spec: { region } }),
        ]),
      ),
    );
  });
  after(() => plane.dispose());

  const soon = (what: string, holds: () => Promise<unknown>): Promise<unknown> =>
    eventually(what, soonMilliseconds, holds);
  const apply = (workload: Workload): Promise<string> => plane.kubectl("apply -f -", { input: manifestsOf(workload) });
  const binding = (name: string, template: string): Promise<string> =>
    readPath(plane, `rb ${name}-deployment`, template);
  const reason = (name: string): Promise<string> =>
    binding(name, "{.status.conditions[?(@.type=='Scheduled')].reason}");
  /** What the members run: "2 1 " when the third has no such Deployment. */
  const replicas = async (name: string): Promise<string> =>
    (
      await Promise.all(members.map((member) => readPath(plane, `deployment ${name}`, "{.spec.replicas}", member)))
    ).join(" ");
  const becomes = (name: string, wanted: string): Promise<unknown> =>
    soon(`${name} to be at "${wanted}"`, async () => {
      assert.equal(await replicas(name), wanted);
      return true;
    });
  const remove = async (name: string): Promise<void> => {
    await plane.kubectl(`delete deployment/${name} propagationpolicy/${name}`);
    await becomes(name, "  ");
  };
  /** What is placed by room begins when the members tell what is in use. */
  const used = (cpus: number): Promise<unknown> =>
    soon(`${cpus} CPUs to be told of`, async () => {
      const each = (await plane.kubectl(allocated)).split(" ");
      assert.equal(
        each.reduce((total, cpu) => total + Number(cpu), 0),
        cpus,
      );
      return true;
    });

  test("static weights 2:1", async () => {
    await apply({
      name: "static",
      replicas: 6,
      placement: `{replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted,
        weightPreference: {staticWeightList: [{targetCluster: {clusterNames: [member1]}, weight: 2},
          {targetCluster: {clusterNames: [member2]}, weight: 1}]}}}`,
    });
    await becomes("static", "4 2 ");
    await remove("static");
  });

  test("weights by room: as many each where each has as much", async () => {
    await used(0);
    await apply({
      name: "dynamic",
      replicas: 9,
      placement: `{replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted,
        weightPreference: {dynamicWeight: AvailableReplicas}}}`,
    });
    await becomes("dynamic", "3 3 3");
    await remove("dynamic");
  });

  test("aggregated: the fewest clusters with room; more than fits waits until room comes back", async () => {
    const placement = "{replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Aggregated}}";
    const numbers = async (name: string): Promise<string[]> =>
      (await replicas(name)).split(" ").filter((each) => each !== "");
    await used(0);
    // By the models a node of 64 CPUs and 256 GiB counts as one of 32 CPUs, the lower bound of its grade.
    await apply({ name: "first", replicas: 3, cpu: 16, placement });
    await soon("two clusters", async () => {
      assert.deepEqual((await numbers("first")).sort(), ["1", "2"]);
      return true;
    });
    await used(48);
    await plane.kubectl("scale deployment first --replicas 6");
    await soon("still two clusters", async () => (await numbers("first")).length === 2);
    await used(96);
    await apply({ name: "second", replicas: 3, cpu: 32, placement });
    await soon("no room for the second", async () => (await reason("second")) === "Unschedulable");
    assert.match(
      await binding("second", "{.status.conditions[?(@.type=='Scheduled')].message}"),
      /Clusters available replicas [12] are not enough to schedule\./,
    );
    await plane.kubectl("delete deployment/first propagationpolicy/first");
    await becomes("second", "1 1 1");
    await remove("second");
  });

  test("spread over two regions", async () => {
    await apply({
      name: "regions",
      replicas: 4,
      placement: `{spreadConstraints: [{spreadByField: region, minGroups: 2, maxGroups: 2},
        {spreadByField: cluster, minGroups: 2, maxGroups: 2}],
        replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted,
          weightPreference: {dynamicWeight: AvailableReplicas}}}`,
    });
    await soon("one cluster in each region", async () => {
      const [first, second, third] = (await replicas("regions")).split(" ");
      assert.deepEqual([[first, second].sort(), third], [["", "2"], "2"]);
      return true;
    });
    await remove("regions");
  });

  test("a group that cannot take it gives way to the next, which is kept until a rebalancer asks anew", async () => {
    await plane.tryKarmadactl("cordon member3");
    await apply({
      name: "groups",
      replicas: 2,
      placement: `{clusterAffinities: [{affinityName: primary, clusterNames: [member3]},
        {affinityName: backup, clusterNames: [member1]}]}`,
    });
    await becomes("groups", "2  ");
    const observed = "{.status.schedulerObservingAffinityName}";
    await soon("backup to be observed", async () => (await binding("groups", observed)) === "backup");
    await plane.tryKarmadactl("uncordon member3");
    await plane.kubectl("scale deployment groups --replicas 3");
    await becomes("groups", "3  ");
    assert.equal(await binding("groups", observed), "backup");
    await plane.kubectl("apply -f -", {
      input: `apiVersion: apps.karmada.io/v1alpha1
kind: WorkloadRebalancer
metadata: {name: home}
spec:
  ttlSecondsAfterFinished: 0
  workloads: [{apiVersion: apps/v1, kind: Deployment, name: groups, namespace: default}]
`,
    });
    await becomes("groups", "  3");
    await soon("primary to be observed", async () => (await binding("groups", observed)) === "primary");
    await soon(
      "the rebalancer to be cleared away",
      async () => (await plane.kubectl("get workloadrebalancers -o name")) === "",
    );
    await remove("groups");
  });

  test("a label that changes moves what follows it", async () => {
    await plane.kubectl("label cluster member1 colour=blue");
    await apply({
      name: "labelled",
      replicas: 2,
      placement: "{clusterAffinity: {labelSelector: {matchLabels: {colour: blue}}}}",
    });
    await becomes("labelled", "2  ");
    await plane.kubectl("label cluster member2 colour=blue");
    await becomes("labelled", "2 2 ");
    await plane.kubectl("label cluster member1 colour-");
    await becomes("labelled", " 2 ");
    await plane.kubectl("label cluster member2 colour-");
    await soon("nothing to fit", async () => (await reason("labelled")) === "NoClusterFit");
    assert.equal(await replicas("labelled"), " 2 ", "the last copy stays until there is another");
    await plane.kubectl("label cluster member3 colour=blue");
    await becomes("labelled", "  2");
    await remove("labelled");
  });
});

describe("descheduling", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    const often = ["--descheduling-interval", "1s", "--unschedulable-threshold", "2s"];
    const components = ["--components", "controller-manager,scheduler,descheduler"];
    plane = await startPlane(["--members", "2", "--enable-scheduler-estimator", ...components, ...often]);
    await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
  });
  after(() => plane.dispose());

  test("replicas that find no node move to where there is one", async () => {
    const replicas = (): Promise<string> => readPath(plane, "rb app-statefulset", "{.spec.clusters}");
    const placement = `{replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted,
      weightPreference: {dynamicWeight: AvailableReplicas}}}`;
    const manifests = manifestsOf({ name: "app", replicas: 2, cpu: 20, placement }).replaceAll(
      "Deployment",
      "StatefulSet",
    );
    await plane.kubectl("apply -f -", { input: manifests });
    await eventually("one replica each", soonMilliseconds, async () => {
      assert.equal(await replicas(), '[{"name":"member1","replicas":1},{"name":"member2","replicas":1}]');
      return true;
    });
    const ready = "jsonpath={.status.readyReplicas}";
    await eventually("it to run", soonMilliseconds, async () => {
      const { out } = await plane.tryKubectl(["get", "statefulset", "app", "-o", ready], { context: "member1" });
      return out === "1";
    });
    await plane.kubectl("cordon member1-node-1", { context: "member1" });
    await plane.kubectl("delete pod app-0 --wait=false", { context: "member1" });
    await eventually("both in member2", soonMilliseconds, async () => {
      assert.equal(await replicas(), '[{"name":"member2","replicas":2}]');
      return true;
    });
    const events = await plane.kubectl(
      "get events -o jsonpath={.items[?(@.reason=='DescheduleBindingSucceed')].message}",
    );
    assert.match(
      events,
      /Binding has been descheduled, 1 replica\(s\) in cluster\(member1\), 1 total descheduled replica\(s\)/,
    );
  });
});
