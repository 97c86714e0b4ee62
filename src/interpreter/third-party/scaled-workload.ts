// What the workloads with spec.replicas and one pod template have in common.
import type { PodSpec } from "#api/generated/types.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Interpretation } from "../interpretation.ts";
import { podDependencies } from "../native/pod-dependencies.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { reviseReplicaField } from "../native/replicas.ts";
import { numberAt, requiredNumberAt } from "./reading.ts";
import { replicasAreHealthy } from "./status.ts";

type ScaledHooks = Required<
  Pick<Interpretation, "getReplicas" | "reviseReplica" | "getDependencies" | "interpretHealth">
>;

/** The hooks of a workload whose pods are as `podSpec` reads them. */
export function scaledWorkload(podSpec: (object: KubeObject) => PodSpec | undefined): ScaledHooks {
  return {
    getReplicas: (object) => ({
      replicas: requiredNumberAt(object, "spec", "replicas"),
      requirements: podRequirements(podSpec(object)),
    }),
    reviseReplica: (object, replicas) => reviseReplicaField(object, "replicas", replicas),
    getDependencies: (object) => podDependencies(podSpec(object), object.metadata.namespace),
    interpretHealth: (object) => replicasAreHealthy(object, numberAt(object, "spec", "replicas")),
  };
}
