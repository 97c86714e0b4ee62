// apps/v1 Deployment. Upstream: karmada pkg/resourceinterpreter/default/native.
import { karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { Deployment } from "#api/kinds.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { withField } from "../edit.ts";
import { defineInterpretation } from "../interpretation.ts";
import { aggregateWithGenerations, reflectWithGenerations } from "./generations.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { podRequirements } from "./pod-requirements.ts";
import { reviseReplicaField } from "./replicas.ts";

const counters = {
  unlessZero: ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"],
} as const;

export const deployment = defineInterpretation({
  kind: Deployment,
  getReplicas: ({ spec }) => ({ replicas: spec.replicas ?? 0, requirements: podRequirements(spec.template.spec) }),
  reviseReplica: (object, replicas) => reviseReplicaField(object, "replicas", replicas),
  retain: retainReplicas,
  aggregateStatus: (object, items) => aggregateWithGenerations(object, object.status, items, counters),
  getDependencies: ({ spec, metadata }) => podDependencies(spec.template.spec, metadata.namespace),
  reflectStatus: (object) => reflectWithGenerations(object, object.status, counters),
  interpretHealth({ metadata, spec, status }) {
    const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
    if (status === undefined || observedGeneration !== (metadata.generation ?? 0)) return false;
    return updatedReplicas >= (spec.replicas ?? 0) && availableReplicas >= updatedReplicas;
  },
});

/** With the label, an autoscaler in the member has the say over the number of replicas there. */
function retainReplicas(desired: Deployment, observed: Deployment): KubeObject {
  if (desired.metadata.labels?.[karmadaLabels.retainReplicas] !== karmadaValues.retainReplicas) return desired;
  const { replicas } = observed.spec;
  if (replicas === undefined) {
    throw new Error(`failed to get spec.replicas from ${observed.kind} ${refKey(observed.metadata)}`);
  }
  return withField(desired, ["spec", "replicas"], replicas);
}
