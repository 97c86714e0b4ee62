// networking.k8s.io/v1 Ingress. Upstream: karmada pkg/resourceinterpreter/default/native.
import { Ingress } from "#api/kinds.ts";
import { defineInterpretation } from "../interpretation.ts";
import { hasAddress, uniteIngress } from "./load-balancers.ts";
import { memberStatuses, withStatus } from "./member-status.ts";

export const ingress = defineInterpretation({
  kind: Ingress,
  aggregateStatus(object, items) {
    const entries = uniteIngress(memberStatuses(items));
    return withStatus(object, { loadBalancer: entries.length === 0 ? {} : { ingress: entries } });
  },
  getDependencies: ({ spec, metadata }) =>
    (spec.tls ?? []).map(({ secretName = "" }) => ({
      apiVersion: "v1",
      kind: "Secret",
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      name: secretName,
    })),
  reflectStatus: ({ status }) => (status === undefined ? undefined : { ...status }),
  interpretHealth: ({ status }) => hasAddress(status?.loadBalancer?.ingress),
});
