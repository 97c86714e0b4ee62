// The whole system with a known fault each, to prove that the checkers bite.
import type { Client, Transport } from "#client/client.ts";
import type { ApiRequest } from "#machinery/http.ts";
import type { Clock } from "#std/time.ts";
import { controlPlane, needsLease } from "../parts.ts";
import type { LinkEnds, Mutant } from "./mutant.ts";
import { schedulerMutants } from "./scheduler-mutants.ts";
import { acknowledgingEarly, storageMutants } from "./storage-mutants.ts";

/** Longer than any seed: who has led once believes that it leads for ever. */
const foreverMilliseconds = 86_400_000;
/** A grace period that is over while all else is still under way. */
const evictionSeconds = 5;

function storageMutant(name: string): Mutant {
  const storage = storageMutants[name];
  if (storage === undefined) throw new Error(`there is no mutant ${name} of the store`);
  return { storage };
}

/** By what each does wrong. */
export const systemMutants: Readonly<Record<string, Mutant>> = {
  "acknowledge-before-durable": { storage: acknowledgingEarly },
  "skip-resource-version-check": storageMutant("skip-resource-version-check"),
  "drop-event-after-reconnect": storageMutant("drop-event-after-reconnect"),
  "deliver-event-twice": storageMutant("deliver-event-twice"),
  "stale-cache-read": storageMutant("stale-cache-read"),
  "delete-on-time-out": { transport: deletingOnTimeOut },
  "leader-not-fenced": { leaderElection: { renewDeadlineMilliseconds: foreverMilliseconds } },
  "evict-on-empty-schedule": { eviction: { mode: "compatible", timeoutSeconds: evictionSeconds } },
  "double-finalizer": { client: keepingFinalizers },
  ...schedulerMutants,
};

const isObjectPath = /^(\/api\/v1|\/apis\/apps\/v1)\/namespaces\/default\/[a-z]+\/[a-z]$/;
const retryMilliseconds = 2_000;
const retriesMax = 20;

/** Takes silence for absence: what a member did not answer for in time is deleted when it can be. */
function deletingOnTimeOut(transport: Transport, { component, server }: LinkEnds, clock: Clock): Transport {
  if (server === controlPlane || !needsLease(component)) return transport;
  const remove = async (request: ApiRequest): Promise<void> => {
    const { body: _none, ...rest } = request;
    for (let tries = 0; tries < retriesMax; tries++) {
      await clock.sleep(retryMilliseconds);
      const { signal } = new AbortController();
      const answer = await transport.send({ ...rest, method: "DELETE", signal }).catch(() => undefined);
      if (answer !== undefined) return;
    }
  };
  return {
    close: () => transport.close(),
    async send(request) {
      try {
        return await transport.send(request);
      } catch (error) {
        const [path = ""] = request.path.split("?", 1);
        if (isObjectPath.test(path)) void remove({ ...request, path });
        throw error;
      }
    },
  };
}

/** Counts finalizers twice: of those that a patch leaves out, one stays. */
function keepingFinalizers(client: Client): Client {
  return {
    get: (kind, ref, options) => client.get(kind, ref, options),
    find: (kind, ref, options) => client.find(kind, ref, options),
    list: (kind, options) => client.list(kind, options),
    watch: (kind, options) => client.watch(kind, options),
    close: () => client.close(),
    create: (kind, object, options) => client.create(kind, object, options),
    update: (kind, object, options) => client.update(kind, object, options),
    delete: (kind, ref, options) => client.delete(kind, ref, options),
    raw: (method, path, options) => client.raw(method, path, options),
    patch(kind, ref, patch, options) {
      const isRelease = kind.kind === "Work" && JSON.stringify(patch).includes('"finalizers":[]');
      if (!isRelease || patch.type !== "merge") return client.patch(kind, ref, patch, options);
      return client.patch(kind, ref, { type: "merge", patch: {} }, options);
    },
  };
}
