// What interpreting costs: 10,000 calls of each operation on a Deployment of 4 KB, by what ships and by scripts in Lua.
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { customizationSource } from "#interpreter/customized/customization-source.ts";
import { givenCustomizations } from "#interpreter/customized/customizations.ts";
import { quickScripts, thoroughScripts } from "#interpreter/customized/script-engine.ts";
import { createInterpreter, type Interpreter } from "#interpreter/interpreter.ts";
import type { KubeObject } from "#machinery/object.ts";
import { silentLogger } from "#std/logger.ts";
import { systemClock } from "#std/time.ts";

const calls = 10_000;
const warmUpCalls = 2_000;

const container = (name: string): object => ({
  name,
  image: `registry.example.com/shop/${name}:1.27.3`,
  ports: [{ containerPort: 8080, protocol: "TCP", name: "http" }],
  env: Array.from({ length: 12 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `some value of setting ${index}`,
  })),
  envFrom: [{ configMapRef: { name: `${name}-settings` } }, { secretRef: { name: `${name}-secret` } }],
  resources: { requests: { cpu: "250m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  volumeMounts: [{ name: "data", mountPath: "/var/lib/data" }],
  readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, initialDelaySeconds: 5, periodSeconds: 10 },
});
const counters = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 4 };
const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "shop",
    namespace: "default",
    uid: "6f1d5a2e-8a4e-4ba5-8f5e-0d7f3c1f2a10",
    generation: 4,
    labels: { app: "shop", tier: "front", "app.kubernetes.io/part-of": "shop" },
    annotations: { "resourcetemplate.karmada.io/generation": "4", "example.com/notes": "x".repeat(900) },
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "shop" } },
    template: {
      metadata: { labels: { app: "shop" } },
      spec: {
        nodeSelector: { disk: "ssd" },
        serviceAccountName: "shop",
        containers: [container("web"), container("log")],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    },
  },
  status: counters,
};
const items = ["m1", "m2", "m3"].map((clusterName) => ({
  clusterName,
  applied: true,
  status: { ...counters, generation: 4, resourceTemplateGeneration: 4 },
}));

const scripts = {
  replicaResource: `local kube = require("kube")
function GetReplicas(obj)
  return obj.spec.replicas, kube.accuratePodRequirements(obj.spec.template)
end`,
  replicaRevision: "function ReviseReplica(obj, desired) obj.spec.replicas = desired return obj end",
  healthInterpretation: `function InterpretHealth(obj)
  if obj.status.observedGeneration ~= obj.metadata.generation then return false end
  if obj.status.updatedReplicas < obj.spec.replicas then return false end
  return obj.status.availableReplicas >= obj.status.updatedReplicas
end`,
  statusReflection: `function ReflectStatus(obj)
  local status = obj.status
  return { replicas = status.replicas, readyReplicas = status.readyReplicas, generation = obj.metadata.generation }
end`,
  statusAggregation: `function AggregateStatus(obj, items)
  local replicas, ready = 0, 0
  for i = 1, #items do
    replicas = replicas + (items[i].status.replicas or 0)
    ready = ready + (items[i].status.readyReplicas or 0)
  end
  obj.status = { replicas = replicas, readyReplicas = ready }
  return obj
end`,
  dependencyInterpretation: `local kube = require("kube")
function GetDependencies(obj) return kube.getPodDependencies(obj.spec.template, obj.metadata.namespace) end`,
};

const customization: ResourceInterpreterCustomization = {
  apiVersion: "config.karmada.io/v1alpha1",
  kind: ResourceInterpreterCustomization.kind,
  metadata: { name: "bench" },
  spec: {
    target: { apiVersion: "apps/v1", kind: "Deployment" },
    customizations: Object.fromEntries(
      Object.entries(scripts).map(([field, luaScript]) => [field, { luaScript }] as const),
    ),
  },
};

const operations: Readonly<Record<string, (interpreter: Interpreter) => Promise<unknown>>> = {
  replicas: (interpreter) => interpreter.getReplicas(deployment),
  "revise replicas": (interpreter) => interpreter.reviseReplica(deployment, 2),
  health: (interpreter) => interpreter.interpretHealth(deployment),
  "reflect status": (interpreter) => interpreter.reflectStatus(deployment),
  "aggregate status of 3": (interpreter) => interpreter.aggregateStatus(deployment, items),
  dependencies: (interpreter) => interpreter.getDependencies(deployment),
};

export interface InterpreterCost {
  /** `native: health`. */
  readonly what: string;
  /** Processor time of 10,000 calls. */
  readonly milliseconds: number;
}

/** Processor time of 10,000 calls of each operation. */
export async function interpreterCosts(): Promise<readonly InterpreterCost[]> {
  const engine = quickScripts(systemClock, thoroughScripts(systemClock));
  const source = customizationSource(givenCustomizations([customization]), { engine, log: silentLogger });
  const interpreters = {
    native: createInterpreter({ clock: systemClock }),
    Lua: createInterpreter({ clock: systemClock, sources: [source] }),
  };
  const costs: InterpreterCost[] = [];
  for (const [kind, interpreter] of Object.entries(interpreters)) {
    for (const [name, run] of Object.entries(operations)) {
      for (let index = 0; index < warmUpCalls; index++) await run(interpreter);
      const before = process.cpuUsage();
      for (let index = 0; index < calls; index++) await run(interpreter);
      const { user, system } = process.cpuUsage(before);
      costs.push({ what: `${kind}: ${name}`, milliseconds: (user + system) / 1_000 });
    }
  }
  return costs;
}
