// Keeps one bad member from hurting the rest: every call to it ends in time, and after failures it is left in peace
// for a while that doubles. Whoever has work for the member asks the pace first and comes back later.
import { wholeBody } from "#client/bytes.ts";
import type { Transport } from "#client/client.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";
import { deadlineSignal } from "#std/abort.ts";
import { type Backoff, backoffDelay } from "#std/backoff.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";

/** A call that is not a watch must be over, body and all, after this long. */
export const memberCallMilliseconds = 15_000;

const failureBackoff: Backoff = { firstMilliseconds: 250, maxMilliseconds: 30_000, jitter: 0.2 };
/** Longer than this a member cannot send us away. */
const retryAfterSecondsMax = 60;

export interface MemberPace {
  /** How long to leave the member in peace; 0: not at all. */
  waitMilliseconds(): number;
  /** Whether the last thing heard of the member is a failure: then one at a time is enough to find out more. */
  isFailing(): boolean;
}

/** No answer came, or not in time: says nothing of what was asked, and nothing of whether it was done. */
export class MemberUnreachableError extends ApiError {
  constructor(cause: unknown) {
    super("ServiceUnavailable", errorText(cause), { cause });
  }
}

export interface GuardedTransport {
  readonly transport: Transport;
  readonly pace: MemberPace;
}

interface GuardOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** `transport` with deadlines, and the pace that its failures set. */
export function guardTransport(transport: Transport, { clock, random }: GuardOptions): GuardedTransport {
  let failures = 0;
  let until = 0;
  const failed = (milliseconds: number | undefined): void => {
    failures++;
    until = clock.monotonic() + (milliseconds ?? backoffDelay(failureBackoff, failures, random));
  };
  const guarded = (send: Transport["send"]): Transport["send"] => {
    return async (request) => {
      if (isStream(request)) return send(request);
      try {
        const response = await sendInTime(send, request, clock);
        if (isOverloaded(response)) {
          failed(retryAfterMilliseconds(response));
        } else {
          failures = 0;
          until = 0;
        }
        return response;
      } catch (error) {
        request.signal.throwIfAborted();
        failed(undefined);
        throw new MemberUnreachableError(error);
      }
    };
  };
  const { sendKept } = transport;
  return {
    pace: { waitMilliseconds: () => Math.max(0, until - clock.monotonic()), isFailing: () => failures > 0 },
    transport: {
      close: () => transport.close(),
      send: guarded((request) => transport.send(request)),
      ...(sendKept === undefined ? {} : { sendKept: guarded(sendKept) }),
    },
  };
}

async function sendInTime(send: Transport["send"], request: ApiRequest, clock: Clock): Promise<ApiResponse> {
  using deadline = deadlineSignal(clock, memberCallMilliseconds, request.signal);
  const response = await send({ ...request, signal: deadline });
  return { ...response, body: await wholeBody(response.body) };
}

function isStream({ path }: ApiRequest): boolean {
  return /[?&]watch=(?:true|1)(?:&|$)/.test(path);
}

/** A 503 without a time to come back is one API's trouble: an aggregated one that is away. */
function isOverloaded(response: ApiResponse): boolean {
  return response.status === 429 || (response.status === 503 && retryAfterMilliseconds(response) !== undefined);
}

function retryAfterMilliseconds({ headers }: ApiResponse): number | undefined {
  const seconds = Number(headers["retry-after"]);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, retryAfterSecondsMax) * 1000 : undefined;
}
