// Where what a user says about a kind is found not to count.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { ConfigMap } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { type AggregatedStatusItem, ResourceBinding } from "#api/work/binding.ts";
import type { Kind } from "#machinery/object.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { customizationOf } from "../workload/customizations.ts";
import { policyRefOf, policySpecOf, templateOf } from "../workload/objects.ts";
import { customizedKinds } from "./customized-kinds.ts";
import { observedWith, put } from "./testing.ts";

const step = { at: 0, kind: "createTemplate", on: "a", value: "1" } as const;

interface Scene {
  /** Of the customization, from write 7; undefined: there is none. */
  readonly rules?: readonly string[];
  readonly item?: Partial<AggregatedStatusItem>;
  readonly own?: string;
}

function wrongIn({ rules, item = {}, own }: Scene): string | undefined {
  const mirror = new Mirror();
  const checker = customizedKinds(observedWith(mirror, ["m1"]));
  let revision = 0;
  const store = (server: string, kind: Kind, draft: object): void => {
    const object = { apiVersion: "v1", kind: kind.kind, metadata: { name: "" }, ...draft };
    put(mirror, server, kind, { object, revision: ++revision });
  };
  const customization = { ...step, kind: "createCustomization", value: "7", words: rules ?? [] } as const;
  if (rules !== undefined) store(controlPlane, ResourceInterpreterCustomization, customizationOf(customization));
  store(controlPlane, Cluster, clusterWith("m1"));
  const { metadata } = templateOf(step);
  const annotations = { [karmadaAnnotations.propagationPolicyName]: "a-pp" };
  store(controlPlane, ConfigMap, { metadata: { ...metadata, annotations } });
  store(controlPlane, PropagationPolicy, {
    metadata: policyRefOf("a"),
    spec: policySpecOf({ ...step, clusters: ["m1"] }),
  });
  store(
    controlPlane,
    ResourceBinding,
    bindingWith({
      metadata: { name: "a-configmap" },
      spec: { clusters: [{ name: "m1" }] },
      status: { aggregatedStatus: [{ clusterName: "m1", ...item }] },
    }),
  );
  const labels = { "karmada.io/managed": "true" };
  const data = { value: "1", ...(own === undefined ? {} : { own }) };
  store("m1", ConfigMap, { metadata: { ...metadata, labels }, data });
  return checker.unsettled?.();
}

const told = { status: { by: "7", holds: "1" } };
for (const { name, scene, says } of [
  { name: "nothing is said, and nothing told", scene: {} },
  { name: "the status is told", scene: { rules: ["status"], item: told } },
  { name: "it is not told yet", scene: { rules: ["status"] }, says: /from customization undefined instead of 7/ },
  { name: "it is told still", scene: { item: told }, says: /from customization 7 instead of undefined/ },
  {
    name: "it is old",
    scene: { rules: ["status"], item: { status: { by: "7", holds: "0" } } },
    says: /says 0, and it holds 1/,
  },
  { name: "the health is told", scene: { rules: ["health"], item: { health: "Healthy" } } },
  {
    name: "the health is not known",
    scene: { rules: ["health"], item: { health: "Unknown" } },
    says: /its health is Unknown/,
  },
  { name: "what is its own is retained", scene: { rules: ["retain"], own: "x" } },
  { name: "what is its own stays unasked", scene: { own: "x" }, says: /nothing says that it is to be retained/ },
] satisfies readonly { name: string; scene: Scene; says?: RegExp }[]) {
  test(`customized kinds: ${name}`, () => {
    const found = wrongIn(scene);
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", says);
  });
}
