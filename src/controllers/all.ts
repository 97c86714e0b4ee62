// All controllers of propagation, made together: they share the connections to members, the templates and the indexes.
// Upstream: karmada cmd/controller-manager/app/controllermanager.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Client, Transport } from "#client/client.ts";
import { createDiscovery } from "#client/discovery.ts";
import { httpTransport } from "#client/http-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import type { Controller } from "#runtime/controller.ts";
import { RecentWrites } from "#runtime/recent-writes.ts";
import { defined } from "#std/defined.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { applicationFailoverController } from "./application-failover/controller.ts";
import { bindingController } from "./binding/controller.ts";
import { bindingStatusController } from "./binding-status/controller.ts";
import { clusterController } from "./cluster/controller.ts";
import {
  clusterStatusController,
  clusterStatusDefaults,
  type ClusterStatusOptions,
} from "./cluster-status/controller.ts";
import { clusterTaintPolicyController } from "./cluster-taint-policy/controller.ts";
import { dependenciesDistributor } from "./dependencies-distributor/controller.ts";
import { executionController } from "./execution/controller.ts";
import { type FeatureGates, featureGateDefaults } from "./feature-gates.ts";
import { evictionRuleDefaults, gracefulEvictionController } from "./graceful-eviction/controller.ts";
import type { EvictionRules } from "./graceful-eviction/decide.ts";
import type { MemberAccess } from "./member-access.ts";
import { createMemberClusters } from "./member-clusters.ts";
import { namespaceSyncController } from "./namespace-sync/controller.ts";
import { policyController } from "./policy/controller.ts";
import { policyDeletionController } from "./policy-deletion/controller.ts";
import { skipDefaults, type SkipOptions, skipRules } from "./policy/skip.ts";
import { relatedStateController } from "./related-state/controller.ts";
import {
  taintManager,
  taintManagerDefaults,
  type TaintManagerDeps,
  type TaintManagerOptions,
} from "./taint-manager/controller.ts";
import { Templates } from "./templates.ts";
import { workloadRebalancerController } from "./workload-rebalancer/controller.ts";
import { workStatusController } from "./work-status/controller.ts";

export interface KarmadaControllersOptions {
  /** Of the control plane, as are the informers: the same that the manager has. */
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly interpreter: Interpreter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends the connections to members and the informers of templates. */
  readonly signal: AbortSignal;
  readonly gates?: Partial<FeatureGates>;
  readonly skip?: Partial<SkipOptions>;
  readonly clusterStatus?: Partial<ClusterStatusOptions>;
  readonly eviction?: Partial<EvictionRules>;
  readonly taintEviction?: Partial<TaintManagerOptions>;
  /** Opens the connection to a member. Absent: HTTPS, as the member's Cluster and Secret say. */
  readonly connect?: (access: MemberAccess) => Transport;
  /** Which members are reached from here. Absent: those in Push mode. */
  readonly reaches?: (cluster: Cluster) => boolean;
  /** Whether writes into members are ours to make: only who leads may. Absent: always. */
  readonly mayWrite?: () => boolean;
}

/** The controllers, to be run by one manager. What they share begins to work at once and ends with the signal. */
export function karmadaControllers(options: KarmadaControllersOptions): readonly Controller[] {
  const { client, informers, interpreter, clock, random, log, signal } = options;
  const gates = { ...featureGateDefaults, ...options.gates };
  const eviction = { ...evictionRuleDefaults, ...options.eviction };
  const skip = skipRules({ ...skipDefaults, ...options.skip });
  const { connect = connectByHttp, reaches = isPush, mayWrite } = options;
  const members = createMemberClusters({ informers, connect, reaches, mayWrite, clock, random, log, signal });
  const templates = new Templates({ discovery: createDiscovery(client), informers, skip, clock, log, signal });
  const writes = new RecentWrites(clock);
  return [
    ...clusterFailover(
      { templates, gates, stabilizationSeconds: windowOf(eviction) },
      { ...taintManagerDefaults, ...options.taintEviction },
    ),
    clusterController(),
    clusterStatusController(members, { ...clusterStatusDefaults, ...options.clusterStatus }),
    namespaceSyncController({ skip, writes }),
    policyController({ templates, interpreter, gates, writes }),
    policyDeletionController({ templates }),
    bindingController({ templates, interpreter, gates, writes, evictionMode: eviction.mode }),
    gracefulEvictionController(templates, eviction),
    applicationFailoverController({
      ...{ templates, interpreter, gates, evictionMode: eviction.mode },
      stabilizationSeconds: windowOf(eviction),
    }),
    ...(gates.StatefulFailoverInjection ? [relatedStateController(members)] : []),
    dependenciesDistributor({ templates, interpreter, gates, writes }),
    executionController({ members, templates, interpreter, writes }),
    workStatusController({ members, templates, interpreter, writes, clock }),
    bindingStatusController({ templates, interpreter, writes, clock }),
    workloadRebalancerController(),
  ];
}

/** What the gate Failover turns on. */
function clusterFailover(deps: TaintManagerDeps, options: TaintManagerOptions): readonly Controller[] {
  if (!deps.gates.Failover) return [];
  return [clusterTaintPolicyController(), ...(options.enabled ? [taintManager(deps, options)] : [])];
}

/** Karmada knows no stabilisation window. */
function windowOf({ mode, stabilizationSeconds }: EvictionRules): number {
  return mode === "strict" ? stabilizationSeconds : 0;
}

function isPush({ spec }: Cluster): boolean {
  return spec.syncMode === "Push";
}

/** HTTPS, as the member's Cluster and Secret say. */
export function connectByHttp(access: MemberAccess): Transport {
  return httpTransport(
    defined({
      server: access.endpoint,
      token: access.token,
      certificateAuthority: access.caBundle,
      insecureSkipTlsVerify: access.insecure,
      proxyUrl: access.proxyUrl,
    }),
  );
}
