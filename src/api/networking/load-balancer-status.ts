// Addresses that a load balancer answers at. Upstream: k8s.io/api/core/v1/types.go, k8s.io/api/networking/v1/types.go.
import { t } from "../schema-dsl.ts";

const errorPattern =
  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";

const PortStatus = t.object({
  error: t.string({ maxLength: 316, pattern: errorPattern, doc: "What is wrong with the port, in one word." }),
  port: t.int32({ doc: "The port's number." }),
  protocol: t.string({ doc: "TCP, UDP or SCTP." }),
});

/** The fields of an address, for Ingresses and Services alike. */
export const addressFields = {
  hostname: t.optional(t.string({ doc: "The load balancer's name, where it has one." })),
  ip: t.optional(t.string({ doc: "The load balancer's address, where it has one." })),
  ports: t.optional(t.array(PortStatus, { listType: "atomic", doc: "The state of its ports." })),
} as const;
