// Asks the estimators of the clusters that a binding may go to, all at once, and waits for them no longer than allowed.
// Upstream: karmada pkg/estimator/client/accurate.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Binding } from "#api/work/binding.ts";
import { errorText } from "#machinery/api-error.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Clock } from "#std/time.ts";
import { dividesByRoom, isWorkload } from "../divide/decide.ts";
import { type Answer, type Answers, noAnswers } from "../estimate/answers.ts";
import { concerns } from "../trigger/decide.ts";
import { type EstimatorClient, EstimatorError, type Estimators } from "./estimator-client.ts";
import type { AssumedWorkload } from "./messages.ts";

/** Who was late is not asked again for so long: else each binding would wait for it anew. */
const lateMilliseconds = 5_000;

export interface AskOptions {
  readonly estimators: Estimators;
  /** `--scheduler-estimator-timeout`, for all clusters of one binding together. */
  readonly timeoutMilliseconds: number;
  /** `--disable-scheduler-estimator-in-pull-mode` */
  readonly skipsPull: boolean;
  readonly clock: Clock;
}

export class Asker {
  readonly #options: AskOptions;
  readonly #lateUntil = new Map<string, number>();

  constructor(options: AskOptions) {
    this.#options = options;
  }

  /** The answers for a binding; none where room does not count. */
  async ask(
    binding: Binding,
    clusters: readonly Cluster[],
    assumedIn: (cluster: string) => readonly AssumedWorkload[],
    signal: AbortSignal,
  ): Promise<Answers> {
    const { estimators, timeoutMilliseconds, clock } = this.#options;
    if (!countsRoom(binding)) return noAnswers;
    using limit = deadlineSignal(clock, timeoutMilliseconds, signal);
    const asked = clusters.flatMap((cluster) => {
      const { name } = cluster.metadata;
      const estimator = this.#isAsked(cluster, binding) ? estimators.of(name) : undefined;
      return estimator === undefined ? [] : [this.#askOne({ estimator, name, binding, assumedIn }, limit)];
    });
    const answers = await Promise.all(asked);
    signal.throwIfAborted();
    return new Map(answers);
  }

  #isAsked(cluster: Cluster, binding: Binding): boolean {
    if (cluster.metadata.deletionTimestamp !== undefined) return false;
    return !(this.#options.skipsPull && cluster.spec.syncMode === "Pull") && concerns(binding, cluster);
  }

  async #askOne(question: Question, limit: AbortSignal): Promise<[string, Answer]> {
    const { name } = question;
    const now = this.#options.clock.monotonic();
    if ((this.#lateUntil.get(name) ?? -Infinity) > now) return [name, { kind: "late" }];
    try {
      const fitting = await fittingIn(question, limit);
      this.#lateUntil.delete(name);
      return [name, { kind: "answered", fitting }];
    } catch (error) {
      if (error instanceof EstimatorError) return [name, { kind: "failed", message: errorText(error) }];
      if (!limit.aborted) throw error;
      this.#lateUntil.set(name, this.#options.clock.monotonic() + lateMilliseconds);
      return [name, { kind: "late" }];
    }
  }
}

interface Question {
  readonly estimator: EstimatorClient;
  readonly name: string;
  readonly binding: Binding;
  readonly assumedIn: (cluster: string) => readonly AssumedWorkload[];
}

function fittingIn({ estimator, name: cluster, binding, assumedIn }: Question, signal: AbortSignal): Promise<number> {
  const { components = [], replicaRequirements = {}, resource } = binding.spec;
  const { namespace = "" } = resource;
  const assumedWorkloads = assumedIn(cluster);
  if (components.length > 0) {
    return estimator.maxAvailableComponentSets({ cluster, components, namespace, assumedWorkloads }, signal);
  }
  const requirements = { ...replicaRequirements, namespace };
  return estimator.maxAvailableReplicas({ cluster, replicaRequirements: requirements, assumedWorkloads }, signal);
}

/** Where replicas are not divided by room, clusters may still be chosen by it. */
function countsRoom({ spec: { placement = {}, ...spec } }: Binding): boolean {
  if (!isWorkload(spec) || ((spec.replicas ?? 0) === 0 && (spec.components ?? []).length === 0)) return false;
  return (placement.spreadConstraints ?? []).length > 0 || dividesByRoom(placement);
}
