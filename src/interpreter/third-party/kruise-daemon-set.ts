// apps.kruise.io/v1alpha1 DaemonSet.
import { interpretationOf } from "../interpretation.ts";
import { count } from "../native/member-status.ts";
import { podDependencies } from "../native/pod-dependencies.ts";
import { podSpecAt, statusOf } from "./reading.ts";
import { statusHooks } from "./status.ts";

export const kruiseDaemonSet = interpretationOf("apps.kruise.io/v1alpha1", "DaemonSet", {
  getDependencies: (object) =>
    podDependencies(podSpecAt(object, "spec", "template", "spec"), object.metadata.namespace),
  ...statusHooks({
    sums: [
      "currentNumberScheduled",
      "numberMisscheduled",
      "desiredNumberScheduled",
      "numberReady",
      "updatedNumberScheduled",
      "numberAvailable",
      "numberUnavailable",
    ],
    last: ["daemonSetHash"],
    tracksGenerations: true,
  }),
  interpretHealth(object) {
    const status = statusOf(object);
    if (status === undefined || count(status, "observedGeneration") !== (object.metadata.generation ?? 0)) return false;
    const updated = count(status, "updatedNumberScheduled");
    return updated >= count(status, "desiredNumberScheduled") && count(status, "numberAvailable") >= updated;
  },
});
