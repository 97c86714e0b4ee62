// The port by which the scheduler and the descheduler ask the estimators of members.
import type {
  MaxAvailableComponentSetsRequest,
  MaxAvailableReplicasRequest,
  UnschedulableReplicasRequest,
} from "./messages.ts";

/** One member's estimator. Rejects with EstimatorError; with the signal's reason when it aborts. */
export interface EstimatorClient {
  maxAvailableReplicas(request: MaxAvailableReplicasRequest, signal: AbortSignal): Promise<number>;
  maxAvailableComponentSets(request: MaxAvailableComponentSetsRequest, signal: AbortSignal): Promise<number>;
  unschedulableReplicas(request: UnschedulableReplicasRequest, signal: AbortSignal): Promise<number>;
}

/** The estimators by cluster. */
export interface Estimators {
  /** Undefined: the cluster has none. */
  of(cluster: string): EstimatorClient | undefined;
}

/** There is no estimator where one should be, or it cannot answer. */
export class EstimatorError extends Error {
  override readonly name = "EstimatorError";
}
