// Cluster: a member cluster. Upstream serves it from an aggregated API server (karmada pkg/apis/cluster/v1alpha1/types.go,
// pkg/registry/cluster, pkg/printers); here it is a CRD like the others.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { Condition, ResourceList, StringMap, Taint } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const SecretReference = t.object({
  name: t.string({ doc: "The Secret's name." }),
  namespace: t.string({ doc: "The Secret's namespace." }),
});

const ResourceModel = t.object({
  grade: t.integer({ minimum: 0, doc: "The grade: the higher, the bigger the node." }),
  ranges: t.array(
    t.object({
      max: t.quantity({ doc: "Upper bound, not itself included." }),
      min: t.quantity({ doc: "Lower bound, itself included." }),
      name: t.string({ doc: "The resource, such as cpu." }),
    }),
    { doc: "What a node of this grade has free." },
  ),
});
export type ResourceModel = TypeOf<typeof ResourceModel>;

const ClusterSpec = t.object(
  {
    apiEndpoint: t.optional(t.string({ doc: "The address of the member's API server." })),
    id: t.optional(t.string({ doc: "The member's identity: the uid of its kube-system namespace." })),
    impersonatorSecretRef: t.optional(
      SecretReference,
      "The Secret with a token that may impersonate others, used by the cluster proxy.",
    ),
    insecureSkipTLSVerification: t.optional(
      t.boolean({ doc: "Do not check the certificate of the member's API server." }),
    ),
    provider: t.optional(t.string({ doc: "The cloud provider." })),
    proxyHeader: t.optional(StringMap, "Headers to send to the proxy."),
    proxyURL: t.optional(t.string({ doc: "The proxy to reach the member through: http, https or socks5." })),
    region: t.optional(t.string({ doc: "The region." })),
    resourceModels: t.optional(t.array(ResourceModel, { doc: "Grades of nodes, by which free capacity is counted." })),
    secretRef: t.optional(SecretReference, "The Secret with token and caBundle for the member."),
    syncMode: t.enum(["Push", "Pull"], {
      doc: "Push: the control plane reaches into the member. Pull: an agent in the member comes for its work.",
    }),
    taints: t.optional(t.array(Taint, { doc: "What keeps workloads away that do not tolerate it." })),
    zone: t.optional(t.string({ doc: "The older form of a single zone. Moved into zones." })),
    zones: t.optional(t.array(t.string(), { doc: "The failure zones." })),
  },
  { doc: "How the member is reached, and what it is like." },
);
export type ClusterSpec = TypeOf<typeof ClusterSpec>;

const ApiEnablement = t.object({
  groupVersion: t.string({ doc: "The group and version." }),
  resources: t.optional(
    t.array(t.object({ kind: t.string({ doc: "The kind." }), name: t.string({ doc: "The plural name." }) }), {
      doc: "The resources it has.",
    }),
  ),
});
export type ApiEnablement = TypeOf<typeof ApiEnablement>;

const ResourceSummary = t.object(
  {
    allocatable: t.optional(ResourceList, "What the nodes have in all."),
    allocatableModelings: t.optional(
      t.array(
        t.object({
          count: t.integer({ doc: "How many nodes." }),
          grade: t.integer({ minimum: 0, doc: "The grade." }),
        }),
        { doc: "How many nodes have room of each grade." },
      ),
    ),
    allocated: t.optional(ResourceList, "What pods on nodes have been given."),
    allocating: t.optional(ResourceList, "What pods without a node are waiting for."),
  },
  { doc: "The member's capacity." },
);
export type ResourceSummary = TypeOf<typeof ResourceSummary>;

const ClusterStatus = t.object(
  {
    apiEnablements: t.optional(t.array(ApiEnablement, { doc: "The APIs that the member serves." })),
    conditions: t.optional(t.array(Condition, { doc: "Ready and CompleteAPIEnablements." })),
    kubernetesVersion: t.optional(t.string({ doc: "The member's version." })),
    nodeSummary: t.optional(
      t.object(
        {
          readyNum: t.optional(t.int32({ doc: "How many are ready." })),
          totalNum: t.optional(t.int32({ doc: "How many there are." })),
        },
        { doc: "The member's nodes." },
      ),
    ),
    remedyActions: t.optional(t.array(t.string(), { doc: "Remedies in force." })),
    resourceSummary: t.optional(ResourceSummary),
  },
  { doc: "The member as last seen." },
);
export type ClusterStatus = TypeOf<typeof ClusterStatus>;

export const Cluster = defineKind({
  group: "cluster.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "Cluster",
  plural: "clusters",
  doc: "A member cluster.",
  spec: ClusterSpec,
  status: ClusterStatus,
  printerColumns: [
    { jsonPath: ".status.kubernetesVersion", name: "VERSION", type: "string" },
    { jsonPath: ".spec.syncMode", name: "MODE", type: "string" },
    { jsonPath: '.status.conditions[?(@.type=="Ready")].status', name: "READY", type: "string" },
    { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
    { jsonPath: ".spec.zones", name: "ZONES", type: "string", priority: 1 },
    { jsonPath: ".spec.region", name: "REGION", type: "string", priority: 1 },
    { jsonPath: ".spec.provider", name: "PROVIDER", type: "string", priority: 1 },
    { jsonPath: ".spec.apiEndpoint", name: "API-ENDPOINT", type: "string", priority: 1 },
    { jsonPath: ".spec.proxyURL", name: "PROXY-URL", type: "string", priority: 1 },
  ],
  subresources: { status: true },
});
export type Cluster = ObjectOf<typeof Cluster>;
