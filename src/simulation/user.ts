// The user of a simulated world: does what a plan says, one thing after the other, and remembers what was acknowledged.
// Users sit beside the servers: no network lies between, so that what they read is what the server says now.
import { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { clusterTaints } from "#api/karmada-constants.ts";
import { Node } from "#api/kinds.ts";
import { OverridePolicy } from "#api/policy/override-policy.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Client, Draft } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject, ObjectRef } from "#machinery/object.ts";
import { deadlineSignal } from "#std/abort.ts";
import { keyOf } from "./mirror.ts";
import { controlPlane } from "./parts.ts";
import type { OperationKind, Step } from "./plan.ts";
import type { Ledger } from "./ledger.ts";
import type { World } from "./world.ts";
import { customizationOf, customizationPatchOf, customizationRef } from "./workload/customizations.ts";
import {
  bindingRefOf,
  brokenAnnotation,
  editOf,
  goldLabel,
  kindOf,
  memberEditOf,
  overrideRefOf,
  overrideSpecOf,
  mountOf,
  policyRefOf,
  policySpecOf,
  rebalancerOf,
  refOf,
  stampAnnotation,
  templateOf,
  isWorkload,
  workRefOf,
} from "./workload/objects.ts";
import {
  clusterLabel,
  clusterOf,
  clusterTier,
  nodeName,
  placementPatchOf,
  roomForAll,
  roomOf,
} from "./workload/placements.ts";

/** How long the user waits for an answer. */
const patienceMilliseconds = 5_000;

interface Hands {
  readonly client: Client;
  readonly step: Step;
  readonly signal: AbortSignal;
}

type Operation = (hands: Hands) => Promise<unknown>;

/** The user. */
export class User {
  readonly counts: Record<string, number> = {};
  readonly #ledger: Ledger;
  readonly #world: World;
  readonly #operations: Readonly<Record<OperationKind, Operation>>;

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
    this.#operations = {
      ...this.#templateOperations(),
      ...this.#policyOperations(),
      ...this.#clusterOperations(),
      ...this.#customizationOperations(),
      ...this.#handOperations(),
    };
  }

  /** Does one step. What the world refuses is refused. A sentence where what was read cannot be. */
  async act(step: Step & { readonly kind: OperationKind }): Promise<string | undefined> {
    const { kind, on } = step;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    using signal = deadlineSignal(this.#world.clock, patienceMilliseconds);
    try {
      const found = await this.#operations[kind]({ client: this.#world.client(), step, signal });
      this.#world.acted(step, "done");
      return typeof found === "string" ? found : undefined;
    } catch (error) {
      const outcome = isApiError(error) ? "refused" : "unanswered";
      this.#world.note(`user ${kind} ${on}: ${isApiError(error) ? error.reason : "no answer"}`);
      this.#world.acted(step, outcome);
      return undefined;
    }
  }

  /** Nodes say that they are there, as they do all the time: after a restore nobody else says it. */
  async beat(): Promise<void> {
    const metadata = { annotations: { [stampAnnotation]: String(this.#world.now()) } };
    const patch = { type: "merge", patch: { metadata } } as const;
    for (const member of this.#world.members) await this.#world.client(member).patch(Node, { name: nodeName }, patch);
  }

  /** Members have room for all that was ever asked for. */
  async giveRoom(): Promise<void> {
    for (const on of this.#world.members) {
      await this.act({ at: this.#world.now(), kind: "setCapacity", on, replicas: roomForAll });
    }
  }

  #templateOperations() {
    const patch = (hands: Hands, change: Readonly<Record<string, unknown>>): Promise<unknown> =>
      this.#patch(hands, kindOf(hands.step.on), refOf(hands.step.on), change);
    return {
      createTemplate: (hands: Hands) => this.#create(hands, kindOf(hands.step.on), templateOf(hands.step)),
      editTemplate: (hands: Hands) => patch(hands, editOf(hands.step)),
      mountConfig: (hands: Hands) => patch(hands, mountOf(hands.step)),
      scaleTemplate: (hands: Hands) =>
        patch(hands, { metadata: stampOf(hands.step), spec: { replicas: hands.step.replicas ?? 1 } }),
      relabelTemplate: (hands: Hands) => {
        const labels = { [goldLabel]: hands.step.words?.includes("gold") === true ? "gold" : null };
        return patch(hands, { metadata: { ...stampOf(hands.step), labels } });
      },
      deleteTemplate: (hands: Hands) => this.#delete(hands, kindOf(hands.step.on), refOf(hands.step.on)),
      readTemplate: async ({ client, step, signal }: Hands) => {
        const [kind, ref] = [kindOf(step.on), refOf(step.on)];
        return this.#ledger.contradiction(kind, ref, await client.find(kind, ref, { signal }));
      },
    };
  }

  #policyOperations() {
    const patch = (hands: Hands, spec: Readonly<Record<string, unknown>>): Promise<unknown> =>
      this.#patch(hands, PropagationPolicy, policyRefOf(hands.step.on), { metadata: stampOf(hands.step), spec });
    return {
      createPolicy: (hands: Hands) => {
        const metadata = { ...policyRefOf(hands.step.on), ...stampOf(hands.step) };
        return this.#create(hands, PropagationPolicy, { metadata, spec: policySpecOf(hands.step) });
      },
      editPlacement: (hands: Hands) => {
        const { on, clusters = [], words = [] } = hands.step;
        return patch(hands, { placement: placementPatchOf(clusters, isWorkload(on), words) });
      },
      suspendPolicy: (hands: Hands) => {
        const { clusters = [], words = [] } = hands.step;
        if (clusters.length === 0) return patch(hands, { suspension: null });
        const suspension = words.includes("all")
          ? { dispatching: true, dispatchingOnClusters: null }
          : { dispatching: null, dispatchingOnClusters: { clusterNames: clusters } };
        return patch(hands, { suspension });
      },
      deletePolicy: (hands: Hands) => this.#delete(hands, PropagationPolicy, policyRefOf(hands.step.on)),
      createOverride: (hands: Hands) => {
        const metadata = { ...overrideRefOf(hands.step.on), ...stampOf(hands.step) };
        return this.#create(hands, OverridePolicy, { metadata, spec: overrideSpecOf(hands.step) });
      },
      editOverride: (hands: Hands) =>
        this.#patch(hands, OverridePolicy, overrideRefOf(hands.step.on), {
          metadata: stampOf(hands.step),
          spec: overrideSpecOf(hands.step),
        }),
      deleteOverride: (hands: Hands) => this.#delete(hands, OverridePolicy, overrideRefOf(hands.step.on)),
    };
  }

  #clusterOperations() {
    const setTaints = async ({ client, step, signal }: Hands, own: string, effect: string | undefined) => {
      const { metadata, spec } = await client.get(Cluster, { name: step.on }, { signal });
      const others = (spec.taints ?? []).filter(({ key }) => key !== own);
      const taints = effect === undefined ? others : [...others, { key: own, effect }];
      const patch = { metadata: { resourceVersion: metadata.resourceVersion }, spec: { taints } };
      return client.patch(Cluster, { name: step.on }, { type: "merge", patch }, { signal });
    };
    return {
      taintCluster: (hands: Hands) =>
        setTaints(
          hands,
          "simulation/taint",
          hands.step.words?.includes("execute") === true ? "NoExecute" : "NoSchedule",
        ),
      untaintCluster: (hands: Hands) => setTaints(hands, "simulation/taint", undefined),
      cordonCluster: (hands: Hands) => setTaints(hands, clusterTaints.unschedulable, "NoSchedule"),
      uncordonCluster: (hands: Hands) => setTaints(hands, clusterTaints.unschedulable, undefined),
      unjoinCluster: ({ client, step, signal }: Hands) => client.delete(Cluster, { name: step.on }, { signal }),
      joinCluster: ({ client, step, signal }: Hands) => client.create(Cluster, clusterOf(step.on), { signal }),
      labelCluster: ({ client, step, signal }: Hands) => {
        const labels = { [clusterLabel]: step.words?.includes(clusterTier) === true ? clusterTier : null };
        return client.patch(Cluster, { name: step.on }, { type: "merge", patch: { metadata: { labels } } }, { signal });
      },
      setCapacity: ({ step: { on, replicas = 0 }, signal }: Hands) => {
        const options = { signal, subresource: "status" } as const;
        const node = this.#world.client(on);
        return node.patch(Node, { name: nodeName }, { type: "merge", patch: roomOf(replicas) }, options);
      },
      // One that has a time to live is not promised to stay.
      rebalance: (hands: Hands) => {
        const { client, step, signal } = hands;
        const rebalancer = rebalancerOf(step);
        return step.milliseconds === undefined
          ? this.#create(hands, WorkloadRebalancer, rebalancer)
          : client.create(WorkloadRebalancer, rebalancer, { signal });
      },
      setFailover: ({ step }: Hands) => {
        this.#world.setFailover(step.words?.includes("on") === true);
        return Promise.resolve();
      },
    };
  }

  #customizationOperations() {
    const kind = ResourceInterpreterCustomization;
    return {
      createCustomization: (hands: Hands) => this.#create(hands, kind, customizationOf(hands.step)),
      editCustomization: (hands: Hands) => this.#patch(hands, kind, customizationRef, customizationPatchOf(hands.step)),
      deleteCustomization: (hands: Hands) => this.#delete(hands, kind, customizationRef),
    };
  }

  /** What is done behind Karmada's back. */
  #handOperations() {
    const inMember = (hands: Hands, act: (client: Client, kind: Kind, ref: ObjectRef) => Promise<unknown>) => {
      const { on, clusters: [member = ""] = [] } = hands.step;
      const [kind, ref] = [kindOf(on), refOf(on)];
      return this.#world.watch.byHand(member, keyOf(kind, ref), () => act(this.#world.client(member), kind, ref));
    };
    return {
      createInMember: (hands: Hands) =>
        inMember(hands, (client, kind) => client.create(kind, templateOf(hands.step), { signal: hands.signal })),
      editInMember: (hands: Hands) =>
        inMember(hands, (client, kind, ref) =>
          client.patch(kind, ref, { type: "merge", patch: memberEditOf(hands.step) }, { signal: hands.signal }),
        ),
      deleteInMember: (hands: Hands) =>
        inMember(hands, (client, kind, ref) => client.delete(kind, ref, { signal: hands.signal })),
      breakInMember: (hands: Hands) =>
        inMember(hands, (client, kind, ref) => {
          const annotations = { [brokenAnnotation]: String(hands.step.milliseconds ?? 0) };
          return client.patch(
            kind,
            ref,
            { type: "merge", patch: { metadata: { annotations } } },
            { signal: hands.signal },
          );
        }),
      deleteWork: ({ client, step: { on, clusters: [member = ""] = [] }, signal }: Hands) => {
        const ref = workRefOf(on, member);
        return this.#world.watch.byHand(controlPlane, keyOf(Work, ref), () => client.delete(Work, ref, { signal }));
      },
      deleteBinding: ({ client, step: { on }, signal }: Hands) => {
        const ref = bindingRefOf(on);
        return this.#world.watch.byHand(controlPlane, keyOf(ResourceBinding, ref), () =>
          client.delete(ResourceBinding, ref, { signal }),
        );
      },
    };
  }

  #create<T extends KubeObject>({ client, step, signal }: Hands, kind: Kind<T>, object: Draft<T>): Promise<unknown> {
    const ref = { namespace: object.metadata.namespace, name: object.metadata.name };
    return this.#ledger.write(kind, ref, step.value, () => client.create(kind, object, { signal }));
  }

  #patch(
    { client, step, signal }: Hands,
    kind: Kind,
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
  ): Promise<unknown> {
    return this.#ledger.edit(kind, ref, step.value, () =>
      client.patch(kind, ref, { type: "merge", patch }, { signal }),
    );
  }

  #delete({ client, signal }: Hands, kind: Kind, ref: ObjectRef): Promise<unknown> {
    return this.#ledger.write(kind, ref, undefined, () => client.delete(kind, ref, { signal }));
  }
}

function stampOf({ value = "" }: Step): { annotations: Readonly<Record<string, string>> } {
  return { annotations: { [stampAnnotation]: value } };
}
