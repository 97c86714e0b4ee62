// source.toolkit.fluxcd.io/v1 GitRepository. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
import { interpretationOf } from "../interpretation.ts";
import { references } from "../native/pod-dependencies.ts";
import { fluxHooks, referredName } from "./flux.ts";
import { statusHooks } from "./status.ts";

export const gitRepository = interpretationOf("source.toolkit.fluxcd.io/v1", "GitRepository", {
  ...fluxHooks(["Succeeded"]),
  ...statusHooks({
    last: ["artifact"],
    mergesConditions: true,
    tracksGenerations: true,
    reflectedOnly: ["observedIgnore", "observedRecurseSubmodules"],
  }),
  getDependencies: (object) =>
    references("Secret", object.metadata.namespace, [
      referredName(object, "secretRef"),
      referredName(object, "verify", "secretRef"),
    ]),
});
