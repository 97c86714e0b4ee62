import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuota } from "#api/kinds.ts";
import { requestsOf } from "../estimate/free.ts";
import { timesInQuotas } from "./by-quota.ts";

const quota = (
  hard: Record<string, string>,
  used: Record<string, string> = {},
  spec: ResourceQuota["spec"] = {},
): ResourceQuota => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "q", namespace: "a" },
  spec: { hard, ...spec },
  status: { hard, used },
});
const asked = requestsOf({ cpu: "500m", "nvidia.com/gpu": "1" });
const priority = (operator: string, values: readonly string[] = []): ResourceQuota["spec"] => ({
  scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, values: [...values] }] },
});

for (const { name, quotas, priorityClass, times } of [
  { name: "none", quotas: [], priorityClass: "", times: Infinity },
  { name: "plain and requests", quotas: [quota({ cpu: "4", "requests.cpu": "3" })], priorityClass: "", times: 6 },
  { name: "less what is used", quotas: [quota({ cpu: "4" }, { cpu: "3" })], priorityClass: "", times: 2 },
  { name: "used up", quotas: [quota({ cpu: "4" }, { cpu: "5" })], priorityClass: "", times: 0 },
  {
    name: "extended resources by their request",
    quotas: [quota({ "requests.nvidia.com/gpu": "3" })],
    priorityClass: "",
    times: 3,
  },
  {
    name: "what is not asked for",
    quotas: [quota({ pods: "0", memory: "0", "limits.cpu": "0" })],
    priorityClass: "",
    times: Infinity,
  },
  { name: "the tightest", quotas: [quota({ cpu: "4" }), quota({ cpu: "1" })], priorityClass: "", times: 2 },
  {
    name: "of its class",
    quotas: [quota({ cpu: "1" }, {}, priority("In", ["high"]))],
    priorityClass: "high",
    times: 2,
  },
  {
    name: "of another class",
    quotas: [quota({ cpu: "1" }, {}, priority("In", ["high"]))],
    priorityClass: "low",
    times: Infinity,
  },
  {
    name: "not of a class",
    quotas: [quota({ cpu: "1" }, {}, priority("NotIn", ["high"]))],
    priorityClass: "low",
    times: 2,
  },
  { name: "of any class", quotas: [quota({ cpu: "1" }, {}, priority("Exists"))], priorityClass: "", times: Infinity },
  {
    name: "for pods that end",
    quotas: [quota({ cpu: "1" }, {}, { scopes: ["Terminating"] })],
    priorityClass: "",
    times: Infinity,
  },
  {
    name: "for pods that do not",
    quotas: [quota({ cpu: "1" }, {}, { scopes: ["NotTerminating"] })],
    priorityClass: "",
    times: 2,
  },
]) {
  test(`timesInQuotas: ${name}`, () => {
    assert.equal(timesInQuotas(quotas, asked, priorityClass), times);
  });
}
