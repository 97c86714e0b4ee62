// flink.apache.org/v1beta1 FlinkDeployment.
import type { ReplicaRequirements } from "#api/work/binding.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import { interpretationOf } from "../interpretation.ts";
import { text } from "../native/member-status.ts";
import { largerAmount, nodeClaimOf, unlessEmpty } from "./components.ts";
import { countAt, statusOf, textAt } from "./reading.ts";
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
  getReplicas(object) {
    const { jobManager, taskManager } = partsOf(object);
    const resourceRequest = defined({
      cpu: largerAmount(jobManager.amounts.cpu, taskManager.amounts.cpu),
      memory: largerAmount(jobManager.amounts.memory, taskManager.amounts.memory),
    });
    const replicas = jobManager.replicas + taskManager.replicas;
    const requirements = requirementsOf(object, resourceRequest);
    const { namespace } = object.metadata;
    return { replicas, requirements: requirements && { ...requirements, ...defined({ namespace }) } };
  },
  getComponents(object) {
    const { jobManager, taskManager } = partsOf(object);
    return [
      { name: "jobmanager", part: jobManager },
      { name: "taskmanager", part: taskManager },
    ].map(({ name, part: { replicas, amounts } }) => ({
      ...{ name, replicas },
      ...defined({ replicaRequirements: requirementsOf(object, amounts) }),
    }));
  },
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

type Amounts = { readonly cpu?: string; readonly memory?: string };

interface Part {
  readonly replicas: number;
  readonly amounts: Amounts;
}

function partsOf(object: KubeObject): { readonly jobManager: Part; readonly taskManager: Part } {
  const replicasOf = (part: string): number | undefined => countAt(object, "spec", part, "replicas");
  return {
    jobManager: { replicas: replicasOf("jobManager") ?? 1, amounts: amountsOf(object, "jobManager") },
    taskManager: {
      replicas: replicasOf("taskManager") ?? taskManagersFor(object),
      amounts: amountsOf(object, "taskManager"),
    },
  };
}

/** As many as the slots of each make room for the job's parallelism. */
function taskManagersFor(object: KubeObject): number {
  const parallelism = countAt(object, "spec", "job", "parallelism");
  const slots = Number(fieldOf(object, "spec", "flinkConfiguration", "taskmanager.numberOfTaskSlots"));
  return parallelism === undefined || !(slots > 0) ? 1 : Math.ceil(parallelism / slots);
}

function amountsOf(object: KubeObject, part: string): Amounts {
  const read = (name: string): string | undefined => {
    const value = fieldOf(object, "spec", part, "resource", name);
    return typeof value === "number" || typeof value === "string" ? String(value) : undefined;
  };
  return defined({ cpu: read("cpu"), memory: read("memory") });
}

/** The amounts, and what the template of all pods says about nodes. */
function requirementsOf(object: KubeObject, resourceRequest: Amounts): ReplicaRequirements | undefined {
  const pod = fieldOf(object, "spec", "podTemplate", "spec");
  return unlessEmpty(
    defined({
      nodeClaim: nodeClaimOf(pod),
      resourceRequest: unlessEmpty({ ...resourceRequest }),
      priorityClassName: textAt(pod, "priorityClassName"),
    }),
  );
}
