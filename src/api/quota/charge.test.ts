import assert from "node:assert/strict";
import { test } from "node:test";
import { formatQuantity } from "#machinery/quantity.ts";
import { chargeQuotas } from "./charge.ts";
import { quotaEvaluator } from "./evaluator.ts";

type Texts = Readonly<Record<string, string>>;

interface Quota {
  readonly name?: string;
  readonly hard: Texts;
  readonly used?: Texts;
  readonly scopes?: readonly string[];
  readonly scopeSelector?: object;
}

function quotaWith({ name = "q", hard, used, ...spec }: Quota) {
  const known = used ?? Object.fromEntries(Object.keys(hard).map((each) => [each, "0"]));
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name, namespace: "default" },
    spec: { hard, ...spec },
    status: { hard, used: known },
  };
}

/** The refusal, or what each charged quota says is used afterwards. */
function charged(plural: string, quotas: readonly Quota[], object: object, old?: object): string | object {
  const outcome = chargeQuotas(quotas.map(quotaWith), {
    evaluator: quotaEvaluator({ group: "", plural }),
    object: { ...object },
    old: old === undefined ? undefined : { ...old },
    now: 0,
  });
  if ("refusal" in outcome) return outcome.refusal;
  return Object.fromEntries(
    outcome.charges.map(({ quota, used }) => [
      quota.metadata.name,
      Object.fromEntries([...used].map(([name, amount]) => [name, formatQuantity(amount)])),
    ]),
  );
}

const pod = (resources: object = {}, spec: object = {}) => ({
  spec: { containers: [{ name: "c1", resources }], ...spec },
});
const asking = pod({ requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1" } });

for (const { name, quotas, object = pod(), wanted } of [
  { name: "no quota", quotas: [], wanted: {} },
  { name: "room for a pod", quotas: [{ hard: { pods: "2" }, used: { pods: "1" } }], wanted: { q: { pods: "2" } } },
  {
    name: "no room for a pod",
    quotas: [{ hard: { pods: "2", services: "1" }, used: { pods: "2", services: "0" } }],
    wanted: "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2",
  },
  {
    name: "several amounts that do not fit, by name",
    quotas: [
      { hard: { "limits.cpu": "1", cpu: "600m", pods: "9" }, used: { "limits.cpu": "1", cpu: "200m", pods: "0" } },
    ],
    object: asking,
    wanted:
      "exceeded quota: q, requested: cpu=500m,limits.cpu=1, used: cpu=200m,limits.cpu=1, limited: cpu=600m,limits.cpu=1",
  },
  {
    name: "every amount is charged, the others stay",
    quotas: [{ hard: { "requests.cpu": "2", "requests.memory": "2Gi", "limits.cpu": "4", configmaps: "5" } }],
    object: asking,
    wanted: { q: { "requests.cpu": "500m", "requests.memory": "1Gi", "limits.cpu": "1", configmaps: "0" } },
  },
  {
    name: "a container that does not say what is limited",
    quotas: [{ hard: { cpu: "1", "limits.memory": "1Gi" } }],
    object: { spec: { containers: [{ name: "b" }, { name: "a" }], initContainers: [{ name: "i" }] } },
    wanted: "failed quota: q: must specify cpu for: a,b,i; limits.memory for: a,b,i",
  },
  {
    name: "a pod that says it as a whole",
    quotas: [{ hard: { cpu: "1" } }],
    object: pod({}, { resources: { requests: { cpu: "250m" } } }),
    wanted: { q: { cpu: "250m" } },
  },
  {
    name: "usage that is not known yet",
    quotas: [{ hard: { pods: "2", "count/pods": "3" }, used: {} }],
    wanted: "status unknown for quota: q, resources: count/pods,pods",
  },
  {
    name: "the quota that refuses is named",
    quotas: [
      { name: "a", hard: { pods: "2" } },
      { name: "b", hard: { pods: "0" } },
    ],
    wanted: "exceeded quota: b, requested: pods=1, used: pods=0, limited: pods=0",
  },
  {
    name: "negative amounts",
    quotas: [{ hard: { cpu: "2" } }],
    object: pod({ requests: { cpu: "-1" } }),
    wanted: "quota usage is negative for resource(s): cpu,requests.cpu",
  },
  {
    name: "an extended resource and huge pages",
    quotas: [{ hard: { "requests.example.com/gpu": "2", "hugepages-2Mi": "1Gi" } }],
    object: pod({ requests: { "example.com/gpu": "2", "hugepages-2Mi": "4Mi" } }),
    wanted: { q: { "requests.example.com/gpu": "2", "hugepages-2Mi": "4Mi" } },
  },
  {
    name: "a pod that has ended counts as an object only",
    quotas: [{ hard: { pods: "2", "count/pods": "3" } }],
    object: { ...pod(), status: { phase: "Succeeded" } },
    wanted: { q: { pods: "0", "count/pods": "1" } },
  },
  {
    name: "init containers that take more than the containers",
    quotas: [{ hard: { cpu: "2" } }],
    object: {
      spec: {
        containers: [{ name: "c", resources: { requests: { cpu: "100m" } } }],
        initContainers: [
          { name: "side", restartPolicy: "Always", resources: { requests: { cpu: "50m" } } },
          { name: "init", resources: { requests: { cpu: "500m" } } },
        ],
        overhead: { cpu: "5m" },
      },
    },
    wanted: { q: { cpu: "555m" } },
  },
] satisfies { name: string; quotas: Quota[]; object?: object; wanted: string | object }[]) {
  test(`pods: ${name}`, () => {
    assert.deepEqual(charged("pods", quotas, object), wanted);
  });
}

const scoped = (scope: string): Quota => ({ name: scope, hard: { pods: "9" }, scopes: [scope] });
const byClass = (operator: string, values?: readonly string[]): Quota => ({
  name: operator,
  hard: { pods: "9" },
  scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, ...(values && { values }) }] },
});
const elsewhere = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ namespaces: ["other"] }] } };

for (const { name, object, wanted } of [
  { name: "plain", object: pod(), wanted: ["NotTerminating", "BestEffort", "NotIn", "DoesNotExist"] },
  {
    name: "with a deadline and requests",
    object: pod({ requests: { cpu: "1" } }, { activeDeadlineSeconds: 5 }),
    wanted: ["Terminating", "NotBestEffort", "NotIn", "DoesNotExist"],
  },
  {
    name: "of a class",
    object: pod({}, { priorityClassName: "high" }),
    wanted: ["NotTerminating", "BestEffort", "PriorityClass", "In", "Exists"],
  },
  {
    name: "near pods of another namespace",
    object: pod({}, { affinity: elsewhere }),
    wanted: ["NotTerminating", "BestEffort", "CrossNamespacePodAffinity", "NotIn", "DoesNotExist"],
  },
]) {
  test(`scopes of a pod ${name}`, () => {
    const scopes = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort"];
    const quotas = [
      ...[...scopes, "PriorityClass", "CrossNamespacePodAffinity"].map(scoped),
      ...[byClass("In", ["high"]), byClass("NotIn", ["high"]), byClass("Exists"), byClass("DoesNotExist")],
    ];
    assert.deepEqual(Object.keys(charged("pods", quotas, object)), wanted);
  });
}

const serviceHard = { services: "9", "services.nodeports": "9", "services.loadbalancers": "9" };
const service = (type: string, more: object = {}) => ({ spec: { type, ports: [{ port: 1 }, { port: 2 }], ...more } });

for (const { type, more, counts } of [
  { type: "ClusterIP", counts: ["1", "0", "0"] },
  { type: "NodePort", counts: ["1", "2", "0"] },
  { type: "LoadBalancer", counts: ["1", "2", "1"] },
  { type: "LoadBalancer", more: { allocateLoadBalancerNodePorts: false }, counts: ["1", "0", "1"] },
]) {
  test(`services: ${type} ${JSON.stringify(more ?? {})}`, () => {
    const wanted = Object.fromEntries(Object.keys(serviceHard).map((name, index) => [name, counts[index]]));
    assert.deepEqual(charged("services", [{ hard: serviceHard }], service(type, more)), { q: wanted });
  });
}

test("an update is charged for what it adds, and never for less", () => {
  const hard = { "services.nodeports": "2", "services.loadbalancers": "1" };
  const quota = { hard, used: { "services.nodeports": "2", "services.loadbalancers": "0" } };
  assert.deepEqual(charged("services", [quota], service("LoadBalancer"), service("NodePort")), {
    q: { "services.nodeports": "2", "services.loadbalancers": "1" },
  });
  assert.deepEqual(charged("services", [quota], service("ClusterIP"), service("NodePort")), {});
  assert.equal(
    charged("services", [quota], service("NodePort"), service("ClusterIP")),
    "exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=2",
  );
});

test("claims count by number, by size and by storage class", () => {
  const claim = { spec: { storageClassName: "gold", resources: { requests: { storage: "3Gi" } } } };
  const names = ["persistentvolumeclaims", "requests.storage"];
  const ofClasses = names.flatMap((name) =>
    ["gold", "slow"].map((each) => `${each}.storageclass.storage.k8s.io/${name}`),
  );
  const hard = Object.fromEntries([...names, ...ofClasses].map((name) => [name, "10Gi"]));
  assert.deepEqual(charged("persistentvolumeclaims", [{ hard }], claim), {
    q: {
      persistentvolumeclaims: "1",
      "requests.storage": "3Gi",
      "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
      "slow.storageclass.storage.k8s.io/persistentvolumeclaims": "0",
      "gold.storageclass.storage.k8s.io/requests.storage": "3Gi",
      "slow.storageclass.storage.k8s.io/requests.storage": "0",
    },
  });
});

test("what is counted by number has no scope, and has its plain name only where Kubernetes has one", () => {
  assert.deepEqual(charged("configmaps", [{ hard: { configmaps: "1", "count/configmaps": "1" } }], {}), {
    q: { configmaps: "1", "count/configmaps": "1" },
  });
  assert.deepEqual(charged("configmaps", [{ ...scoped("BestEffort"), hard: { configmaps: "0" } }], {}), {});
  assert.deepEqual(charged("serviceaccounts", [{ hard: { serviceaccounts: "0" } }], {}), {});
  const custom = quotaEvaluator({ group: "example.com", plural: "widgets" });
  assert.deepEqual([custom.countsFor("count/widgets.example.com"), custom.countsFor("count/widgets")], [true, false]);
});
