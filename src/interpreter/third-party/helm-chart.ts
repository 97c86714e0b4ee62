// source.toolkit.fluxcd.io/v1beta2 HelmChart. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
// observedGeneration is reflected (upstream reads it from an undefined variable, so that a template's never moves on).
import { interpretationOf } from "../interpretation.ts";
import { references } from "../native/pod-dependencies.ts";
import { fluxHooks, referredName } from "./flux.ts";
import { statusHooks } from "./status.ts";

export const helmChart = interpretationOf("source.toolkit.fluxcd.io/v1beta2", "HelmChart", {
  ...fluxHooks(["Succeeded", "ChartPullSucceeded"]),
  ...statusHooks({
    last: ["artifact", "observedChartName", "observedSourceArtifactRevision", "url"],
    mergesConditions: true,
    tracksGenerations: true,
  }),
  getDependencies: (object) =>
    references("Secret", object.metadata.namespace, [referredName(object, "verify", "secretRef")]),
});
