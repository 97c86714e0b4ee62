// MultiClusterService: a Service across members. Upstream: karmada pkg/apis/networking/v1alpha1/service_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { Condition } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { addressFields } from "./load-balancer-status.ts";

const ClusterSelector = t.object({ name: t.string({ doc: "The cluster's name." }) });

const ExposurePort = t.object({
  name: t.optional(t.string({ doc: "The name of a port of the Service." })),
  port: t.int32({ doc: "The number of a port of the Service." }),
});

const MultiClusterServiceSpec = t.object(
  {
    consumerClusters: t.optional(
      t.array(ClusterSelector, { doc: "The clusters that may use the Service. Empty: all." }),
    ),
    ports: t.optional(t.array(ExposurePort, { doc: "The Service's ports that are offered. Empty: all." })),
    providerClusters: t.optional(t.array(ClusterSelector, { doc: "The clusters whose pods serve. Empty: all." })),
    range: t.optional(
      t.object(
        { clusterNames: t.optional(t.array(t.string(), { doc: "The clusters." })) },
        { doc: "The clusters whose pods serve, where type LoadBalancer is used. Absent: all." },
      ),
    ),
    serviceConsumptionClusters: t.optional(t.array(t.string(), { doc: "The older form of consumerClusters." })),
    serviceProvisionClusters: t.optional(t.array(t.string(), { doc: "The older form of providerClusters." })),
    types: t.array(t.string(), {
      doc: "CrossCluster: to the pods of the members. LoadBalancer: to the outside. One of them; cannot be changed.",
    }),
  },
  { doc: "How the Service of the same name is offered." },
);
export type MultiClusterServiceSpec = TypeOf<typeof MultiClusterServiceSpec>;

const LoadBalancerIngress = t.object({
  ...addressFields,
  ipMode: t.optional(t.string({ doc: "VIP: packets keep the address. Proxy: they are sent on to nodes or pods." })),
});

export const MultiClusterService = defineKind({
  group: "networking.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "MultiClusterService",
  plural: "multiclusterservices",
  shortNames: ["mcs"],
  categories: ["karmada-io"],
  doc: "Offers the Service of the same name across member clusters, or to the outside.",
  spec: MultiClusterServiceSpec,
  status: t.object(
    {
      conditions: t.optional(
        t.array(Condition, { listType: "map", listMapKeys: ["type"], doc: "Whether the Service is offered." }),
      ),
      loadBalancer: t.optional(
        t.object(
          {
            ingress: t.optional(
              t.array(LoadBalancerIngress, { listType: "atomic", doc: "Where the load balancer answers." }),
            ),
          },
          { doc: "The load balancer." },
        ),
      ),
    },
    { doc: "How it went." },
  ),
  subresources: { status: true },
});
export type MultiClusterService = ObjectOf<typeof MultiClusterService>;
