// Which operations on which kinds a change of users' rules concerns.
import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import type { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import type { GroupVersionKind } from "#machinery/object.ts";
import { operations } from "./interpretation.ts";
import { customizationChange, type RuleChange, webhookChange } from "./rule-change.ts";

const widget: GroupVersionKind = { group: "example.com", version: "v1", kind: "Widget" };
const gadget: GroupVersionKind = { ...widget, kind: "Gadget" };
const newer: GroupVersionKind = { ...widget, version: "v2" };

function concerned(change: RuleChange): Record<string, readonly string[]> {
  const kinds = { widget, gadget, newer };
  const found = Object.entries(kinds).map(([name, kind]) => [name, operations.filter((each) => change(each, kind))]);
  return Object.fromEntries(found.filter(([, list]) => (list?.length ?? 0) > 0)) as Record<string, readonly string[]>;
}

function customization(health: string, kind = "Widget", status?: string): ResourceInterpreterCustomization {
  return {
    apiVersion: "config.karmada.io/v1alpha1",
    kind: "ResourceInterpreterCustomization",
    metadata: { name: "c" },
    spec: {
      target: { apiVersion: "example.com/v1", kind },
      customizations: {
        healthInterpretation: { luaScript: health },
        ...(status === undefined ? {} : { statusReflection: { luaScript: status } }),
      },
    },
  };
}

for (const { name, now, old, expected } of [
  {
    name: "one that comes or goes",
    now: customization("a"),
    old: undefined,
    expected: { widget: ["interpretHealth"] },
  },
  { name: "the same scripts", now: customization("a"), old: customization("a"), expected: {} },
  {
    name: "another script",
    now: customization("a"),
    old: customization("b"),
    expected: { widget: ["interpretHealth"] },
  },
  {
    name: "one script more",
    now: customization("a", "Widget", "s"),
    old: customization("a"),
    expected: { widget: ["reflectStatus"] },
  },
  {
    name: "another kind",
    now: customization("a"),
    old: customization("a", "Gadget"),
    expected: { widget: ["interpretHealth"], gadget: ["interpretHealth"] },
  },
]) {
  test(`customization: ${name}`, () => {
    assert.deepEqual(concerned(customizationChange(now, old)), expected);
  });
}

function configuration(
  ...rules: readonly { operations: string[]; kinds: string[]; url?: string }[]
): ResourceInterpreterWebhookConfiguration {
  return {
    apiVersion: "config.karmada.io/v1alpha1",
    kind: "ResourceInterpreterWebhookConfiguration",
    metadata: { name: "w" },
    webhooks: rules.map(({ url = "https://a", ...rule }, index) => ({
      name: `w${String(index)}.example.com`,
      clientConfig: { url },
      rules: [{ ...rule, apiGroups: ["example.com"], apiVersions: ["v1"] }],
      interpreterContextVersions: ["v1alpha1"],
    })),
  };
}

const retains = { operations: ["Retain"], kinds: ["Widget"] };

for (const { name, now, old, expected } of [
  { name: "one that comes or goes", now: configuration(retains), old: undefined, expected: { widget: ["retain"] } },
  { name: "the same", now: configuration(retains), old: configuration(retains), expected: {} },
  {
    name: "asked elsewhere",
    now: configuration({ ...retains, url: "https://b" }),
    old: configuration(retains),
    expected: { widget: ["retain"] },
  },
  {
    name: "any operation, any kind",
    now: configuration({ operations: ["*"], kinds: ["*"] }),
    old: undefined,
    expected: { widget: operations, gadget: operations },
  },
  {
    name: "a second one that is not asked",
    now: configuration(retains, retains),
    old: configuration(retains),
    expected: {},
  },
]) {
  test(`webhook configuration: ${name}`, () => {
    assert.deepEqual(concerned(webhookChange(now, old)), expected);
  });
}
