// What the tests of third-party kinds share.
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Interpretation } from "../interpretation.ts";

interface Parts {
  readonly spec?: object;
  readonly status?: object;
  readonly generation?: number;
}

/** An object `default/x` as a member has it: of generation 1, from the template's generation 2. */
export function objectOf({ kind }: Interpretation, { spec = {}, status, generation = 1 }: Parts = {}): KubeObject {
  return {
    apiVersion: `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name: "x",
      namespace: "default",
      generation,
      annotations: { "resourcetemplate.karmada.io/generation": "2" },
    },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

/** The statuses of the members m1, m2, …. */
export function itemsOf(...statuses: readonly (object | undefined)[]): AggregatedStatusItem[] {
  return statuses.map((status, index) => ({
    clusterName: `m${index + 1}`,
    ...(status === undefined ? {} : { status: { ...status } }),
  }));
}
