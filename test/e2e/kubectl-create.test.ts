// What kubectl makes without a file, and how it shows every kind: create's subcommands, run, expose, autoscale; tables,
// describe, explain, events; nodes cordoned and drained.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, quietly, startPlane } from "./plane.ts";

/** How long rollouts and jobs of a few pods may take. */
const soon = "30s";

describe("kubectl create", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
  });
  after(() => plane.dispose());
  const quiet = (args: readonly string[] | string): Promise<string> => quietly(plane, args);

  for (const { args, made } of [
    { args: "deployment web --image nginx:1.27 --replicas 2 --port 80", made: "deployment.apps/web" },
    { args: "configmap settings --from-literal a=b", made: "configmap/settings" },
    { args: "secret generic key --from-literal p=q", made: "secret/key" },
    {
      args: "secret docker-registry pull --docker-username u --docker-password p --docker-server s",
      made: "secret/pull",
    },
    { args: "service clusterip web --tcp 80:80", made: "service/web" },
    { args: "service nodeport node --tcp 80:80", made: "service/node" },
    { args: "service loadbalancer balanced --tcp 80:80", made: "service/balanced" },
    { args: "service externalname outside --external-name example.com", made: "service/outside" },
    { args: "job once --image busybox -- true", made: "job.batch/once" },
    { args: ["cronjob", "often", "--image", "busybox", "--schedule", "*/5 * * * *"], made: "cronjob.batch/often" },
    { args: "job now --from cronjob/often", made: "job.batch/now" },
    { args: "role reader --verb get,list --resource pods", made: "role.rbac.authorization.k8s.io/reader" },
    {
      args: "rolebinding readers --role reader --serviceaccount default:default",
      made: "rolebinding.rbac.authorization.k8s.io/readers",
    },
    { args: "clusterrole looker --verb get --resource nodes", made: "clusterrole.rbac.authorization.k8s.io/looker" },
    {
      args: "clusterrolebinding lookers --clusterrole looker --user bob",
      made: "clusterrolebinding.rbac.authorization.k8s.io/lookers",
    },
    { args: "serviceaccount robot", made: "serviceaccount/robot" },
    { args: "quota limits --hard pods=100,services=50", made: "resourcequota/limits" },
    { args: "ingress front --rule example.com/a=web:80", made: "ingress.networking.k8s.io/front" },
    { args: "poddisruptionbudget kept --selector app=none --min-available 1", made: "poddisruptionbudget.policy/kept" },
    { args: "priorityclass high --value 1000", made: "priorityclass.scheduling.k8s.io/high" },
    { args: "namespace other", made: "namespace/other" },
  ]) {
    test(`create ${typeof args === "string" ? args : args.join(" ")}`, async () => {
      const words = typeof args === "string" ? args.split(" ") : args;
      const end = words.includes("--") ? words.indexOf("--") : words.length;
      const tried = ["create", ...words.slice(0, end), "--dry-run=server", ...words.slice(end)];
      assert.equal(await quiet(tried), `${made} created (server dry run)\n`);
      assert.equal(await quiet(["create", ...words]), `${made} created\n`);
    });
  }

  test("run, expose, autoscale", async () => {
    assert.equal(await quiet("run lone --image nginx"), "pod/lone created\n");
    assert.equal(await quiet("expose deployment web --port 8080 --name exposed"), "service/exposed exposed\n");
    assert.match(await quiet("autoscale deployment web --min 1 --max 3"), /web autoscaled/);
    assert.match(await quiet("get hpa web"), /Deployment\/web\s+cpu: <unknown>\/80%\s+1\s+3/);
  });

  test("jobs end, services find their pods", async () => {
    await quiet(`wait --for=condition=complete job/once --timeout ${soon}`);
    assert.match(await quiet("get job once"), /once\s+Complete\s+1\/1/);
    await quiet(`rollout status deployment/web --timeout ${soon}`);
    await eventually("the service to have two pods", 10_000, async () =>
      /Endpoints:\s+[\d.]+:8080,[\d.]+:8080\n/.test(await quiet("describe service exposed")),
    );
  });

  test("each kind has a table and a description, without a warning", async () => {
    const deprecated = new Set(["componentstatuses", "endpoints"]);
    const kinds = (await quiet("api-resources --verbs list -o name")).trim().split("\n");
    const listed = kinds.filter((kind) => !deprecated.has(kind));
    assert.ok(listed.length > 50);
    await quiet(["get", listed.join(","), "-A", "-o", "wide"]);
    for (const [what, expected] of [
      ["deployment/web", /2 desired \| 2 updated \| 2 total \| 2 available/],
      ["service/web", /Type:\s+ClusterIP/],
      ["node", /OS Image:\s+Simulated \(no machine\)/],
      ["namespace/default", /Resource Quotas\n\s+Name:\s+limits/],
      ["job/once", /Completions:\s+1/],
      ["cronjob/often", /Schedule:\s+\*\/5/],
      ["configmap/settings", /a:\n----\nb/],
      ["secret/key", /p:\s+1 bytes/],
      ["rolebinding/readers", /ServiceAccount\s+default\s+default/],
      ["ingress/front", /example\.com\s+\n\s+\/a\s+web:80/],
      ["pod/lone", /Status:\s+Running/],
      ["replicaset", /Controlled By:\s+Deployment\/web/],
      ["hpa/web", /Reference:\s+Deployment\/web/],
      ["priorityclass/high", /Value:\s+1000/],
    ] as const) {
      assert.match(await quiet(["describe", ...what.split("/")]), expected, what);
    }
  });

  test("explain, from both versions of OpenAPI", async () => {
    assert.match(await quiet("explain deployment.spec.replicas"), /FIELD: replicas <integer>/);
    assert.match(await quiet("explain pod --recursive"), /terminationGracePeriodSeconds\t<integer>/);
    assert.match(await quiet("explain service.spec.type --output plaintext-openapiv2"), /FIELD: +type <string>/);
  });

  test("selectors, sorting and columns", async () => {
    assert.match(
      await quiet(["get", "pods", "-l", "app in (web),x!=y", "--show-labels"]),
      /app=web,pod-template-hash=/,
    );
    assert.match(await quiet("get pods --field-selector status.phase=Running --sort-by .metadata.name"), /^NAME/);
    assert.match(await quiet("get pods -L app --chunk-size 1"), /APP\n/);
    assert.match(await quiet("get pods -o custom-columns=N:.metadata.name"), /^N\n/);
    assert.match(await quiet("get events --field-selector involvedObject.name=web"), /ScalingReplicaSet/);
    assert.match(await quiet("events --for deployment/web"), /ScalingReplicaSet/);
  });

  test("rollout pause, resume, restart and undo to a revision; set", async () => {
    await quiet("rollout pause deployment/web");
    await quiet("set env deployment/web COLOR=blue");
    await quiet("set resources deployment/web --limits cpu=1");
    await quiet("set serviceaccount deployment/web robot");
    assert.doesNotMatch(await quiet("rollout history deployment/web"), /^2 /m);
    await quiet("rollout resume deployment/web");
    await quiet(`rollout status deployment/web --timeout ${soon}`);
    assert.match(await quiet("rollout history deployment/web --revision 2"), /COLOR:\s+blue/);
    await quiet("rollout restart deployment/web");
    await quiet(`rollout status deployment/web --timeout ${soon}`);
    await quiet("rollout undo deployment/web --to-revision 1");
    await quiet(`rollout status deployment/web --timeout ${soon}`);
    assert.doesNotMatch(await quiet("get deployment web -o yaml"), /COLOR/);
  });

  test("a node is tainted, cordoned, drained and comes back", async () => {
    const node = (await quiet("get nodes -o name")).trim().replace("node/", "");
    await quiet(`taint node ${node} a=b:NoSchedule`);
    await quiet(`taint node ${node} a-`);
    await quiet(`cordon ${node}`);
    assert.match(await quiet("get nodes"), /Ready,SchedulingDisabled/);
    const refused = await plane.tryKubectl(`drain ${node} --ignore-daemonsets`, { context: "member1" });
    assert.match(refused.err, /cannot delete Pods that declare no controller.*default\/lone/);
    const drained = await plane.tryKubectl(`drain ${node} --ignore-daemonsets --force --timeout ${soon}`, {
      context: "member1",
    });
    assert.equal(drained.code, 0, drained.err);
    assert.match(drained.out, /drained/);
    assert.doesNotMatch(await quiet("get pods"), /Running/);
    await quiet(`uncordon ${node}`);
    await quiet(`rollout status deployment/web --timeout ${soon}`);
  });

  test("a disruption budget holds an eviction up", async () => {
    await quiet("create poddisruptionbudget web --selector app=web --min-available 2");
    const node = (await quiet("get nodes -o name")).trim().replace("node/", "");
    const { code, err } = await plane.tryKubectl(`drain ${node} --ignore-daemonsets --timeout 1s`, {
      context: "member1",
    });
    assert.equal(code, 1);
    assert.match(err, /Cannot evict pod as it would violate the pod's disruption budget/);
    await quiet(`uncordon ${node}`);
  });
});
