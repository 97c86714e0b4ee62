// source.toolkit.fluxcd.io/v1beta2 OCIRepository. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
import { interpretationOf } from "../interpretation.ts";
import { references } from "../native/pod-dependencies.ts";
import { fluxHooks, referredName } from "./flux.ts";
import { textAt } from "./reading.ts";
import { statusHooks } from "./status.ts";

export const ociRepository = interpretationOf("source.toolkit.fluxcd.io/v1beta2", "OCIRepository", {
  ...fluxHooks(["Succeeded"]),
  ...statusHooks({
    last: ["artifact", "url"],
    mergesConditions: true,
    tracksGenerations: true,
    reflectedOnly: ["observedIgnore", "observedLayerSelector"],
  }),
  getDependencies: (object) => [
    ...references("Secret", object.metadata.namespace, [
      referredName(object, "secretRef"),
      referredName(object, "verify", "secretRef"),
      referredName(object, "certSecretRef"),
    ]),
    ...references("ServiceAccount", object.metadata.namespace, [textAt(object, "spec", "serviceAccountName")]),
  ],
});
