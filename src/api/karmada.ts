// The kinds of Karmada that this control plane serves, in the order in which their CRDs are installed.
import { WorkloadRebalancer } from "./apps/workload-rebalancer.ts";
import { CronFederatedHPA } from "./autoscaling/cron-federated-hpa.ts";
import { FederatedHPA } from "./autoscaling/federated-hpa.ts";
import { Cluster } from "./cluster/cluster.ts";
import { ResourceInterpreterCustomization } from "./config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "./config/resource-interpreter-webhook-configuration.ts";
import type { DefinedKind } from "./define-kind.ts";
import { ServiceExport } from "./multicluster/service-export.ts";
import { ServiceImport } from "./multicluster/service-import.ts";
import { MultiClusterIngress } from "./networking/multi-cluster-ingress.ts";
import { MultiClusterService } from "./networking/multi-cluster-service.ts";
import { Karmada } from "./operator/karmada.ts";
import { ClusterTaintPolicy } from "./policy/cluster-taint-policy.ts";
import { FederatedResourceQuota } from "./policy/federated-resource-quota.ts";
import { ClusterOverridePolicy, OverridePolicy } from "./policy/override-policy.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "./policy/propagation-policy.ts";
import { Remedy } from "./remedy/remedy.ts";
import { ResourceRegistry } from "./search/resource-registry.ts";
import { ClusterResourceBinding, ResourceBinding } from "./work/binding.ts";
import { Work } from "./work/work.ts";

export const karmadaKinds: readonly DefinedKind[] = [
  Cluster,
  PropagationPolicy,
  ClusterPropagationPolicy,
  OverridePolicy,
  ClusterOverridePolicy,
  ResourceBinding,
  ClusterResourceBinding,
  Work,
  ClusterTaintPolicy,
  FederatedResourceQuota,
  WorkloadRebalancer,
  ResourceInterpreterCustomization,
  ResourceInterpreterWebhookConfiguration,
  FederatedHPA,
  CronFederatedHPA,
  MultiClusterService,
  MultiClusterIngress,
  ServiceExport,
  ServiceImport,
  Remedy,
  ResourceRegistry,
  Karmada,
];
