// kustomize.toolkit.fluxcd.io/v1 Kustomization. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
import { interpretationOf } from "../interpretation.ts";
import { references } from "../native/pod-dependencies.ts";
import { fluxHooks, referredName } from "./flux.ts";
import { textAt } from "./reading.ts";
import { statusHooks } from "./status.ts";

export const kustomization = interpretationOf("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {
  ...fluxHooks(["ReconciliationSucceeded"]),
  ...statusHooks({
    last: ["lastAppliedRevision", "lastAttemptedRevision"],
    mergesConditions: true,
    tracksGenerations: true,
  }),
  getDependencies: (object) => [
    ...references("Secret", object.metadata.namespace, [
      referredName(object, "decryption", "secretRef"),
      referredName(object, "kubeConfig", "secretRef"),
    ]),
    ...references("ServiceAccount", object.metadata.namespace, [textAt(object, "spec", "serviceAccountName")]),
  ],
});
