// What programs import from "karmada-ts": the client, the kinds, controllers, scheduler plugins, the pure decisions and a
// cluster to test against. Everything else is internal and may change with any release.

// Talk to an API server.
export type {
  CallOptions,
  Client,
  DeleteOptions,
  Draft,
  ListOptions,
  ObjectList,
  Patch,
  Transport,
  WatchCallOptions,
  WatchEvent,
  WriteOptions,
} from "#client/client.ts";
export { createDiscovery, type DiscoveredKind, type Discovery } from "#client/discovery.ts";
export { type HttpConfig, httpTransport } from "#client/http-transport.ts";
export { inProcessTransport } from "#client/in-process-transport.ts";
export type { Informer, InformerEvent, InformerFactory } from "#client/informer.ts";
export { createInformerFactory, type InformerFactoryOptions } from "#client/informers.ts";
export { type KubeconfigOptions, type LoadedContext, loadKubeconfig } from "#client/kubeconfig.ts";
export { type ClientOptions, createClient } from "#client/rest-client.ts";
export { ApiError, isApiError, type Reason } from "#machinery/api-error.ts";
export { isKubeObject, isObjectOf } from "#machinery/guards.ts";
export type { ApiRequest, ApiResponse, RequestHandler, UserInfo } from "#machinery/http.ts";
export type { GroupVersionKind, Kind, KubeObject, ObjectMeta, ObjectOf, ObjectRef } from "#machinery/object.ts";

// Karmada's kinds, and how to declare kinds of your own.
export { Cluster } from "#api/cluster/cluster.ts";
export { crdOf } from "#api/crd.ts";
export { type DefinedKind, defineKind, type KindDeclaration } from "#api/define-kind.ts";
export { karmadaKinds } from "#api/karmada.ts";
export { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
export type { Placement } from "#api/policy/placement.ts";
export { ClusterTaintPolicy } from "#api/policy/cluster-taint-policy.ts";
export { FederatedResourceQuota } from "#api/policy/federated-resource-quota.ts";
export { ClusterPropagationPolicy, PropagationPolicy } from "#api/policy/propagation-policy.ts";
export { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
export { CronFederatedHPA } from "#api/autoscaling/cron-federated-hpa.ts";
export { FederatedHPA } from "#api/autoscaling/federated-hpa.ts";
export { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
export { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
export { ServiceExport } from "#api/multicluster/service-export.ts";
export { ServiceImport } from "#api/multicluster/service-import.ts";
export { MultiClusterIngress } from "#api/networking/multi-cluster-ingress.ts";
export { MultiClusterService } from "#api/networking/multi-cluster-service.ts";
export { Remedy } from "#api/remedy/remedy.ts";
export { ResourceRegistry } from "#api/search/resource-registry.ts";
export { t, type TypeOf } from "#api/schema-dsl.ts";
export { type BindingSpec, ClusterResourceBinding, ResourceBinding, type TargetCluster } from "#api/work/binding.ts";
export { Work } from "#api/work/work.ts";

// The built-in kinds that programs use most; discovery finds the others.
export {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  Endpoints,
  EndpointSlice,
  Event,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  Lease,
  LimitRange,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
} from "#api/kinds.ts";

// Write controllers.
export {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type EventRecorder,
  type LeaderElection,
  type Manager,
  type ManagerOptions,
  type ReconcileKey,
  requeueAfter,
  type Result,
  startManager,
  TerminalError,
  type Watch,
  watches,
} from "#runtime/index.ts";

// Extend the scheduler, or ask it without running it.
export { scheduler, type SchedulerOptions } from "#scheduler/controller.ts";
export { decideSchedule, type Outcome } from "#scheduler/decide.ts";
export {
  definePlugin,
  fits,
  type Plugin,
  type PluginInput,
  rejects,
  type Verdict,
} from "#scheduler/framework/plugin.ts";
export { allPlugins } from "#scheduler/plugins/all.ts";

// What override policies make of a manifest, and which rule did it.
export {
  explainOverrides,
  type OverrideChange,
  type OverrideExplanation,
  type OverrideFailed,
} from "#controllers/override/explain-overrides.ts";

// What the above take as arguments.
export { type Logger, silentLogger } from "#std/logger.ts";
export { type Random, systemRandom } from "#std/random.ts";
export { type Clock, keepAlive, systemClock } from "#std/time.ts";

// A cluster to test against.
export { startTestCluster, type TestCluster, type TestClusterOptions } from "./test-cluster.ts";
