// apps/v1 StatefulSet. Upstream: karmada pkg/resourceinterpreter/default/native. One difference is meant: upstream does not
// reflect observedGeneration and compares the template's generation with the member's, so that a template with members
// never says that its latest generation was observed. Here StatefulSets follow the rule of the other workloads.
import { StatefulSet } from "#api/kinds.ts";
import { type DependentObject, defineInterpretation } from "../interpretation.ts";
import { aggregateWithGenerations, reflectWithGenerations } from "./generations.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { podRequirements } from "./pod-requirements.ts";
import { reviseReplicaField } from "./replicas.ts";

const counters = {
  always: ["availableReplicas", "replicas"],
  unlessZero: ["currentReplicas", "readyReplicas", "updatedReplicas"],
} as const;

export const statefulSet = defineInterpretation({
  kind: StatefulSet,
  getReplicas: ({ spec }) => ({ replicas: spec.replicas ?? 0, requirements: podRequirements(spec.template.spec) }),
  reviseReplica: (object, replicas) => reviseReplicaField(object, "replicas", replicas),
  aggregateStatus: (object, items) => aggregateWithGenerations(object, object.status, items, counters),
  getDependencies: ownDependencies,
  reflectStatus: (object) => reflectWithGenerations(object, object.status, counters),
  interpretHealth({ metadata, spec, status }) {
    const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
    if (status === undefined || observedGeneration !== (metadata.generation ?? 0)) return false;
    return updatedReplicas >= (spec.replicas ?? 0) && availableReplicas >= updatedReplicas;
  },
});

/** Claims made from templates are the member's own: a volume of the same name in the pod stands for one of those. */
function ownDependencies({ spec, metadata }: StatefulSet): readonly DependentObject[] {
  const templates = new Set((spec.volumeClaimTemplates ?? []).map((template) => template.metadata.name));
  return podDependencies(spec.template.spec, metadata.namespace).filter(
    ({ kind, name = "" }) => kind !== "PersistentVolumeClaim" || !templates.has(name),
  );
}
