import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CustomResourceDefinition, ValidatingAdmissionPolicy } from "#api/kinds.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { admissionPolicyStatus } from "./controller.ts";

type Spec = ValidatingAdmissionPolicy["spec"];

const rule = (apiGroups: readonly string[], apiVersions: readonly string[], resources: readonly string[]) => ({
  matchConstraints: { resourceRules: [{ operations: ["CREATE"], apiGroups, apiVersions, resources }] },
});
const deployments = rule(["apps"], ["v1"], ["deployments"]);

const definition: CustomResourceDefinition["spec"] = {
  group: "example.com",
  names: { plural: "widgets", kind: "Widget" },
  scope: "Namespaced",
  versions: [
    {
      ...{ name: "v1", served: true, storage: true },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
        },
      },
    },
  ],
};

async function warningsOf(t: TestContext, spec: Spec) {
  const { client, stop } = await startTestPlane([admissionPolicyStatus]);
  t.after(stop);
  await client.create(CustomResourceDefinition, { metadata: { name: "widgets.example.com" }, spec: definition });
  // The definition may come to the controller after the policy: then another policy tells.
  for (let attempt = 0; ; attempt++) {
    const name = `p${String(attempt)}`;
    await client.create(ValidatingAdmissionPolicy, { metadata: { name }, spec });
    const status = await eventually("the status", async () => {
      const policy = await client.get(ValidatingAdmissionPolicy, { name });
      return policy.status?.observedGeneration === 1 ? policy.status : undefined;
    });
    const warnings = status.typeChecking?.expressionWarnings ?? [];
    if (warnings.length > 0 || attempt === 20 || spec.matchConstraints !== widgets.matchConstraints) return warnings;
  }
}

const widgets = rule(["example.com"], ["v1"], ["widgets"]);

test("a field that no object has, and one of another type", async (t) => {
  const warnings = await warningsOf(t, {
    ...deployments,
    validations: [
      { expression: "object.replicas > 1" },
      { expression: "object.spec.replicas > '1'", messageExpression: "object.spec.name" },
    ],
  });
  assert.deepEqual(warnings[0], {
    fieldRef: "spec.validations[0].expression",
    warning:
      "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
  });
  assert.match(warnings[1]?.warning ?? "", /found no matching overload for '_>_' applied to '\(int, string\)'/);
  assert.deepEqual(
    warnings.map(({ fieldRef }) => fieldRef),
    [0, 1]
      .map((index) => `spec.validations[${String(index)}].expression`)
      .concat("spec.validations[1].messageExpression"),
  );
});

test("what can work is not warned about", async (t) => {
  const expressions = [
    "oldObject == null || object.spec.replicas >= oldObject.spec.replicas",
    "object.metadata.labels['a'] == 'b' && has(object.metadata.annotations)",
    "object.spec.template.spec.containers.all(c, c.image.startsWith('a') && c.resources.limits['cpu'] == '1')",
    "object.spec.template.spec.volumes.exists(v, has(v.secret)) || variables.name == object.metadata.name",
    "object.metadata.creationTimestamp > timestamp('2020-01-01T00:00:00Z')",
    "object.spec.strategy.rollingUpdate.maxSurge == 1 || object.?spec.?paused.orValue(false)",
    "namespaceObject.metadata.name == 'default' && request.operation == 'CREATE' && params.data['a'] == 'x'",
    "authorizer.requestResource.check('get').allowed()",
  ];
  const warnings = await warningsOf(t, {
    ...deployments,
    paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    variables: [{ name: "name", expression: "object.metadata.name" }],
    validations: expressions.map((expression) => ({ expression })),
  });
  assert.deepEqual(warnings, []);
});

test("custom resources, variables and parameters have types, too", async (t) => {
  const warnings = await warningsOf(t, {
    ...widgets,
    paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    variables: [{ name: "size", expression: "object.spec.size" }],
    validations: [
      { expression: "object.spec.size > 1 && object.metadata.name != ''" },
      { expression: "variables.size == 'x'" },
      { expression: "params.spec.a == 1" },
    ],
  });
  assert.deepEqual(
    warnings.map(({ fieldRef }) => fieldRef),
    ["spec.validations[1].expression", "spec.validations[2].expression"],
  );
  assert.match(
    warnings[0]?.warning ?? "",
    /^example.com\/v1, Kind=Widget: ERROR: <input>:1:16: found no matching overload/,
  );
});

test("rules for everything name no kind to check for", async (t) => {
  const everything = { ...rule(["*"], ["*"], ["*"]), validations: [{ expression: "object.nothing" + " == 1" }] };
  assert.deepEqual(await warningsOf(t, everything), []);
});
