// What an API server is made of and what it gives: the public types of this layer.
import type { Resource } from "#api/resource.ts";
import type { AdmissionPlugin, MutableObject } from "#machinery/admission.ts";
import type { ApiResponse, RequestHandler, UserInfo } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Logger } from "#std/logger.ts";
import type { MetricRegistry } from "#std/metrics.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { Storage } from "#storage/storage.ts";
import type { PolicyAdmission } from "./admission/policies/policies.ts";
import type { WebhookAdmission } from "./admission/webhooks/webhooks.ts";
import type { Authenticator, Authorizer } from "./auth/authorizer.ts";
import type { ResourceRegistry } from "./registry.ts";
import type { Query } from "./request/query.ts";

/** The answer of `/version`. Upstream: k8s.io/apimachinery/pkg/version/types.go. */
export interface VersionInfo {
  /** Digits only. */
  readonly major: string;
  readonly minor: string;
  /** Semantic version with `v`. */
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  /** RFC 3339. */
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/** A request for a path that is no resource: OpenAPI, token keys. */
export interface PathRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string>>;
  readonly user: UserInfo;
  readonly signal: AbortSignal;
}

export type PathHandler = (request: PathRequest) => Promise<ApiResponse> | ApiResponse;

/** A POST to a resource or subresource that is answered, not stored: access reviews, tokens. */
export interface VirtualRequest {
  readonly resource: Resource;
  /** Empty for a resource of its own. */
  readonly subresource: string;
  readonly namespace: string;
  /** Empty for a resource of its own. */
  readonly name: string;
  /** The decoded body, defaulted, the caller's own. */
  readonly object: MutableObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  warn(text: string): void;
}

/** Gives the object to answer with (201). Throws ApiError to refuse. */
export type VirtualHandler = (request: VirtualRequest) => Promise<KubeObject> | KubeObject;

/** A request to a subresource that streams or proxies: `pods/log`, `services/proxy`. */
export interface ConnectRequest extends PathRequest {
  readonly resource: Resource;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Path segments behind the subresource. */
  readonly rest: readonly string[];
  readonly body: Uint8Array | undefined;
}

export type ConnectHandler = (request: ConnectRequest) => Promise<ApiResponse> | ApiResponse;

export interface ExtraHandlers {
  /** By exact path, or by prefix where the key ends in `/`. */
  readonly paths?: Readonly<Record<string, PathHandler>>;
  /** By `group/version/plural` or `group/version/plural/subresource`; the core group is empty: `/v1/serviceaccounts/token`. */
  readonly virtual?: Readonly<Record<string, VirtualHandler>>;
  /** By `group/version/plural/subresource`: `/v1/pods/log`. */
  readonly connect?: Readonly<Record<string, ConnectHandler>>;
}

export interface ApiServerOptions {
  /** The caller's: closed by it, after the server. */
  readonly storage: Storage;
  readonly resources: readonly Resource[];
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  /** In order; NamespaceLifecycle runs before them. */
  readonly admission: readonly AdmissionPlugin[];
  /** Pods run here, and get a service account and its token. Absent: they are templates. */
  readonly runsPods?: boolean;
  /** The cluster's own admission policies, asked after the plugins. */
  readonly policies?: PolicyAdmission;
  /** The cluster's own webhooks, asked last. */
  readonly webhooks?: WebhookAdmission;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly version: VersionInfo;
  readonly extraHandlers?: ExtraHandlers;
  /** What `/metrics` shows; a new one if absent. */
  readonly metrics?: MetricRegistry;
  /** Told of by discovery as the server's address: `host:port`. */
  readonly advertiseAddress?: string;
}

/** Throws (or rejects) when the thing it checks is not ready. */
export type HealthCheck = (signal: AbortSignal) => Promise<void> | void;

export interface ApiServer {
  /** Answers a request. Pure request to response: no socket. */
  readonly handle: RequestHandler;
  /** What is served right now; CRDs come and go here. */
  readonly registry: ResourceRegistry;
  /** What `/metrics` shows; other parts of the process may add to it. */
  readonly metrics: MetricRegistry;
  /** Adds a named check to `/readyz`. */
  addReadyCheck(name: string, check: HealthCheck): void;
  /** Ends watches, refuses new requests with 503 and waits for those under way (bounded). Idempotent. */
  close(): Promise<void>;
}
