// v1 ServiceAccount. Upstream: karmada pkg/resourceinterpreter/default/native/retain.go, pkg/util/lifted/retain.go.
import { ServiceAccount } from "#api/kinds.ts";
import { defineInterpretation } from "../interpretation.ts";

export const serviceAccount = defineInterpretation({
  kind: ServiceAccount,
  /** The member adds secrets of its own; without this each sync would take them away and the member make new ones. */
  retain: (desired, observed) => ({
    ...desired,
    secrets: united(desired.secrets ?? [], observed.secrets ?? []),
    imagePullSecrets: united(desired.imagePullSecrets ?? [], observed.imagePullSecrets ?? []),
  }),
});

function united<T extends { readonly name?: string }>(desired: readonly T[], observed: readonly T[]): readonly T[] {
  const names = new Set(desired.map(({ name = "" }) => name));
  return [...desired, ...observed.filter(({ name = "" }) => !names.has(name))];
}
