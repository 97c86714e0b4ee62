// Invariant: in members Karmada touches only what it has put there, which has the label karmada.io/managed. What others
// have made stays as it is, whatever its name, unless a policy says Overwrite.
import { karmadaAnnotations, karmadaValues } from "#api/karmada-constants.ts";
import { isManaged } from "../expected.ts";
import { prefixOf } from "../mirror.ts";
import { templateKinds } from "../workload/objects.ts";
import type { Checker, Observed } from "./checker.ts";

const prefixes = templateKinds.map((kind) => `${prefixOf(kind)}/`);

export function unmanagedObjects({ controlPlane, isByHand }: Observed): Checker {
  return {
    committed({ server, key, before, after }) {
      if (server === controlPlane || before === undefined || !prefixes.some((prefix) => key.startsWith(prefix)))
        return undefined;
      const old = before.object;
      if (isManaged(old) || isByHand(server, key)) return undefined;
      if (after === undefined) return `${key} in ${server} is deleted, and it is not Karmada's`;
      const { metadata } = after.object;
      const isTakenOver =
        metadata.annotations?.[karmadaAnnotations.conflictResolution] === karmadaValues.conflictOverwrite;
      // Its status is its own cluster's to write.
      const isSame = metadata.generation === old.metadata.generation && !isManaged(after.object);
      return isTakenOver || isSame ? undefined : `${key} in ${server} is changed, and it is not Karmada's`;
    },
  };
}
