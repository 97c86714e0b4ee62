import assert from "node:assert/strict";
import test from "node:test";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { silentLogger } from "#std/logger.ts";
import { systemClock } from "#std/time.ts";
import { createInterpreter, type Interpreter } from "../interpreter.ts";
import { customizationSource } from "./customization-source.ts";
import { givenCustomizations } from "./customizations.ts";
import { quickScripts, thoroughScripts } from "./script-engine.ts";

type Rules = Readonly<Record<string, string>>;

function customization(
  name: string,
  rules: Rules,
  target = { apiVersion: "example.com/v1", kind: "Widget" },
): ResourceInterpreterCustomization {
  return {
    apiVersion: "config.karmada.io/v1alpha1",
    kind: ResourceInterpreterCustomization.kind,
    metadata: { name },
    spec: {
      target,
      customizations: Object.fromEntries(Object.entries(rules).map(([field, luaScript]) => [field, { luaScript }])),
    },
  };
}

function interpreterWith(...customizations: readonly ResourceInterpreterCustomization[]): Interpreter {
  const clock = { ...systemClock, monotonic: () => 0 };
  const engine = quickScripts(clock, thoroughScripts(clock));
  const source = customizationSource(givenCustomizations(customizations), { engine, log: silentLogger });
  return createInterpreter({ clock: systemClock, sources: [source] });
}

const spec = {
  replicas: 4,
  paused: true,
  empty: {},
  none: [],
  template: {
    spec: {
      nodeSelector: { disk: "ssd" },
      containers: [
        {
          name: "c",
          resources: { requests: { cpu: "250m", memory: "1Gi" } },
          envFrom: [{ configMapRef: { name: "settings" } }],
        },
      ],
    },
  },
};

const widget: KubeObject = {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w", namespace: "shop", generation: 3, annotations: {} },
  spec,
  status: { readyReplicas: 4, phase: "Grün" },
};

const replicas = `
local kube = require("kube")
function GetReplicas(obj)
  return obj.spec.replicas, kube.accuratePodRequirements(obj.spec.template)
end`;

test("replicas and what each asks for", async () => {
  const interpreter = interpreterWith(customization("a", { replicaResource: replicas }));
  assert.deepEqual([...interpreter.hooks({ group: "example.com", version: "v1", kind: "Widget" })].toSorted(), [
    "getReplicas",
    "reflectStatus",
  ]);
  assert.deepEqual(await interpreter.getReplicas(widget), {
    replicas: 4,
    requirements: {
      nodeClaim: { nodeSelector: { disk: "ssd" } },
      resourceRequest: { cpu: "250m", memory: "1Gi" },
    },
  });
});

test("a revised object keeps what was empty and shares what was not touched", async () => {
  const interpreter = interpreterWith(
    customization("a", {
      replicaRevision:
        "function ReviseReplica(obj, desired) obj.spec.replicas = desired obj.spec.new = {} return obj end",
    }),
  );
  const revised = await interpreter.reviseReplica(widget, 2);
  assert.deepEqual(revised, { ...widget, spec: { ...spec, replicas: 2 } });
  assert.equal(revised.metadata, widget.metadata);
  assert.equal(fieldOf(revised, "spec", "template"), spec.template);
  assert.equal(fieldOf(widget, "spec", "replicas"), 4);
});

test("a script that changes nothing gives the object itself", async () => {
  const rules = {
    replicaRevision: "function ReviseReplica(obj) for k, v in pairs(obj.spec) do print(k) end return obj end",
  };
  assert.equal(await interpreterWith(customization("a", rules)).reviseReplica(widget, 2), widget);
});

test("retention sees both objects", async () => {
  const interpreter = interpreterWith(
    customization("a", {
      retention: "function Retain(desired, observed) desired.spec.paused = observed.spec.paused return desired end",
    }),
  );
  const observed: KubeObject = { ...widget, spec: { paused: false } };
  assert.equal(fieldOf(await interpreter.retain(widget, observed), "spec", "paused"), false);
});

test("statuses are reflected and aggregated, and empty tables are left out", async () => {
  const interpreter = interpreterWith(
    customization("a", {
      statusReflection:
        "function ReflectStatus(obj) if obj.status == nil then return {} end " +
        "return { ready = obj.status.readyReplicas, phase = obj.status.phase, conditions = {}, gen = obj.metadata.generation } end",
      statusAggregation: `
        function AggregateStatus(obj, items)
          if items == nil then obj.status = { ready = 0 } return obj end
          local sum = 0
          for i = 1, #items do
            if items[i].status ~= nil then sum = sum + items[i].status.ready end
          end
          obj.status = { ready = sum, extra = {} }
          return obj
        end`,
    }),
  );
  assert.deepEqual(await interpreter.reflectStatus(widget), { ready: 4, phase: "Grün", gen: 3 });
  assert.deepEqual(await interpreter.reflectStatus({ ...widget, status: undefined }), {});
  const items = [
    { clusterName: "m1", status: { ready: 1 } },
    { clusterName: "m2" },
    { clusterName: "m3", status: { ready: 2 } },
  ];
  const aggregated = await interpreter.aggregateStatus(widget, items);
  assert.deepEqual(aggregated["status"], { ready: 3 });
  assert.equal(await interpreter.aggregateStatus(aggregated, items), aggregated);
  assert.deepEqual((await interpreter.aggregateStatus(widget, undefined))["status"], { ready: 0 });
});

test("dependencies of several customizations are united, each once and in order", async () => {
  const script = (name: string): string =>
    `function GetDependencies(obj)
       return { { apiVersion = "v1", kind = "Secret", namespace = obj.metadata.namespace, name = "${name}" },
                { apiVersion = "v1", kind = "ConfigMap", name = "shared" } }
     end`;
  const interpreter = interpreterWith(
    customization("z", { dependencyInterpretation: script("b") }),
    customization("a", { dependencyInterpretation: script("c") }),
  );
  assert.deepEqual(await interpreter.getDependencies(widget), [
    { apiVersion: "v1", kind: "ConfigMap", name: "shared" },
    { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "b" },
    { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "c" },
  ]);
});

test("of two for one operation the one whose name comes first counts", async () => {
  const always = (value: string): Rules => ({ healthInterpretation: `function InterpretHealth() return ${value} end` });
  const interpreter = interpreterWith(customization("b", always("true")), customization("a", always("false")));
  assert.equal(await interpreter.interpretHealth(widget), false);
});

test("components", async () => {
  const interpreter = interpreterWith(
    customization("a", {
      componentResource: `local kube = require("kube")
        function GetComponents(obj)
          return { { name = "main", replicas = 2, replicaRequirements = kube.accuratePodRequirements(obj.spec.template) } }
        end`,
    }),
  );
  const [component] = await interpreter.getComponents(widget);
  assert.equal(component?.replicas, 2);
  assert.deepEqual(component.replicaRequirements?.resourceRequest, { cpu: "250m", memory: "1Gi" });
});

test("customizations come before what ships with Karmada", async () => {
  const script = { healthInterpretation: "function InterpretHealth(obj) return obj.metadata.name == 'w' end" };
  const target = { apiVersion: "apps/v1", kind: "Deployment" };
  const deployment: KubeObject = { ...widget, ...target };
  assert.equal(await interpreterWith(customization("a", script, target)).interpretHealth(deployment), true);
  await assert.rejects(
    interpreterWith(customization("a", { healthInterpretation: "syntax error" }, target)).interpretHealth(deployment),
  );
});

for (const { name, rule, message } of [
  {
    name: "a missing field",
    rule: "function InterpretHealth(obj)\n  return obj.status.conditions[1].ok\nend",
    message: "line 2: attempt to index field 'conditions' (a nil value)",
  },
  { name: "no function", rule: "local x = 1", message: "not found function InterpretHealth" },
  { name: "no such function", rule: "InterpretHealth = 1", message: "InterpretHealth is not a function: number" },
  { name: "no boolean", rule: "function InterpretHealth() return 1 end", message: "result type number is not bool" },
  {
    name: "no script",
    rule: "function InterpretHealth(",
    message: "line 1: <name> or '...' expected near '<eof>'",
  },
  {
    name: "an endless loop",
    rule: "function InterpretHealth()\n\n  while true do end\nend",
    message: "line 3: the script needs more than 5000000 steps",
  },
  { name: "a raised text", rule: "function InterpretHealth()\n error('no luck') end", message: "line 2: no luck" },
  {
    name: "a function that the sandbox takes away",
    rule: "function InterpretHealth()\n return setmetatable({}, {}) end",
    message: "line 2: call function setmetatable is not supported in karmada customized resourceinterpreter.",
  },
]) {
  test(`the error of ${name} names customization, operation and line`, async () => {
    const interpreter = interpreterWith(customization("my-widgets", { healthInterpretation: rule }));
    await assert.rejects(interpreter.interpretHealth(widget), {
      message: `ResourceInterpreterCustomization(my-widgets) InterpretHealth script: ${message}`,
    });
  });
}
