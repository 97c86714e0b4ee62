import assert from "node:assert/strict";
import test from "node:test";
import type { AdmissionRequest, MutableObject } from "#machinery/admission.ts";
import { isApiError } from "#machinery/api-error.ts";
import { apiVersionOf, type Kind, type KubeObject } from "#machinery/object.ts";
import { CronFederatedHPA } from "../autoscaling/cron-federated-hpa.ts";
import { FederatedHPA } from "../autoscaling/federated-hpa.ts";
import { ResourceInterpreterCustomization } from "../config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "../config/resource-interpreter-webhook-configuration.ts";
import { MultiClusterIngress } from "../networking/multi-cluster-ingress.ts";
import { MultiClusterService } from "../networking/multi-cluster-service.ts";
import { ClusterTaintPolicy } from "../policy/cluster-taint-policy.ts";
import { FederatedResourceQuota } from "../policy/federated-resource-quota.ts";
import { karmadaWebhooks } from "./karmada-admission.ts";
import { asPlugin } from "./webhook.ts";

function requestOf(kind: Kind, fields: object, old?: object): AdmissionRequest {
  const whole = (more: object): object => ({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: "x" },
    ...structuredClone(more),
  });
  return {
    operation: old === undefined ? "CREATE" : "UPDATE",
    kind,
    subresource: undefined,
    namespace: kind.namespaced ? "default" : undefined,
    name: "x",
    object: whole(fields) as MutableObject,
    old: old === undefined ? undefined : (whole(old) as KubeObject),
    user: { name: "u", groups: [] },
    dryRun: false,
    list: () => Promise.resolve(kind === ResourceInterpreterCustomization ? storedCustomizations : []),
    warn: () => undefined,
  };
}

async function admit(kind: Kind, fields: object, old?: object, allowNoExecuteTaintPolicy = false): Promise<KubeObject> {
  const request = requestOf(kind, fields, old);
  const random = { uint32: () => 0, uuid: () => "uuid-1" };
  const plugins = karmadaWebhooks({ random, allowNoExecuteTaintPolicy }).map(asPlugin);
  for (const plugin of plugins) await plugin.mutate?.(request);
  for (const plugin of plugins) await plugin.validate?.(request);
  return request.object as unknown as KubeObject;
}

async function refusal(kind: Kind, fields: object, old?: object): Promise<string> {
  try {
    await admit(kind, fields, old);
  } catch (error) {
    assert.ok(isApiError(error, "Forbidden"));
    return error.message.replace(/^admission webhook "\S+" denied the request: /, "");
  }
  return "admitted";
}

const noExecute = { taints: [{ key: "k", effect: "NoExecute" }] };
const hpaTarget = { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }, maxReplicas: 3 };
const cronTarget = { apiVersion: "autoscaling.karmada.io/v1alpha1", kind: "FederatedHPA", name: "nginx" };
const rule = { name: "day", schedule: "0 8 * * *" };
const webhook = {
  name: "a.example.com",
  clientConfig: { url: "https://a.example.com/interpret" },
  interpreterContextVersions: ["v1alpha1"],
};
const wildcard = { apiGroups: ["*"], apiVersions: ["*"], kinds: ["*"], operations: ["*"] };

const scripts = (customizations: object, target: object = { apiVersion: "a/v1", kind: "A" }): object => ({
  spec: { target, customizations },
});
const health = { healthInterpretation: { luaScript: "function InterpretHealth(obj) return true end" } };
const dependencies = { dependencyInterpretation: { luaScript: "function GetDependencies(obj) return {} end" } };
/** What is stored when customizations are asked for. */
const storedCustomizations = [
  { apiVersion: "config.karmada.io/v1alpha1", kind: "x", metadata: { name: "x" }, ...scripts(health) },
  {
    apiVersion: "config.karmada.io/v1alpha1",
    kind: "x",
    metadata: { name: "old" },
    ...scripts({ ...health, ...dependencies }, { apiVersion: "b/v1", kind: "B" }),
  },
];

const cases: readonly {
  readonly name: string;
  readonly kind: Kind;
  readonly fields: object;
  readonly old?: object;
  readonly says: string | RegExp;
}[] = [
  {
    name: "a script that can be read",
    kind: ResourceInterpreterCustomization,
    fields: scripts(health),
    says: "admitted",
  },
  {
    name: "a script that cannot be read",
    kind: ResourceInterpreterCustomization,
    fields: scripts({ ...health, retention: { luaScript: "function Retain(a, b)\n  return a +\nend" } }),
    says: "InterpreterOperation(Retain) Lua script error: line 3: unexpected symbol near 'end'",
  },
  {
    name: "a script for what another customization has one for",
    kind: ResourceInterpreterCustomization,
    fields: scripts(health, { apiVersion: "b/v1", kind: "B" }),
    says: "conflicting with InterpreterOperation(InterpretHealth) of existing ResourceInterpreterCustomization(old)",
  },
  {
    name: "dependencies, which are united",
    kind: ResourceInterpreterCustomization,
    fields: scripts(dependencies, { apiVersion: "b/v1", kind: "B" }),
    says: "admitted",
  },
  {
    name: "taints that evict must be allowed by an administrator",
    kind: ClusterTaintPolicy,
    fields: { spec: noExecute },
    says: /^spec\.taints\[0\]: Forbidden: Configuring taint with NoExecute effect is not allowed/,
  },
  {
    name: "a taint is named once",
    kind: ClusterTaintPolicy,
    fields: { spec: { taints: [1, 2].map(() => ({ key: "k", effect: "NoSchedule" })) } },
    says: 'spec.taints[1]: Duplicate value: "Duplicate taint with the same key(k) and effect(NoSchedule) is not allowed"',
  },
  {
    name: "shares stay within the quota",
    kind: FederatedResourceQuota,
    fields: {
      spec: {
        overall: { cpu: "3" },
        staticAssignments: ["m1", "m2"].map((clusterName) => ({ clusterName, hard: { cpu: 2 } })),
      },
    },
    says: 'spec.overall[cpu]: Invalid value: "3": overall is less than assignments',
  },
  {
    name: "shares are of what the quota names",
    kind: FederatedResourceQuota,
    fields: { spec: { overall: { cpu: 1 }, staticAssignments: [{ clusterName: "m1", hard: { memory: "1Gi" } }] } },
    says: /staticAssignments\[0\]\.hard\[memory\]: .*assignment resourceName is not exist in overall$/,
  },
  {
    name: "objects are counted whole, and resources are known ones",
    kind: FederatedResourceQuota,
    fields: { spec: { overall: { pods: "500m", gold: "1", "count/jobs.batch": 4 } } },
    says:
      '[spec.overall[pods]: Invalid value: "500m": must be an integer, ' +
      'spec.overall[gold]: Invalid value: "gold": must be a standard resource for quota]',
  },
  {
    name: "an interpreter webhook is complete",
    kind: ResourceInterpreterWebhookConfiguration,
    fields: { webhooks: [{ name: "example", clientConfig: {}, interpreterContextVersions: [] }] },
    says:
      '[webhooks[0].name: Invalid value: "example": should be a domain with at least two segments separated by dots, ' +
      "webhooks[0].clientConfig: Required value: exactly one of url or service is required, " +
      "webhooks[0].interpreterContextVersions: Required value: must specify one of v1alpha1]",
  },
  {
    name: "an interpreter webhook's rules say all or name some",
    kind: ResourceInterpreterWebhookConfiguration,
    fields: { webhooks: [{ ...webhook, rules: [{ ...wildcard, kinds: ["*", "Pod"], operations: ["Guess"] }] }] },
    says: /Unsupported value: "Guess": supported values: .*if '\*' is present, must not specify other kinds/,
  },
  {
    name: "a good interpreter webhook",
    kind: ResourceInterpreterWebhookConfiguration,
    fields: { webhooks: [webhook] },
    says: "admitted",
  },
  {
    name: "an interpreter is asked over HTTPS",
    kind: ResourceInterpreterWebhookConfiguration,
    fields: { webhooks: [{ ...webhook, clientConfig: { url: "http://a.example.com?q=1" } }] },
    says: /'https' is the only allowed URL scheme.*query parameters are not permitted in the URL/,
  },
  {
    name: "an autoscaler has sensible bounds",
    kind: FederatedHPA,
    fields: { spec: { ...hpaTarget, minReplicas: 4 } },
    says: "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`",
  },
  {
    name: "an autoscaler measures what members have",
    kind: FederatedHPA,
    fields: { spec: { ...hpaTarget, metrics: [{ type: "External" }] } },
    says: /^spec\.metrics\[0\]\.type: Unsupported value: "External": supported values: "ContainerResource", "Object", "Pods", "Resource"$/,
  },
  {
    name: "a metric fills in the source that it names",
    kind: FederatedHPA,
    fields: {
      spec: { ...hpaTarget, metrics: [{ type: "Pods", resource: { name: "cpu", target: { type: "Utilization" } } }] },
    },
    says: /target\.averageUtilization: Required value: must set either.*pods: Required value: must populate.*resource: Forbidden/,
  },
  {
    name: "scaling has a speed",
    kind: FederatedHPA,
    fields: {
      spec: {
        ...hpaTarget,
        behavior: { scaleDown: { policies: [{ type: "Pods", value: 0, periodSeconds: 2000 }] } },
      },
    },
    says: /value: Invalid value: 0: must be greater than zero.*periodSeconds: .*less than or equal to 1800/,
  },
  {
    name: "only FederatedHPAs of the group are scaled by time",
    kind: CronFederatedHPA,
    fields: { spec: { scaleTargetRef: { ...cronTarget, kind: "Other" }, rules: [rule] } },
    says: /scaleTargetRef\.kind: .*invalid scaleTargetRef kind: Other, only support FederatedHPA$/,
  },
  {
    name: "times are understood",
    kind: CronFederatedHPA,
    fields: {
      spec: {
        scaleTargetRef: cronTarget,
        rules: [{ name: "r", schedule: "every day", timeZone: "Europe/Atlantis", targetMinReplicas: 1 }],
      },
    },
    says:
      '[spec.rules[0].schedule: Invalid value: "every day": invalid cron format, ' +
      'spec.rules[0].timeZone: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis]',
  },
  {
    name: "a rule says how many",
    kind: CronFederatedHPA,
    fields: { spec: { scaleTargetRef: cronTarget, rules: [rule, { ...rule, targetMinReplicas: 1 }] } },
    says: /targetMaxReplicas: .*cannot be nil at the same time.*rules\[1\]\.name: Duplicate value: "day"/,
  },
  {
    name: "a rule for a workload says how many",
    kind: CronFederatedHPA,
    fields: { spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "n" }, rules: [rule] } },
    says: /targetReplicas: .*targetReplicas cannot be nil if you want to scale Deployment$/,
  },
  {
    name: "an ingress leads somewhere",
    kind: MultiClusterIngress,
    fields: { spec: {} },
    says: /^spec: Invalid value: .*either `defaultBackend` or `rules` must be specified$/,
  },
  {
    name: "a service is of one type, with good ports and clusters",
    kind: MultiClusterService,
    fields: {
      spec: {
        types: ["CrossCluster", "Tunnel"],
        ports: [{ name: "web", port: 0 }],
        consumerClusters: [{ name: "M_1" }],
      },
    },
    says: /port: Invalid value: 0.*more than one type.*types\[1\]: .*ExposureType Error.*range\.consumerClusters\[0\]/,
  },
  {
    name: "a service keeps its type",
    kind: MultiClusterService,
    fields: { spec: { types: ["LoadBalancer"] } },
    old: { spec: { types: ["CrossCluster"] } },
    says: 'spec.types: Invalid value: ["LoadBalancer"]: MultiClusterService types are immutable',
  },
];

for (const { name, kind, fields, old, says } of cases) {
  test(`${kind.kind}: ${name}`, async () => {
    const text = await refusal(kind, fields, old);
    if (typeof says === "string") assert.equal(text, says);
    else assert.match(text, says);
  });
}

test("an administrator can allow taints that evict", async () => {
  await admit(ClusterTaintPolicy, { spec: noExecute }, undefined, true);
});

test("a MultiClusterService gets an id and keeps it", async () => {
  const fields = { spec: { types: ["CrossCluster"] } };
  const label = "multiclusterservice.karmada.io/permanent-id";
  assert.deepEqual((await admit(MultiClusterService, fields)).metadata.labels, { [label]: "uuid-1" });
  const metadata = { name: "x", labels: { [label]: "kept" } };
  assert.deepEqual((await admit(MultiClusterService, { ...fields, metadata })).metadata.labels, { [label]: "kept" });
});

test("a FederatedHPA has the defaults of an autoscaler", async () => {
  const { spec } = await admit(FederatedHPA, {
    spec: { ...hpaTarget, behavior: { scaleUp: { selectPolicy: "Min" } } },
  });
  assert.deepEqual(spec, {
    ...hpaTarget,
    minReplicas: 1,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }],
    behavior: {
      scaleUp: {
        selectPolicy: "Min",
        stabilizationWindowSeconds: 0,
        policies: [
          { type: "Pods", value: 4, periodSeconds: 15 },
          { type: "Percent", value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] },
    },
  });
});
