// source.toolkit.fluxcd.io/v1beta2 Bucket. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
import { interpretationOf } from "../interpretation.ts";
import { references } from "../native/pod-dependencies.ts";
import { fluxHooks, referredName } from "./flux.ts";
import { statusHooks } from "./status.ts";

export const bucket = interpretationOf("source.toolkit.fluxcd.io/v1beta2", "Bucket", {
  ...fluxHooks(["Succeeded"]),
  ...statusHooks({
    last: ["artifact", "url"],
    mergesConditions: true,
    tracksGenerations: true,
    reflectedOnly: ["observedIgnore"],
  }),
  getDependencies: (object) => references("Secret", object.metadata.namespace, [referredName(object, "secretRef")]),
});
