// v1 Service. Upstream: karmada pkg/resourceinterpreter/default/native.
import { Service } from "#api/kinds.ts";
import type { KubeObject } from "#machinery/object.ts";
import { withField } from "../edit.ts";
import { defineInterpretation } from "../interpretation.ts";
import { hasAddress, uniteIngress } from "./load-balancers.ts";
import { memberStatuses, withStatus } from "./member-status.ts";

export const service = defineInterpretation({
  kind: Service,
  retain: retainAllocated,
  aggregateStatus(object, items) {
    if (object.spec.type !== "LoadBalancer") return object;
    const ingress = uniteIngress(memberStatuses(items));
    return withStatus(object, { loadBalancer: ingress.length === 0 ? {} : { ingress } });
  },
  reflectStatus({ spec, status }) {
    if (spec.type !== "LoadBalancer" || status === undefined) return undefined;
    return { loadBalancer: status.loadBalancer ?? {} };
  },
  interpretHealth: ({ spec, status }) => spec.type !== "LoadBalancer" || hasAddress(status?.loadBalancer?.ingress),
});

/** What the member's API server has allocated. */
function retainAllocated(desired: Service, { spec }: Service): KubeObject {
  const { healthCheckNodePort = 0, clusterIP = "" } = spec;
  const withPort =
    healthCheckNodePort > 0 ? withField(desired, ["spec", "healthCheckNodePort"], healthCheckNodePort) : desired;
  return clusterIP === "" ? withPort : withField(withPort, ["spec", "clusterIP"], clusterIP);
}
