// apps/v1 ReplicaSet. Upstream: karmada pkg/resourceinterpreter/default/native.
import { ReplicaSet } from "#api/kinds.ts";
import { defineInterpretation } from "../interpretation.ts";
import { aggregateWithGenerations, reflectWithGenerations } from "./generations.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { podRequirements } from "./pod-requirements.ts";
import { reviseReplicaField } from "./replicas.ts";

const counters = {
  always: ["replicas"],
  unlessZero: ["readyReplicas", "availableReplicas"],
  emptyIsNone: true,
} as const;

export const replicaSet = defineInterpretation({
  kind: ReplicaSet,
  getReplicas: ({ spec }) => ({ replicas: spec.replicas ?? 0, requirements: podRequirements(spec.template?.spec) }),
  reviseReplica: (object, replicas) => reviseReplicaField(object, "replicas", replicas),
  aggregateStatus: (object, items) => aggregateWithGenerations(object, object.status, items, counters),
  getDependencies: ({ spec, metadata }) => podDependencies(spec.template?.spec, metadata.namespace),
  reflectStatus: (object) => reflectWithGenerations(object, object.status, counters),
  interpretHealth({ metadata, spec, status }) {
    const { observedGeneration = 0, availableReplicas = 0 } = status ?? {};
    if (status === undefined) return false;
    return observedGeneration === (metadata.generation ?? 0) && availableReplicas >= (spec.replicas ?? 0);
  },
});
