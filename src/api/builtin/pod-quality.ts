// The quality-of-service class of a pod. Upstream: k8s.io/kubernetes/pkg/apis/core/v1/helper/qos/qos.go.
import { childOf, type Fields, itemsOf } from "./access.ts";

const counted = ["cpu", "memory"] as const;

/** Guaranteed: every container limits cpu and memory and requests just that. BestEffort: none asks for any. */
export function podQualityOfService(spec: Readonly<Fields> | undefined): "Guaranteed" | "Burstable" | "BestEffort" {
  const containers = [...itemsOf(spec, "containers"), ...itemsOf(spec, "initContainers")];
  const resources = containers.map((container) => childOf(container, "resources"));
  const asked = (kind: "requests" | "limits", holder: Fields | undefined): Fields => {
    const list = childOf(holder, kind) ?? {};
    return Object.fromEntries(counted.flatMap((name) => (isNothing(list[name]) ? [] : [[name, list[name]]])));
  };
  const all = [childOf(spec, "resources"), ...resources];
  const asksNothing = all.every(
    (holder) => Object.keys(asked("requests", holder)).length + Object.keys(asked("limits", holder)).length === 0,
  );
  if (asksNothing) return "BestEffort";
  const isFirm = resources.every((holder) => {
    const limits = asked("limits", holder);
    const requests = asked("requests", holder);
    return counted.every((name) => limits[name] !== undefined && limits[name] === (requests[name] ?? limits[name]));
  });
  return isFirm ? "Guaranteed" : "Burstable";
}

function isNothing(quantity: unknown): boolean {
  return quantity === undefined || quantity === "0" || quantity === 0;
}
