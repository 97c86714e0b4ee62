// Karmada: a control plane that the operator installs and keeps.
// Upstream: karmada operator/pkg/apis/operator/v1alpha1/type.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKindWithFields } from "../define-kind.ts";
import { Condition, StringMap, Toleration } from "../meta-types.ts";
import { type SchemaType, t, type TypeOf } from "../schema-dsl.ts";
import { coreType } from "./built-in.ts";

const LocalSecretReference = t.object({
  name: t.optional(t.string({ doc: "The Secret's name." })),
  namespace: t.optional(t.string({ doc: "The Secret's namespace." })),
});

const FeatureGates = t.map(t.boolean());

const budgetRules = [
  {
    message: "either minAvailable or maxUnavailable must be set",
    rule: "has(self.minAvailable) || has(self.maxUnavailable)",
  },
  {
    message: "minAvailable and maxUnavailable are mutually exclusive",
    rule: "!(has(self.minAvailable) && has(self.maxUnavailable))",
  },
];

function withRules<T>({ schema }: SchemaType<T>, rules: readonly Readonly<Record<string, string>>[]): SchemaType<T> {
  return { schema: { ...schema, "x-kubernetes-validations": rules } };
}

const DisruptionBudget = withRules(
  t.object(
    {
      maxUnavailable: t.optional(t.intOrString({ doc: "How many pods, or which part, may be away at a time." })),
      minAvailable: t.optional(t.intOrString({ doc: "How many pods, or which part, must be there." })),
    },
    { doc: "How far evictions may go. Exactly one of the two." },
  ),
  budgetRules,
);

/** What can be set of every component. */
const commonFields = {
  affinity: t.optional(coreType("Affinity", "Where its pods may run, instead of what the operator would say.")),
  annotations: t.optional(StringMap, "Annotations of the workload and its pods, beside the operator's."),
  imagePullPolicy: t.optional(t.string({ doc: "When the image is pulled: Always, IfNotPresent or Never." })),
  imageRepository: t.optional(t.string({ doc: "The image without its tag." })),
  imageTag: t.optional(t.string({ doc: "The image's tag." })),
  labels: t.optional(StringMap, "Labels of the workload and its pods, beside the operator's."),
  podDisruptionBudgetConfig: t.optional(DisruptionBudget),
  priorityClassName: t.optional(t.string({ default: "system-node-critical", doc: "The priority class of its pods." })),
  replicas: t.optional(t.int32({ doc: "How many pods there are to be." })),
  resources: t.optional(coreType("ResourceRequirements", "What each of its pods asks for and may use at most.")),
  tolerations: t.optional(t.array(Toleration, { doc: "Taints that its pods tolerate, instead of the operator's." })),
} as const;

const extraArgs = t.optional(StringMap, "Flags to add or to override, by name without dashes.");
const featureGates = t.optional(FeatureGates, "Features to turn on or off in this component.");
const controllers = t.optional(
  t.array(t.string(), { doc: "Controllers to run: `*` for all, `name` for one, `-name` for all but one." }),
);
const certSANs = t.optional(t.array(t.string(), { doc: "Further names and addresses for the server's certificate." }));

const component = (doc: string) => t.optional(t.object({ ...commonFields, extraArgs }, { doc }));

const VolumeData = t.object(
  {
    emptyDir: t.optional(coreType("EmptyDirVolumeSource", "A directory that goes with the pod.")),
    hostPath: t.optional(coreType("HostPathVolumeSource", "A directory of the node.")),
    volumeClaim: t.optional(coreType("PersistentVolumeClaimTemplate", "A volume claimed for each pod.")),
  },
  { doc: "Where etcd keeps its data." },
);

const Etcd = t.object(
  {
    external: t.optional(
      t.object(
        {
          // Until v1.16 the keys could be here themselves.
          caData: t.optional(t.bytes({ doc: "No longer read: name a Secret." })),
          certData: t.optional(t.bytes({ doc: "No longer read: name a Secret." })),
          keyData: t.optional(t.bytes({ doc: "No longer read: name a Secret." })),
          endpoints: t.array(t.string(), { doc: "Addresses of the members." }),
          secretRef: t.doc(LocalSecretReference, "The Secret with ca.crt, tls.crt and tls.key of its clients."),
        },
        { doc: "An etcd that is there already." },
      ),
    ),
    local: t.optional(
      t.object(
        {
          ...commonFields,
          peerCertSANs: t.optional(t.array(t.string(), { doc: "Further names for the peers' certificate." })),
          serverCertSANs: t.optional(t.array(t.string(), { doc: "Further names for the server's certificate." })),
          volumeData: t.optional(VolumeData),
        },
        { doc: "An etcd that the operator installs." },
      ),
    ),
  },
  { doc: "Where the control plane's objects are kept." },
);

const ApiServer = t.object(
  {
    ...commonFields,
    certSANs,
    extraArgs,
    extraVolumeMounts: t.optional(
      t.array(coreType("VolumeMount", "Where a volume appears in the container."), { doc: "Further mounts." }),
    ),
    extraVolumes: t.optional(t.array(coreType("Volume", "A volume of the pod."), { doc: "Further volumes." })),
    featureGates,
    loadBalancerClass: t.optional(t.string({ doc: "Who implements the Service of type LoadBalancer." })),
    serviceAnnotations: t.optional(StringMap, "Annotations of the API server's Service."),
    serviceSubnet: t.optional(t.string({ doc: "The range of addresses for Services." })),
    serviceType: t.optional(
      t.enum(["ClusterIP", "NodePort", "LoadBalancer"], {
        default: "ClusterIP",
        doc: "How the API server is reached.",
      }),
    ),
    sidecarContainers: t.optional(
      t.array(coreType("Container", "A container beside the API server's."), { doc: "Further containers." }),
    ),
  },
  { doc: "The API server of Kubernetes' and Karmada's kinds." },
);

const Components = t.object(
  {
    etcd: Etcd,
    karmadaAPIServer: t.optional(ApiServer),
    karmadaAggregatedAPIServer: t.optional(
      t.object({ ...commonFields, certSANs, extraArgs, featureGates }, { doc: "The API server of clusters." }),
    ),
    karmadaControllerManager: t.optional(
      t.object({ ...commonFields, controllers, extraArgs, featureGates }, { doc: "Karmada's controllers." }),
    ),
    karmadaDescheduler: component("The descheduler. Installed only if it is given."),
    karmadaMetricsAdapter: component("The adapter for metrics of members."),
    karmadaScheduler: t.optional(t.object({ ...commonFields, extraArgs, featureGates }, { doc: "The scheduler." })),
    karmadaSearch: component("The search of resources in members. Installed only if it is given."),
    karmadaWebhook: component("Karmada's admission."),
    kubeControllerManager: t.optional(
      t.object({ ...commonFields, controllers, extraArgs, featureGates }, { doc: "Kubernetes' controllers." }),
    ),
  },
  { doc: "What is set of each component. Absent: the defaults of all." },
);

const CrdTarball = t.object(
  {
    crdDownloadPolicy: t.optional(
      t.enum(["Always", "IfNotPresent"], { default: "IfNotPresent", doc: "Whether to load it though it is there." }),
    ),
    httpSource: t.optional(
      t.object(
        {
          proxy: t.optional(
            t.object({ proxyURL: t.string({ doc: "The proxy's address." }) }, { doc: "The proxy to load it by." }),
          ),
          url: t.string({ doc: "Where it is." }),
        },
        { doc: "An archive behind an address." },
      ),
    ),
  },
  { doc: "Where the CustomResourceDefinitions come from. Absent: the operator's release." },
);

const KarmadaSpec = t.object(
  {
    components: t.optional(Components),
    crdTarball: t.optional(CrdTarball),
    customCertificate: t.optional(
      t.object(
        {
          apiServerCACert: t.optional(
            LocalSecretReference,
            "The Secret with an authority to use instead of a new one.",
          ),
          leafCertValidityDays: t.optional(t.int32({ minimum: 1, doc: "For how many days certificates are valid." })),
        },
        { doc: "The certificates of the control plane." },
      ),
    ),
    featureGates: t.optional(FeatureGates, "Features to turn on or off in Karmada's components."),
    hostCluster: t.optional(
      t.object(
        {
          apiEndpoint: t.optional(t.string({ doc: "The host cluster's address." })),
          networking: t.optional(
            t.object(
              { dnsDomain: t.optional(t.string({ doc: "The domain of its Services." })) },
              { doc: "Its network." },
            ),
          ),
          secretRef: t.optional(LocalSecretReference, "The Secret with a kubeconfig of it."),
        },
        { doc: "Where to install. Absent: where the operator runs." },
      ),
    ),
    privateRegistry: t.optional(
      t.object({ registry: t.string({ doc: "The registry's address." }) }, { doc: "Where images come from." }),
    ),
    suspend: t.optional(t.boolean({ doc: "Leave the control plane alone for the time being." })),
  },
  { doc: "What is to be installed." },
);
export type KarmadaSpec = TypeOf<typeof KarmadaSpec>;

const KarmadaStatus = t.object(
  {
    apiServerService: t.optional(
      t.object({ name: t.string({ doc: "Its name." }) }, { doc: "The API server's Service." }),
    ),
    conditions: t.optional(t.array(Condition, { doc: "Ready: whether the installation is complete." })),
    karmadaVersion: t.optional(t.string({ doc: "The version of Karmada that is installed." })),
    kubernetesVersion: t.optional(t.string({ doc: "The version of Kubernetes that is installed." })),
    observedGeneration: t.optional(t.int64({ doc: "The generation that was last worked on." })),
    secretRef: t.optional(LocalSecretReference, "The Secret with an administrator's kubeconfig."),
  },
  { doc: "How the installation goes." },
);
export type KarmadaStatus = TypeOf<typeof KarmadaStatus>;

export const Karmada = defineKindWithFields({
  group: "operator.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "Karmada",
  plural: "karmadas",
  categories: ["karmada-io"],
  doc: "A control plane of Karmada that the operator installs and keeps.",
  fields: { spec: t.optional(KarmadaSpec), status: t.optional(KarmadaStatus) },
  printerColumns: [
    { jsonPath: '.status.conditions[?(@.type=="Ready")].status', name: "READY", type: "string" },
    { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
  ],
  subresources: { status: true },
});
export type Karmada = ObjectOf<typeof Karmada>;
