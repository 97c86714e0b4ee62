// Which address a load balancer gives a Service. It is derived from the Service's uid; nothing listens there.
// Upstream: kubernetes staging/src/k8s.io/cloud-provider/controllers/service/controller.go.
import type { ServiceStatus } from "#api/generated/types.ts";
import type { Service } from "#api/kinds.ts";
import { fnv32a } from "#machinery/hash.ts";

/** The status of a Service; an equal one is given back as it is. */
export function serviceStatus({ metadata, spec, status }: Service): ServiceStatus {
  const kept = status ?? {};
  const ingress = kept.loadBalancer?.ingress ?? [];
  if (spec.type !== "LoadBalancer") return ingress.length === 0 ? kept : { ...kept, loadBalancer: {} };
  // Another class is another implementation's.
  if (ingress.length > 0 || spec.loadBalancerClass !== undefined) return kept;
  return { ...kept, loadBalancer: { ingress: [{ ip: addressFor(metadata.uid ?? metadata.name), ipMode: "VIP" }] } };
}

function addressFor(seed: string): string {
  const hash = fnv32a(seed);
  return `172.31.${(hash >>> 8) & 0xff}.${hash & 0xff || 1}`;
}
