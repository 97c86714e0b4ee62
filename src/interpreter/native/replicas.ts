// Replicas of workloads that have them as one number. Upstream: karmada pkg/util/helper/unstructured.go (ApplyReplica).
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { withField } from "../edit.ts";

/** `object` with `replicas` in spec.<field>, if that field is there at all: a template without one has no replicas to share. */
export function reviseReplicaField(
  object: KubeObject,
  field: "replicas" | "parallelism",
  replicas: number,
): KubeObject {
  const present = fieldOf(object["spec"], field);
  return present === undefined || present === replicas ? object : withField(object, ["spec", field], replicas);
}
