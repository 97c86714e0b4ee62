// What handlers get to work with: the parts of the server, and a request that has been authenticated and authorized.
import type { Resource } from "#api/resource.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";
import type { ApiRequest, UserInfo } from "#machinery/http.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { TurnBudget } from "#std/turn-budget.ts";
import type { Storage } from "#storage/storage.ts";
import type { PolicyAdmission } from "../admission/policies/policies.ts";
import type { QuotaAdmission } from "../admission/resource-quota/resource-quota.ts";
import type { WebhookAdmission } from "../admission/webhooks/webhooks.ts";
import type { Authorizer } from "../auth/authorizer.ts";
import type { Forms } from "../crud/forms.ts";
import type { ParsedCache } from "../crud/parsed-cache.ts";
import type { FrameCache } from "../watch/frame-cache.ts";
import type { LabelCache } from "../list/label-cache.ts";
import type { ConnectHandler, VirtualHandler } from "../options.ts";
import type { ResourceRegistry } from "../registry.ts";
import type { RequestMetrics } from "../health/request-metrics.ts";
import type { InFlight } from "./in-flight.ts";
import type { RequestInfo } from "./request-info.ts";
import type { Warnings } from "./warnings.ts";

/** The parts of one server that its handlers share. */
export interface ServerCore {
  readonly storage: Storage;
  readonly registry: ResourceRegistry;
  readonly forms: Forms;
  readonly parsed: ParsedCache;
  readonly labels: LabelCache;
  readonly frames: FrameCache;
  /** Events that watchers are given in one turn of the event loop. */
  readonly deliveries: TurnBudget;
  readonly admission: readonly AdmissionPlugin[];
  readonly quota: QuotaAdmission;
  readonly policies: PolicyAdmission | undefined;
  readonly webhooks: WebhookAdmission | undefined;
  readonly authorize: Authorizer;
  readonly virtual: ReadonlyMap<string, VirtualHandler>;
  readonly connect: ReadonlyMap<string, ConnectHandler>;
  readonly inFlight: InFlight;
  readonly requestMetrics: RequestMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Aborts when the server closes: ends watches. */
  readonly closing: AbortSignal;
}

export interface RequestContext {
  readonly core: ServerCore;
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  /** Aborts when the caller has gone or the request's time is over. */
  readonly signal: AbortSignal;
  readonly warnings: Warnings;
}

/** A request for a resource that is served. */
export interface ResourceContext extends RequestContext {
  readonly resource: Resource;
}
