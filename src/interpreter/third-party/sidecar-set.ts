// apps.kruise.io/v1alpha1 SidecarSet: cluster-scoped, so what its containers refer to has no namespace.
import { interpretationOf } from "../interpretation.ts";
import { count } from "../native/member-status.ts";
import { podDependencies } from "../native/pod-dependencies.ts";
import { podSpecAt, statusOf } from "./reading.ts";
import { statusHooks } from "./status.ts";

export const sidecarSet = interpretationOf("apps.kruise.io/v1alpha1", "SidecarSet", {
  getDependencies: (object) => podDependencies(podSpecAt(object, "spec"), undefined),
  ...statusHooks({ sums: ["matchedPods", "updatedPods", "readyPods"] }),
  /** No pods at all is healthy, once it says so. */
  interpretHealth(object) {
    const status = statusOf(object);
    if (status?.["matchedPods"] === undefined) return false;
    return count(status, "matchedPods") === 0 || count(status, "updatedPods") === count(status, "matchedPods");
  },
});
