import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinKinds } from "../generated/kinds.ts";
import table from "../generated/schemas.json" with { type: "json" };
import { builtinResolver, definitionName, isBuiltinDefinition } from "./definitions.ts";
import type { Schema } from "#machinery/schema.ts";

test("definitions have the names OpenAPI gives them", () => {
  assert.equal(definitionName("core/v1.Pod"), "io.k8s.api.core.v1.Pod");
  assert.equal(definitionName("meta/v1.ObjectMeta"), "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  assert.equal(
    definitionName("apiextensions/v1.CustomResourceDefinition"),
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  );
  assert.ok(isBuiltinDefinition("io.k8s.apimachinery.pkg.api.resource.Quantity"));
  assert.ok(!isBuiltinDefinition("io.k8s.api.core.v1.Nothing"));
});

test("a field carries its type, enum, default and markers", () => {
  const port = builtinResolver("io.k8s.api.core.v1.ContainerPort");
  assert.deepEqual(port.required, ["containerPort"]);
  assert.deepEqual(port.properties?.["protocol"], {
    type: "string",
    enum: ["SCTP", "TCP", "UDP"],
    default: "TCP",
    "x-go-type": "v1.Protocol",
    "x-go-presence": "nonzero",
  });
  const ports = builtinResolver("io.k8s.api.core.v1.Container").properties?.["ports"];
  assert.deepEqual(ports, {
    type: "array",
    items: { $ref: "io.k8s.api.core.v1.ContainerPort" },
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
    "x-kubernetes-patch-strategy": "merge",
    "x-kubernetes-patch-merge-key": "containerPort",
    "x-go-presence": "nonzero",
  });
  assert.equal(
    builtinResolver("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector")["x-kubernetes-map-type"],
    "atomic",
  );
});

test("every reference in every definition resolves", () => {
  const visit = (schema: Schema): void => {
    if (schema.$ref !== undefined) assert.ok(isBuiltinDefinition(schema.$ref), schema.$ref);
    for (const inner of Object.values(schema.properties ?? {})) visit(inner);
    if (schema.items !== undefined) visit(schema.items);
    if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties);
    for (const inner of schema.anyOf ?? []) visit(inner);
  };
  for (const [id, text] of Object.entries(table))
    if (!text.startsWith("enum ")) visit(builtinResolver(definitionName(id)));
  for (const kind of builtinKinds)
    assert.ok(builtinResolver(definitionName(kind.type)).properties?.["metadata"], kind.type);
});
