// apps.kruise.io/v1beta1 StatefulSet.
import { interpretationOf } from "../interpretation.ts";
import { podSpecAt } from "./reading.ts";
import { scaledWorkload } from "./scaled-workload.ts";
import { statusHooks } from "./status.ts";

export const kruiseStatefulSet = interpretationOf("apps.kruise.io/v1beta1", "StatefulSet", {
  ...scaledWorkload((object) => podSpecAt(object, "spec", "template", "spec")),
  ...statusHooks({
    sums: [
      "replicas",
      "readyReplicas",
      "currentReplicas",
      "updatedReplicas",
      "availableReplicas",
      "updatedReadyReplicas",
    ],
    last: ["updateRevision", "currentRevision"],
    tracksGenerations: true,
  }),
});
