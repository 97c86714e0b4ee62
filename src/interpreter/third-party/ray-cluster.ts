// ray.io/v1 RayCluster.
import { addQuantities, formatQuantity, parseQuantity, zeroQuantity } from "#machinery/quantity.ts";
import { interpretationOf } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, soleStatus, sums, text, withStatus } from "../native/member-status.ts";
import { latest } from "../native/times.ts";
import { rayComponents } from "./components.ts";
import { timeOf } from "./job-status.ts";
import { records, statusOf } from "./reading.ts";
import { conditionHolds } from "./status.ts";

const counters = [
  "readyWorkerReplicas",
  "availableWorkerReplicas",
  "maxWorkerReplicas",
  "minWorkerReplicas",
  "desiredWorkerReplicas",
];
const taken = ["endpoints", "head", "state", "stateTransitionTimes"];

export const rayCluster = interpretationOf("ray.io/v1", "RayCluster", {
  getComponents: (object) => rayComponents(object["spec"]),
  aggregateStatus(object, items) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    const conditions = statuses.flatMap((status) => records(status["conditions"]));
    return withStatus(object, {
      ...(conditions.length === 0 ? {} : { conditions }),
      ...sums(statuses, { unlessZero: counters }),
      ...amounts(statuses),
      ...timeOf(statuses, "lastUpdateTime", latest),
      ...firstOf(statuses, taken),
    });
  },
  interpretHealth(object) {
    const status = statusOf(object);
    const isUp = conditionHolds(status, "HeadPodReady") && conditionHolds(status, "RayClusterProvisioned");
    return isUp && !conditionHolds(status, "RayClusterReplicaFailure");
  },
});

/** Of the first member that has each. */
function firstOf(statuses: readonly MemberStatus[], names: readonly string[]): MemberStatus {
  return Object.fromEntries(
    names.flatMap((name) => {
      const found = statuses.find((status) => (status[name] ?? "") !== "");
      return found === undefined ? [] : [[name, found[name]]];
    }),
  );
}

function amounts(statuses: readonly MemberStatus[]): MemberStatus {
  return Object.fromEntries(
    ["desiredCPU", "desiredMemory", "desiredGPU", "desiredTPU"].flatMap((name) => {
      const texts = statuses.map((status) => text(status, name)).filter((amount) => amount !== "");
      const sum = texts.map(parseQuantity).reduce(addQuantities, zeroQuantity);
      return texts.length === 0 ? [] : [[name, formatQuantity(sum)]];
    }),
  );
}
