// What one pod of a workload needs: of nodes, and of resources. Upstream: karmada pkg/util/helper/binding.go
// (GenerateReplicaRequirements), pkg/util/resource.go (AddPodTemplateRequest).
import type { PodSpec } from "#api/generated/types.ts";
import type { ReplicaRequirements } from "#api/work/binding.ts";

/** Undefined when it asks for nothing in particular. */
export function podRequirements(spec: PodSpec | undefined): ReplicaRequirements | undefined {
  if (spec === undefined) return undefined;
  const nodeClaim = nodeClaimOf(spec);
  return nodeClaim === undefined ? undefined : { nodeClaim };
}

function nodeClaimOf({ affinity, nodeSelector, tolerations = [] }: PodSpec): ReplicaRequirements["nodeClaim"] {
  const hardNodeAffinity = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (hardNodeAffinity === undefined && nodeSelector === undefined && tolerations.length === 0) return undefined;
  return {
    ...(hardNodeAffinity === undefined ? {} : { hardNodeAffinity }),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  };
}
