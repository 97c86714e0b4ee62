// How long a request may take before its caller is told that it takes too long.
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/request_deadline.go and endpoints/handlers/finisher.
import { ApiError } from "#machinery/api-error.ts";
import type { Clock } from "#std/time.ts";
import { parseGoDuration } from "./query.ts";
import type { RequestInfo } from "./request-info.ts";

const requestMillisecondsMax = 60_000;
/** Writes have less, so that their caller hears of it before its own time is over. */
const writeMillisecondsMax = 34_000;

export interface TimeLimit {
  readonly milliseconds: number;
  readonly message: string;
}

/** The limit of a request that is no watch. Throws BadRequest for a `timeout` that cannot be read. */
export function timeLimit(info: RequestInfo, isMutating: boolean): TimeLimit {
  const asked = info.query.get("timeout") ?? "";
  const wanted = asked === "" ? 0 : parseGoDuration(asked);
  if (wanted === undefined) {
    throw new ApiError(
      "BadRequest",
      `invalid timeout specified in the request URL: time: invalid duration ${JSON.stringify(asked)}`,
    );
  }
  const own = wanted > 0 ? Math.min(wanted, requestMillisecondsMax) : requestMillisecondsMax;
  // Deleting a collection takes as long as it takes.
  if (!isMutating || info.verb === "deletecollection" || own <= writeMillisecondsMax) {
    return { milliseconds: own, message: "Timeout: request did not complete within the allotted timeout" };
  }
  return {
    milliseconds: writeMillisecondsMax,
    message: "Timeout: request did not complete within requested timeout - context deadline exceeded",
  };
}

/** What `promise` comes to, or a Timeout when it takes too long; the work itself goes on. */
export function withinTime<T>(clock: Clock, { milliseconds, message }: TimeLimit, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.timer(milliseconds, () => {
      reject(new ApiError("Timeout", message));
    });
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
