// kubeflow.org/v1 PyTorchJob.
import { interpretationOf } from "../interpretation.ts";
import { trainingJobHooks } from "./training-job.ts";

export const pyTorchJob = interpretationOf(
  "kubeflow.org/v1",
  "PyTorchJob",
  trainingJobHooks({
    kind: "PyTorchJob",
    roles: ["pytorchReplicaSpecs", "Master", "Worker"],
    succeeded: {
      type: "Succeeded",
      status: "True",
      reason: "PyTorchJobSucceeded",
      message: "PyTorchJob is successfully completed.",
    },
    running: (isOver) => [
      { type: "Created", status: "True", reason: "PyTorchJobCreated", message: "PyTorchJob is created." },
      {
        type: "Running",
        status: isOver ? "False" : "True",
        reason: "PyTorchJobRunning",
        message: "PyTorchJob is running.",
      },
    ],
  }),
);
