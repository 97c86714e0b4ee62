// apps/v1 DaemonSet. Upstream: karmada pkg/resourceinterpreter/default/native.
import { DaemonSet } from "#api/kinds.ts";
import { defineInterpretation } from "../interpretation.ts";
import { aggregateWithGenerations, reflectWithGenerations } from "./generations.ts";
import { podDependencies } from "./pod-dependencies.ts";

const counters = {
  always: ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"],
  unlessZero: ["updatedNumberScheduled", "numberAvailable", "numberUnavailable"],
} as const;

export const daemonSet = defineInterpretation({
  kind: DaemonSet,
  aggregateStatus: (object, items) => aggregateWithGenerations(object, object.status, items, counters),
  getDependencies: ({ spec, metadata }) => podDependencies(spec.template.spec, metadata.namespace),
  reflectStatus: (object) => reflectWithGenerations(object, object.status, counters),
  interpretHealth({ metadata, status }) {
    const {
      observedGeneration = 0,
      desiredNumberScheduled = 0,
      updatedNumberScheduled = 0,
      numberAvailable = 0,
    } = status ?? {};
    if (status === undefined || observedGeneration !== (metadata.generation ?? 0)) return false;
    return updatedNumberScheduled >= desiredNumberScheduled && numberAvailable >= updatedNumberScheduled;
  },
});
