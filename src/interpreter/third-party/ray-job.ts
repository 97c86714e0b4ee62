// ray.io/v1 RayJob.
import { fieldOf } from "#machinery/guards.ts";
import { interpretationOf } from "../interpretation.ts";
import { memberStatuses, soleStatus, text, withStatus } from "../native/member-status.ts";
import { rayComponents, rayPods } from "./components.ts";
import { podSpecAt, statusOf } from "./reading.ts";
import { dependenciesOfAll, worst, worstStatus } from "./worst.ts";

const deploymentOrder = [
  "Failed",
  "ValidationFailed",
  "Complete",
  "Running",
  "Retrying",
  "Suspended",
  "Suspending",
  "Waiting",
  "Initializing",
];
const jobOrder = ["FAILED", "STOPPED", "SUCCEEDED", "RUNNING", "PENDING"];

export const rayJob = interpretationOf("ray.io/v1", "RayJob", {
  getComponents: (object) => rayComponents(fieldOf(object, "spec", "rayClusterSpec")),
  getDependencies(object) {
    const pods = rayPods(fieldOf(object, "spec", "rayClusterSpec"));
    const submitter = podSpecAt(object, "spec", "submitterPodTemplate", "spec");
    return dependenciesOfAll([...pods, submitter], object.metadata.namespace);
  },
  aggregateStatus(object, items) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    const shown = worstStatus(statuses, "jobDeploymentStatus", deploymentOrder) ?? {};
    const values = {
      jobDeploymentStatus: text(shown, "jobDeploymentStatus"),
      reason: text(shown, "reason"),
      message: text(shown, "message"),
      jobStatus: worst(
        statuses.map((status) => text(status, "jobStatus")),
        jobOrder,
      ),
    };
    return withStatus(object, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")));
  },
  interpretHealth(object) {
    const status = statusOf(object) ?? {};
    const phase = text(status, "jobDeploymentStatus");
    return phase === "Running" || (phase === "Complete" && text(status, "jobStatus") === "SUCCEEDED");
  },
});
