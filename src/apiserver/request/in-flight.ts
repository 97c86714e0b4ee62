// How many requests are being answered: bounded, and waited for when the server closes.
// Upstream: k8s.io/apiserver/pkg/server/filters/maxinflight.go.
import type { ApiResponse, UserInfo } from "#machinery/http.ts";
import { groupMasters } from "../auth/users.ts";
import { textResponse } from "./respond.ts";

/** Requests at once; administrators (and so the parts of the control plane in this process) are not counted against them. */
const readsInFlightMax = 2_000;
const writesInFlightMax = 1_000;

export class InFlight {
  #reads = 0;
  #writes = 0;
  #onIdle: (() => void) | undefined;

  /** Whether one more request of this sort is too much. */
  isFull(isMutating: boolean, user: UserInfo): boolean {
    const full = isMutating ? this.#writes >= writesInFlightMax : this.#reads >= readsInFlightMax;
    return full && !user.groups.includes(groupMasters);
  }

  enter(isMutating: boolean): void {
    if (isMutating) this.#writes++;
    else this.#reads++;
  }

  leave(isMutating: boolean): void {
    if (isMutating) this.#writes--;
    else this.#reads--;
    if (this.#reads + this.#writes === 0) this.#onIdle?.();
  }

  /** Resolves as soon as nothing is under way. */
  idle(): Promise<void> {
    if (this.#reads + this.#writes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}

/** What a request gets that is one too many. */
export function tooManyRequests(): ApiResponse {
  const response = textResponse(429, "Too many requests, please try again later.\n");
  return { ...response, headers: { ...response.headers, "retry-after": "1" } };
}
