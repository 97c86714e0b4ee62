// flink.apache.org/v1beta1 FlinkDeployment.
import { interpretationOf } from "../interpretation.ts";
import { text } from "../native/member-status.ts";
import { statusOf, textAt } from "./reading.ts";
import { statusHooks } from "./status.ts";

const settled = ["RUNNING", "FINISHED", "FAILED", "CANCELED", "SUSPENDED", "CANCELLING", "FAILING", "RESTARTING"];
/** Why a job that has not begun never will: its state is final until someone changes it. */
const stuck = ["ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff"];

export const flinkDeployment = interpretationOf("flink.apache.org/v1beta1", "FlinkDeployment", {
  ...statusHooks({
    last: [
      "clusterInfo",
      "error",
      "jobManagerDeploymentStatus",
      "jobStatus",
      "observedGeneration",
      "lifecycleState",
      "reconciliationStatus",
      "taskManager",
    ],
  }),
  interpretHealth(object) {
    const status = statusOf(object) ?? {};
    const state = textAt(status, "jobStatus", "state");
    if (state === undefined) {
      return text(status, "jobManagerDeploymentStatus") === "READY" && text(status, "lifecycleState") === "STABLE";
    }
    if (settled.includes(state)) return true;
    return stuck.some((reason) => text(status, "error").includes(reason));
  },
});
