// The decoder on the real built-in types: Go's texts, nulls, zero values, canonical scalars.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDecoder } from "#machinery/schema-decode.ts";
import { builtinResolver, definitionName } from "./definitions.ts";

function decode(type: string, text: string): { value: unknown; messages: string[] } {
  const value = JSON.parse(text) as Record<string, unknown>;
  const findings = createDecoder(builtinResolver(definitionName(type)), builtinResolver)(value);
  return { value, messages: findings.map(({ message }) => message) };
}

for (const { type, given, message } of [
  {
    type: "apps/v1.Deployment",
    given: '{"spec":{"replicas":"3"}}',
    message: "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
  },
  {
    type: "apps/v1.Deployment",
    given: '{"spec":{"replicas":1.5}}',
    message: "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
  },
  {
    type: "apps/v1.Deployment",
    given: '{"spec":{"replicas":3000000000}}',
    message: "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
  },
  {
    type: "apps/v1.Deployment",
    given: '{"spec":{"template":{"spec":{"containers":[{"name":"a","image":5}]}}}}',
    message:
      "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string",
  },
  {
    type: "apps/v1.Deployment",
    given: '{"spec":{"template":{"spec":{"containers":{}}}}}',
    message:
      "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
  },
  {
    type: "core/v1.ConfigMap",
    given: '{"data":{"port":80}}',
    message: "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
  },
  {
    type: "core/v1.ConfigMap",
    given: '{"data":["a"]}',
    message: "json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string",
  },
  {
    type: "core/v1.Pod",
    given: '{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":true}]}]}}',
    message:
      "json: cannot unmarshal bool into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol",
  },
  { type: "core/v1.Secret", given: '{"data":{"a":"x?"}}', message: "illegal base64 data at input byte 1" },
  {
    type: "core/v1.Pod",
    given: '{"metadata":{"creationTimestamp":"yesterday"}}',
    message: 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
  },
  {
    type: "core/v1.LimitRange",
    given: '{"spec":{"limits":[{"type":"Pod","max":{"cpu":"lots"}}]}}',
    message: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  },
]) {
  test(`wrong type: ${message}`, () => {
    assert.deepEqual(decode(type, given).messages, [message]);
  });
}

test("unknown fields are dropped and reported with their path", () => {
  const { value, messages } = decode(
    "apps/v1.Deployment",
    '{"foo":1,"spec":{"bar":1,"selector":{},"template":{"spec":{"containers":[{"name":"a","imag":"x"}]}}}}',
  );
  assert.deepEqual(messages, [
    'unknown field "foo"',
    'unknown field "spec.bar"',
    'unknown field "spec.template.spec.containers[0].imag"',
  ]);
  assert.deepEqual(value, {
    metadata: {},
    spec: {
      selector: {},
      strategy: {},
      template: { metadata: {}, spec: { containers: [{ name: "a", resources: {} }] } },
    },
    status: {},
  });
});

test("nulls mean absent in structs and zero in maps and lists", () => {
  const { value, messages } = decode(
    "core/v1.ConfigMap",
    '{"metadata":{"creationTimestamp":null,"labels":{"a":null},"finalizers":[null,"x"]},"data":null,"binaryData":{"k":"aGk="}}',
  );
  assert.deepEqual(messages, []);
  assert.deepEqual(value, {
    metadata: { labels: { a: "" }, finalizers: ["", "x"] },
    binaryData: { k: "aGk=" },
  });
});

test("omitempty drops zero values, pointers keep them, what Go always writes appears", () => {
  const { value } = decode(
    "apps/v1.ReplicaSet",
    '{"metadata":{"labels":{}},"spec":{"replicas":0,"minReadySeconds":0,"selector":{},"template":{}}}',
  );
  assert.deepEqual(value, {
    metadata: {},
    spec: { replicas: 0, selector: {}, template: { metadata: {}, spec: {} } },
    status: { replicas: 0 },
  });
});

test("scalars take the form Go writes", () => {
  const { value, messages } = decode(
    "core/v1.Pod",
    `{"metadata":{"creationTimestamp":"2026-05-04T12:11:12.5+02:00"},
      "spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"100m"}},"env":[{"name":"E","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}]}]}}`,
  );
  assert.deepEqual(messages, []);
  const { metadata, spec } = value as { metadata: unknown; spec: { containers: [Record<string, unknown>] } };
  assert.deepEqual(metadata, { creationTimestamp: "2026-05-04T10:11:12Z" });
  assert.deepEqual(spec.containers[0]["env"], [
    { name: "E", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "0" } } },
  ]);
});

test("a schema of a schema takes a boolean or an object where Go does", () => {
  const text = `{"spec":{"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":
    {"type":"object","properties":{"a":{"type":"object","additionalProperties":{"type":"string","foo":1}},
    "b":{"type":"array","items":{"type":"string","default":null}}, "c":{"enum":[null,"x"]}}}}}]}}`;
  const { value, messages } = decode("apiextensions/v1.CustomResourceDefinition", text);
  assert.deepEqual(messages, [
    'unknown field "spec.versions[0].schema.openAPIV3Schema.properties.a.additionalProperties.foo"',
  ]);
  assert.match(JSON.stringify(value), /"c":\{"enum":\[null,"x"\]\}/);
  assert.match(JSON.stringify(value), /"additionalProperties":\{"type":"string"\}/);
});

/** JSON whose keys and values often fit a Deployment, and often do not. */
const { value: deploymentLike } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, true, 0, 1.5, -1, "", "web", "100m", "2026-01-01T00:00:00Z"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        ...["metadata", "labels", "spec", "template", "containers", "name", "image", "ports", "containerPort", "env"],
        ...[
          "resources",
          "limits",
          "cpu",
          "replicas",
          "selector",
          "matchLabels",
          "strategy",
          "volumes",
          "__proto__",
          "x",
        ],
      ),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
}));

test("whatever comes in, decoding does not fail, and what it leaves is left alone", () => {
  const decoder = createDecoder(builtinResolver(definitionName("apps/v1.Deployment")), builtinResolver);
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("metadata", "spec", "status", "x"), deploymentLike), (given) => {
      const value = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
      const findings = decoder(value);
      if (findings.some(({ kind }) => kind === "type")) return;
      const text = JSON.stringify(value);
      assert.deepEqual(decoder(value), []);
      assert.equal(JSON.stringify(value), text);
    }),
    { numRuns: 500 },
  );
});
