// Defaults of the autoscaling group. Upstream: k8s.io/kubernetes/pkg/apis/autoscaling/v2/defaults.go.
import { childOf, ensureChild, type Fields, listOf, setDefault, type Defaults } from "../access.ts";

const cpuTargetPercentDefault = 80;

export const autoscalingV1Defaults: Readonly<Record<string, Defaults>> = {
  HorizontalPodAutoscaler(object) {
    const spec = childOf(object, "spec");
    if (spec !== undefined) setDefault(spec, "minReplicas", 1);
  },
};

export const autoscalingV2Defaults: Readonly<Record<string, Defaults>> = {
  HorizontalPodAutoscaler(object) {
    const spec = childOf(object, "spec");
    if (spec === undefined) return;
    setDefault(spec, "minReplicas", 1);
    if (listOf(spec, "metrics").length === 0) {
      const target = { type: "Utilization", averageUtilization: cpuTargetPercentDefault };
      spec["metrics"] = [{ type: "Resource", resource: { name: "cpu", target } }];
    }
    const behavior = childOf(spec, "behavior");
    if (behavior !== undefined) defaultBehavior(behavior);
  },
};

/** Filled in only where a client gave it at all; the controller knows its own defaults. */
function defaultBehavior(behavior: Fields): void {
  const up = ensureChild(behavior, "scaleUp");
  setDefault(up, "stabilizationWindowSeconds", 0);
  setDefault(up, "selectPolicy", "Max");
  setDefault(up, "policies", [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ]);
  const down = ensureChild(behavior, "scaleDown");
  setDefault(down, "selectPolicy", "Max");
  setDefault(down, "policies", [{ type: "Percent", value: 100, periodSeconds: 15 }]);
}
