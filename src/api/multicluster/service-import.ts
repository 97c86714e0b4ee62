// ServiceImport: a Service of other clusters. Upstream: sigs.k8s.io/mcs-api/pkg/apis/v1alpha1/serviceimport.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKindWithFields } from "../define-kind.ts";
import { t } from "../schema-dsl.ts";

const ServicePort = t.object({
  appProtocol: t.optional(t.string({ doc: "The protocol spoken on the port, such as http." })),
  name: t.optional(t.string({ doc: "The port's name, unique in the object." })),
  port: t.int32({ doc: "The port's number." }),
  protocol: t.optional(t.string({ doc: "TCP (the default), UDP or SCTP." })),
});

const ServiceImportSpec = t.object(
  {
    ips: t.optional(t.array(t.string(), { maxItems: 1, doc: "The address of the Service, of type ClusterSetIP." })),
    ports: t.array(ServicePort, { listType: "atomic", doc: "The Service's ports." }),
    sessionAffinity: t.optional(t.string({ doc: "ClientIP: a client always meets the same pod. None: not so." })),
    sessionAffinityConfig: t.optional(
      t.object(
        {
          clientIP: t.optional(
            t.object(
              { timeoutSeconds: t.optional(t.int32({ doc: "For how long a client is remembered, in seconds." })) },
              { doc: "Settings of ClientIP." },
            ),
          ),
        },
        { doc: "Settings of the session affinity." },
      ),
    ),
    type: t.enum(["ClusterSetIP", "Headless"], {
      doc: "ClusterSetIP: the Service has an address of its own. Headless: its name resolves to the pods.",
    }),
  },
  { doc: "The Service as other clusters offer it." },
);

export const ServiceImport = defineKindWithFields({
  group: "multicluster.x-k8s.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "ServiceImport",
  plural: "serviceimports",
  shortNames: ["svcim"],
  doc: "A Service that other clusters offer.",
  fields: {
    spec: t.optional(ServiceImportSpec),
    status: t.optional(
      t.object(
        {
          clusters: t.optional(
            t.array(t.object({ cluster: t.string({ doc: "The cluster's name." }) }), {
              listType: "map",
              listMapKeys: ["cluster"],
              doc: "The clusters that offer it.",
            }),
          ),
        },
        { doc: "Where it comes from." },
      ),
    ),
  },
  printerColumns: [
    { jsonPath: ".spec.type", name: "Type", type: "string" },
    { jsonPath: ".spec.ips", name: "IP", type: "string" },
    { jsonPath: ".metadata.creationTimestamp", name: "Age", type: "date" },
  ],
  subresources: { status: true },
});
export type ServiceImport = ObjectOf<typeof ServiceImport>;
