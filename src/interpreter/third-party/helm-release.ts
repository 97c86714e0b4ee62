// helm.toolkit.fluxcd.io/v2beta1 HelmRelease. Upstream: karmada pkg/resourceinterpreter/default/thirdparty. The counters of
// failures are the members' sums (upstream adds them to what the template says already, so they grow with each pass).
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { interpretationOf } from "../interpretation.ts";
import { text } from "../native/member-status.ts";
import { references } from "../native/pod-dependencies.ts";
import { fluxHooks, referredName } from "./flux.ts";
import { records, textAt } from "./reading.ts";
import { statusHooks } from "./status.ts";

export const helmRelease = interpretationOf("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", {
  ...fluxHooks(["ReconciliationSucceeded"]),
  ...statusHooks({
    sums: ["failures", "upgradeFailures", "installFailures"],
    last: [
      "lastAttemptedRevision",
      "lastAppliedRevision",
      "lastAttemptedValuesChecksum",
      "helmChart",
      "lastReleaseRevision",
    ],
    mergesConditions: true,
    tracksGenerations: true,
  }),
  getDependencies: (object) => [
    ...references("ConfigMap", object.metadata.namespace, valuesFrom(object, "ConfigMap")),
    ...references("Secret", object.metadata.namespace, [
      ...valuesFrom(object, "Secret"),
      referredName(object, "chart", "spec", "verify", "secretRef"),
      referredName(object, "kubeConfig", "secretRef"),
    ]),
    ...references("ServiceAccount", object.metadata.namespace, [textAt(object, "spec", "serviceAccountName")]),
  ],
});

function valuesFrom(object: KubeObject, kind: string): readonly string[] {
  const sources = records(fieldOf(object, "spec", "valuesFrom")).filter((source) => source["kind"] === kind);
  return sources.map((source) => text(source, "name"));
}
