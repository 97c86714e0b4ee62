// The record of dependencies, what an event says of them, and which objects they mean.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DependentObject } from "#interpreter/interpretation.ts";
import type { KubeObject } from "#machinery/object.ts";
import { dependencyKeys, eventText, means, objectKeys, recordText } from "./record.ts";

const byName: DependentObject = { kind: "ConfigMap", apiVersion: "v1", name: "a", namespace: "default" };
const byLabel: DependentObject = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  namespace: "default",
  labelSelector: { matchLabels: { "kubernetes.io/service-name": "derived-web" } },
};

function object(dependency: DependentObject, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  const { apiVersion, kind } = dependency;
  return { apiVersion, kind, metadata: { name: "a", namespace: "default", ...metadata } };
}

test("the record is JSON in the order of Go's fields, and null for nothing", () => {
  assert.equal(recordText([]), "null");
  assert.equal(
    recordText([byName, byLabel]),
    '[{"apiVersion":"v1","kind":"ConfigMap","namespace":"default","name":"a"},' +
      '{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","namespace":"default",' +
      '"labelSelector":{"matchLabels":{"kubernetes.io/service-name":"derived-web"}}}]',
  );
});

test("the event prints them as Go does", () => {
  assert.equal(eventText([]), "[]");
  assert.equal(
    eventText([byName, byLabel]),
    "[{APIVersion:v1 Kind:ConfigMap Namespace:default Name:a LabelSelector:nil} " +
      "{APIVersion:discovery.k8s.io/v1 Kind:EndpointSlice Namespace:default Name: " +
      "LabelSelector:&LabelSelector{MatchLabels:map[string]string{kubernetes.io/service-name: derived-web,}," +
      "MatchExpressions:[]LabelSelectorRequirement{},}}]",
  );
});

for (const { name, dependency, candidate, expected } of [
  { name: "the name", dependency: byName, candidate: object(byName), expected: true },
  { name: "another name", dependency: byName, candidate: object(byName, { name: "b" }), expected: false },
  { name: "another namespace", dependency: byName, candidate: object(byName, { namespace: "x" }), expected: false },
  { name: "another kind", dependency: byName, candidate: { ...object(byName), kind: "Secret" }, expected: false },
  {
    name: "the label",
    dependency: byLabel,
    candidate: object(byLabel, { name: "slice-1", labels: { "kubernetes.io/service-name": "derived-web" } }),
    expected: true,
  },
  { name: "no label", dependency: byLabel, candidate: object(byLabel), expected: false },
  {
    name: "a name goes before a label",
    dependency: { ...byName, labelSelector: { matchLabels: { x: "y" } } },
    candidate: object(byName),
    expected: true,
  },
]) {
  test(`a dependency ${expected ? "means" : "does not mean"} an object: ${name}`, () => {
    assert.equal(means(dependency, candidate), expected);
    const isFound = objectKeys(candidate).some((key) => dependencyKeys([dependency]).includes(key));
    if (expected) assert.ok(isFound, "what it means is found by its keys");
  });
}
