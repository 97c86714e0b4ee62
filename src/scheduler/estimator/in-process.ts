// Estimators of members that run in this process: asked straight, without a connection.
import { abortable } from "#std/abort.ts";
import type { EstimatorClient, Estimators } from "./estimator-client.ts";
import type { Estimator } from "./estimator.ts";

/** By cluster; one that is still reading its member is waited for. */
export function inProcessEstimators(estimators: ReadonlyMap<string, Promise<Estimator>>): Estimators {
  const clients = new Map([...estimators].map(([cluster, estimator]) => [cluster, clientOf(estimator)]));
  return { of: (cluster) => clients.get(cluster) };
}

function clientOf(estimator: Promise<Estimator>): EstimatorClient {
  const ask = async <T>(signal: AbortSignal, question: (each: Estimator) => T): Promise<T> =>
    question(await abortable(estimator, signal));
  return {
    maxAvailableReplicas: (request, signal) => ask(signal, (each) => each.maxAvailableReplicas(request)),
    maxAvailableComponentSets: (request, signal) => ask(signal, (each) => each.maxAvailableComponentSets(request)),
    unschedulableReplicas: (request, signal) => ask(signal, (each) => each.unschedulableReplicas(request)),
  };
}
