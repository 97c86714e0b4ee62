// kubeflow.org/v1 TFJob.
import { interpretationOf } from "../interpretation.ts";
import { trainingJobHooks } from "./training-job.ts";

export const tfJob = interpretationOf(
  "kubeflow.org/v1",
  "TFJob",
  trainingJobHooks({
    kind: "TFJob",
    roles: ["tfReplicaSpecs", "PS", "Worker", "Chief", "Master", "Evaluator"],
    succeeded: { type: "Succeeded", status: "True", reason: "Completed", message: "TFJob completed successfully" },
    running: () => [],
  }),
);
