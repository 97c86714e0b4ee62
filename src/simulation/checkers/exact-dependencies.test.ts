// Where what goes along with others is found to be missing, or too much.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, Deployment } from "#api/kinds.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { type BindingSpec, ResourceBinding, type TargetCluster } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { mountOf, stampAnnotation, templateOf } from "../workload/objects.ts";
import { exactDependencies } from "./exact-dependencies.ts";
import { observedWith, put } from "./testing.ts";

const step = { at: 0, kind: "createTemplate", value: "1" } as const;
const config: KubeObject = { apiVersion: "v1", kind: "ConfigMap", ...templateOf({ ...step, on: "a" }) };
const workload: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", ...templateOf({ ...step, on: "w" }) };
const mounting: KubeObject = {
  ...workload,
  ...mountOf({ ...step, on: "w", words: ["a"] }),
  metadata: workload.metadata,
};
const m1: readonly TargetCluster[] = [{ name: "m1", replicas: 1 }];

function copyOf(object: KubeObject, value = "1"): KubeObject {
  const labels = { "karmada.io/managed": "true" };
  return { ...object, metadata: { ...object.metadata, labels, annotations: { [stampAnnotation]: value } } };
}

interface Scene {
  readonly referrer?: KubeObject;
  readonly propagateDeps?: boolean;
  /** Where the binding of the ConfigMap says that it is needed. */
  readonly told?: readonly TargetCluster[] | undefined;
  readonly copies?: readonly (readonly [string, KubeObject])[];
}

function wrongIn({ referrer = mounting, propagateDeps = true, told, copies = [] }: Scene): string | undefined {
  const mirror = new Mirror();
  const checker = exactDependencies(observedWith(mirror, ["m1", "m2"]));
  let revision = 0;
  const store = (server: string, kind: Kind, object: KubeObject): void => {
    put(mirror, server, kind, { object, revision: ++revision });
  };
  const bind = (name: string, spec: Partial<BindingSpec>): void => {
    store(controlPlane, ResourceBinding, bindingWith({ metadata: { name, namespace: "default" }, spec }));
  };
  for (const name of ["m1", "m2"]) store(controlPlane, Cluster, clusterWith(name));
  store(controlPlane, ConfigMap, config);
  store(controlPlane, Deployment, referrer);
  bind("w-deployment", { clusters: m1, propagateDeps });
  const requiredBy =
    told === undefined ? {} : { requiredBy: [{ ...{ namespace: "default", name: "w-deployment" }, clusters: told }] };
  bind("a-configmap", requiredBy);
  for (const [member, object] of copies) store(member, object.kind === "ConfigMap" ? ConfigMap : Deployment, object);
  return checker.unsettled?.();
}

const inM1 = [["m1", copyOf(config)]] as const;
for (const { name, scene, says } of [
  { name: "it is where it is needed", scene: { told: m1, copies: inM1 } },
  { name: "nobody needs it", scene: { referrer: workload } },
  { name: "its policy says nothing of it", scene: { propagateDeps: false } },
  { name: "its binding does not say so", scene: {}, says: /w needs it, and its binding does not say so/ },
  { name: "its binding says elsewhere", scene: { told: [{ name: "m2", replicas: 1 }] }, says: /or not where/ },
  { name: "it is not needed any more", scene: { told: m1, referrer: workload }, says: /w does not need it/ },
  { name: "it is not there", scene: { told: m1 }, says: /a in m1: it is needed, and not there/ },
  { name: "it is there as it was", scene: { told: m1, copies: [["m1", copyOf(config, "0")]] }, says: /as it is now/ },
  {
    name: "it is elsewhere, too",
    scene: { told: m1, copies: [...inM1, ["m2", copyOf(config)]] },
    says: /a in m2: nothing needs it, and it is there/,
  },
  {
    name: "it is where its referrer still is",
    scene: { told: m1, copies: [...inM1, ["m2", copyOf(config)], ["m2", copyOf(mounting)]] },
  },
] satisfies readonly { name: string; scene: Scene; says?: RegExp }[]) {
  test(`dependencies: ${name}`, () => {
    const found = wrongIn(scene);
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", says);
  });
}
