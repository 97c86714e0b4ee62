// MultiClusterIngress: an Ingress across members. Upstream: karmada pkg/apis/networking/v1alpha1/ingress_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKindWithFields } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { addressFields } from "./load-balancer-status.ts";

const Backend = t.object(
  {
    resource: t.optional(
      t.object(
        {
          apiGroup: t.optional(t.string({ doc: "The API group. Absent for the core group." })),
          kind: t.string({ doc: "The kind." }),
          name: t.string({ doc: "The name." }),
        },
        { mapType: "atomic", doc: "An object of the same namespace that serves. Not together with service." },
      ),
    ),
    service: t.optional(
      t.object(
        {
          name: t.string({ doc: "The Service's name." }),
          port: t.optional(
            t.object(
              {
                name: t.optional(t.string({ doc: "The port's name. Not together with number." })),
                number: t.optional(t.int32({ doc: "The port's number. Not together with name." })),
              },
              { mapType: "atomic", doc: "The Service's port." },
            ),
          ),
        },
        { doc: "A Service of the same namespace. Not together with resource." },
      ),
    ),
  },
  { doc: "What serves the requests." },
);

const Path = t.object({
  backend: Backend,
  path: t.optional(t.string({ doc: "The path to match, beginning with /." })),
  pathType: t.string({ doc: "How the path is matched: Exact, Prefix or ImplementationSpecific." }),
});

const Rule = t.object({
  host: t.optional(t.string({ doc: "The host to match, maybe with a wildcard *. in front. Absent: all hosts." })),
  http: t.optional(
    t.object(
      { paths: t.array(Path, { listType: "atomic", doc: "What serves which paths." }) },
      { doc: "Rules for HTTP." },
    ),
  ),
});

const Tls = t.object({
  hosts: t.optional(t.array(t.string(), { listType: "atomic", doc: "The hosts in the certificate." })),
  secretName: t.optional(t.string({ doc: "The Secret with key and certificate." })),
});

const MultiClusterIngressSpec = t.object(
  {
    defaultBackend: t.optional(Backend, "What serves requests that no rule matches."),
    ingressClassName: t.optional(t.string({ doc: "The IngressClass that is to see to it." })),
    rules: t.optional(t.array(Rule, { listType: "atomic", doc: "What serves which hosts and paths." })),
    tls: t.optional(t.array(Tls, { listType: "atomic", doc: "Certificates by host." })),
  },
  { doc: "How requests from outside reach Services in members." },
);
export type MultiClusterIngressSpec = TypeOf<typeof MultiClusterIngressSpec>;

export const MultiClusterIngress = defineKindWithFields({
  group: "networking.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "MultiClusterIngress",
  plural: "multiclusteringresses",
  shortNames: ["mci"],
  categories: ["karmada-io"],
  doc: "Leads requests from outside to Services in several member clusters.",
  fields: {
    spec: t.optional(MultiClusterIngressSpec),
    status: t.optional(
      t.object(
        {
          loadBalancer: t.optional(
            t.object(
              {
                ingress: t.optional(
                  t.array(t.object(addressFields), { listType: "atomic", doc: "Where the load balancer answers." }),
                ),
              },
              { doc: "The load balancer." },
            ),
          ),
          serviceLocations: t.optional(
            t.array(
              t.object({
                clusters: t.optional(t.array(t.string(), { doc: "The clusters it is in." })),
                name: t.string({ doc: "The Service's name." }),
              }),
              { doc: "In which clusters the Services are." },
            ),
          ),
          trafficBlockClusters: t.optional(t.array(t.string(), { doc: "Clusters that get no requests." })),
        },
        { doc: "Where it is served." },
      ),
    ),
  },
  subresources: { status: true },
});
export type MultiClusterIngress = ObjectOf<typeof MultiClusterIngress>;
