// Every construct and library call that the scripts of Karmada's documentation and of the kinds that it ships with use, in
// scripts of ours. The pages, at karmada.io/docs:
// - userguide/globalview/customizing-resource-interpreter (guide)
// - reference/karmadactl/karmadactl-usage-conventions (conventions)
// - reference/karmada-api/config-resources/resource-interpreter-customization-v1alpha1 (nothing that the guide does not use; it
//   prints [] where its scripts mean {})
// and the customizations in karmada's pkg/resourceinterpreter/default/thirdparty/resourcecustomizations (shipped).
import assert from "node:assert/strict";
import test from "node:test";
import { systemClock } from "#std/time.ts";
import { runScript } from "./run-script.ts";

type Page = "guide" | "conventions" | "shipped";

const pod = {
  spec: {
    serviceAccountName: "builder",
    containers: [
      {
        name: "c",
        resources: { limits: { cpu: "500m", memory: "1Gi" } },
        envFrom: [{ configMapRef: { name: "env" } }],
      },
    ],
  },
};
const object = {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w", namespace: "shop", generation: 4, labels: { "example.com/keep": "true" } },
  spec: { replicas: 3, paused: true, template: pod, parts: [{ name: "a", replicas: 2 }, { name: "b" }], jvm: "Java" },
  status: {
    replicas: 3,
    observedGeneration: 4,
    conditions: [
      { type: "Ready", status: "True", reason: "Succeeded", message: "m" },
      { type: "Synced", status: "False", reason: "Waiting", message: "n" },
    ],
  },
};
const items = [
  {
    clusterName: "m1",
    status: { ready: true, replicas: 1, conditions: [{ type: "Ready", status: "True", message: "x" }] },
  },
  { clusterName: "m2", status: { replicas: 2, conditions: [{ type: "Ready", status: "True", message: "y" }] } },
  { clusterName: "m3" },
];

const constructs: readonly {
  readonly name: string;
  readonly pages: readonly Page[];
  /** The body of a function of `obj`, `items` and `number`. */
  readonly body: string;
  readonly results: readonly unknown[];
}[] = [
  {
    name: "comments, a global as a result, two results",
    pages: ["guide", "conventions"],
    body: "-- how many\nreplica = obj.spec.replicas\nrequires = nil\nreturn replica, requires",
    results: [3, undefined],
  },
  {
    name: 'require("kube") and kube.accuratePodRequirements',
    pages: ["guide", "conventions", "shipped"],
    body: 'local kube = require("kube")\nreturn kube.accuratePodRequirements(obj.spec.template)',
    results: [{ resourceRequest: { cpu: "500m", memory: "1Gi" } }],
  },
  {
    name: "an argument set in the object",
    pages: ["guide", "conventions", "shipped"],
    body: "obj.spec.replicas = number\nreturn obj.spec",
    results: [{ ...object.spec, replicas: 7 }],
  },
  {
    name: "nil, ~=, and, or, not, true, false",
    pages: ["guide", "shipped"],
    body: "return obj.none == nil, obj.spec ~= nil and obj.spec.paused, obj.spec.size or 1, not obj.spec.paused, nil == false",
    results: [true, true, 1, false, false],
  },
  {
    name: "fields by texts in brackets and by variables",
    pages: ["guide", "shipped"],
    body: "local key = 'replicas'\nreturn obj.metadata.labels[\"example.com/keep\"] == \"true\", obj.spec[key], obj['kind']",
    results: [true, 3, "Widget"],
  },
  {
    name: "if, elseif, else",
    pages: ["guide", "shipped"],
    body: "if obj.spec.replicas == 1 then return 'one' elseif obj.spec.replicas == 3 then return 'three' else return 'many' end",
    results: ["three"],
  },
  {
    name: "counting loops over lists, # and nested ones, break",
    pages: ["guide", "shipped"],
    body: `
      local found = 0
      for i = 1, #items do
        if items[i].status ~= nil then
          for j = 1, #items[i].status.conditions do
            if items[i].status.conditions[j].type == 'Ready' then found = found + 1 break end
          end
        end
      end
      return found`,
    results: [2],
  },
  {
    name: "pairs, ipairs, table.insert, table constructors",
    pages: ["guide", "shipped"],
    body: `
      local names, list = {}, {}
      for _, part in ipairs(obj.spec.parts) do names[part.name] = true end
      for key, value in pairs(names) do table.insert(list, { name = key, used = value }) end
      list[#list + 1] = { ['name'] = 'c'; used = false }
      return list`,
    results: [
      [
        { name: "a", used: true },
        { name: "b", used: true },
        { name: "c", used: false },
      ],
    ],
  },
  {
    name: "conditions of several members as one, with .. and a local function",
    pages: ["guide", "shipped"],
    body: `
      local function merge(list, condition, cluster)
        for i = 1, #list do
          if list[i].type == condition.type and list[i].status == condition.status then
            list[i].message = list[i].message .. ", " .. cluster .. "=" .. condition.message
            return
          end
        end
        condition.message = cluster .. "=" .. condition.message
        table.insert(list, condition)
      end
      local conditions = {}
      for i = 1, #items do
        local current = items[i].status
        if current ~= nil and current.conditions ~= nil then
          for _, condition in ipairs(current.conditions) do merge(conditions, condition, items[i].clusterName) end
        end
      end
      return conditions`,
    results: [[{ type: "Ready", status: "True", message: "m1=x, m2=y" }]],
  },
  {
    name: "the last element removed, an element put first",
    pages: ["shipped"],
    body: "local t = { 1, 2, 3 } t[#t] = nil table.insert(t, 1, 0) return t",
    results: [[0, 1, 2]],
  },
  {
    name: "next as a test for emptiness",
    pages: ["shipped"],
    body: "return next({}) == nil, next(obj.spec) ~= nil",
    results: [true, true],
  },
  {
    name: "type, tonumber, tostring",
    pages: ["shipped"],
    body: "return type(obj), type(obj.none), tonumber('12'), tonumber('1.5'), tonumber('x'), tostring(3), tostring(1.5)",
    results: ["table", "nil", 12, 1.5, undefined, "3", "1.5"],
  },
  {
    name: "math.ceil, math.floor, math.max, %, ^",
    pages: ["shipped"],
    body: "return math.ceil(5 / 2), math.floor(2.5 + 0.5), math.max(1, 3, 2), 7 % 3, 1024 ^ 2",
    results: [3, 3, 3, 1, 1_048_576],
  },
  {
    name: "string.lower, :lower(), string.find, string.format",
    pages: ["shipped"],
    body: `return string.lower(obj.spec.jvm), obj.spec.jvm:lower() == 'java', string.find('ErrImagePull: x', 'ImagePull') ~= nil,
      string.format('%f', 1.5) .. 'Gi'`,
    results: ["java", true, true, "1.500000Gi"],
  },
  {
    name: ":match(), string.gmatch",
    pages: ["shipped"],
    body: `
      local amount, unit = ('512m'):match('^(%d+%.?%d*)(%a*)$')
      local sum = 0
      for part in string.gmatch('1h2m3s', '%d+') do sum = sum + tonumber(part) end
      return tonumber(amount), unit, sum`,
    results: [512, "m", 6],
  },
  {
    name: "table.concat",
    pages: ["shipped"],
    body: "return table.concat({ 'm1', 'm2' }, ', ')",
    results: ["m1, m2"],
  },
  {
    name: "os.date",
    pages: ["shipped"],
    body: "return os.date('!%Y-%m-%dT%H:%M:%SZ') > '2000', os.date('!%Y-%m-%dT%H:%M:%SZ', 0)",
    results: [true, "1970-01-01T00:00:00Z"],
  },
  {
    name: "kube.getPodDependencies",
    pages: ["guide", "conventions", "shipped"],
    body: "local kube = require('kube')\nreturn kube.getPodDependencies(obj.spec.template, obj.metadata.namespace)",
    results: [
      [
        { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "env" },
        { apiVersion: "v1", kind: "ServiceAccount", namespace: "shop", name: "builder" },
      ],
    ],
  },
  {
    name: "kube.getResourceQuantity, kube.resourceAdd",
    pages: ["shipped"],
    body: `
      local kube = require('kube')
      return kube.getResourceQuantity('500m'), kube.getResourceQuantity('1Ki'), kube.resourceAdd('500m', '1', nil),
        kube.resourceAdd('1Gi', '512Mi')`,
    results: [0.5, 1024, "1500m", "1536Mi"],
  },
  {
    name: "a recursive local function, with what it has seen",
    pages: ["shipped"],
    body: `
      local function clone(value, seen)
        if type(value) ~= 'table' then return value end
        if seen[value] then return nil end
        seen[value] = true
        local out = {}
        for k, v in pairs(value) do out[k] = clone(v, seen) end
        seen[value] = nil
        return out
      end
      return clone(obj.spec.template, {})`,
    results: [pod],
  },
  {
    name: "a path of names, a default, a while loop",
    pages: ["shipped"],
    body: `
      local function get(from, path)
        local current = from
        for i = 1, #path do
          if current == nil then return nil end
          current = current[path[i]]
        end
        return current
      end
      local n = 0
      while n < 3 do n = n + 1 end
      return get(obj, { 'spec', 'template', 'spec', 'serviceAccountName' }), get(obj, { 'no', 'such' }), n`,
    results: ["builder", undefined, 3],
  },
  {
    name: "a number added up from what may be missing",
    pages: ["guide", "shipped"],
    body: `
      local replicas = 0
      for i = 1, #items do replicas = replicas + ((items[i].status or {}).replicas or 0) end
      return { apiVersion = obj.apiVersion, status = { replicas = replicas } }`,
    results: [{ apiVersion: "example.com/v1", status: { replicas: 3 } }],
  },
];

for (const { name, pages, body, results } of constructs) {
  test(`scripts use ${name} (${pages.join(", ")})`, () => {
    const call = {
      ...{ customization: "c", operation: "o", functionName: "F", keepsEmpty: false },
      script: `function F (obj, items, number)\n${body}\nend`,
      args: structuredClone([object, items, 7]),
    };
    const environment = {
      limits: { steps: 20_000, bytes: 1_048_576 },
      now: () => systemClock.now(),
      print: () => undefined,
    };
    assert.deepEqual(runScript(call, environment), results);
  });
}
