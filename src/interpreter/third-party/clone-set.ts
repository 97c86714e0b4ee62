// apps.kruise.io/v1alpha1 CloneSet.
import { interpretationOf } from "../interpretation.ts";
import { podSpecAt } from "./reading.ts";
import { scaledWorkload } from "./scaled-workload.ts";
import { statusHooks } from "./status.ts";

export const cloneSet = interpretationOf("apps.kruise.io/v1alpha1", "CloneSet", {
  ...scaledWorkload((object) => podSpecAt(object, "spec", "template", "spec")),
  ...statusHooks({
    sums: [
      "replicas",
      "updatedReplicas",
      "readyReplicas",
      "availableReplicas",
      "updatedReadyReplicas",
      "expectedUpdatedReplicas",
    ],
    last: ["updateRevision", "currentRevision", "labelSelector"],
    tracksGenerations: true,
  }),
});
