// The client port. One implementation (rest-client.ts) over two transports: HTTPS and in-process.
// Objects that come out are the caller's own or deeply frozen; nothing is shared by reference that a caller could change.
import type { ApiRequest, ApiResponse, KeptAnswer } from "#machinery/http.ts";
import type { Kind, KubeObject, ListMeta, ObjectRef } from "#machinery/object.ts";

/** Carries a request to an API server and its answer back. */
export interface Transport {
  /** `request.user` is ignored by HTTP transports: identity comes from the connection's credentials. */
  send(request: ApiRequest): Promise<ApiResponse>;
  /** Like send, by a way on which the answer may be `kept`. Absent where the server is elsewhere. */
  readonly sendKept?: ((request: ApiRequest) => Promise<ApiResponse>) | undefined;
  /** Ends open connections. */
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
  /** `status`, `scale`, … */
  readonly subresource?: string;
}

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** Items are PartialObjectMetadata: kind and apiVersion of that, and metadata alone. */
  readonly metadataOnly?: boolean;
}

export interface WatchCallOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Events after this; absent: from now, with what exists as ADDED first. */
  readonly resourceVersion?: string | undefined;
  /** The server ends the watch after this; absent: when it likes. */
  readonly timeoutSeconds?: number | undefined;
  /** Objects are PartialObjectMetadata. */
  readonly metadataOnly?: boolean;
  readonly signal: AbortSignal;
}

export interface DeleteOptions extends CallOptions {
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
}

export interface ObjectList<T> {
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export type Patch =
  | { readonly type: "merge" | "strategic"; readonly patch: Readonly<Record<string, unknown>> }
  | { readonly type: "json"; readonly patch: readonly Readonly<Record<string, unknown>>[] };

/**
 * A draft of an object: what the server fills in may be absent. apiVersion and kind come from the Kind.
 * (Omit would lose every named field to the index signature; a remapped key keeps them.)
 */
export type Draft<T extends KubeObject> = {
  readonly [Name in keyof T as Name extends "apiVersion" | "kind" ? never : Name]: T[Name];
} & Partial<Pick<T, "apiVersion" | "kind">>;

/** Lists and watches that take what a server in this process keeps, or objects where it has nothing kept to hand out. */
export interface KeptReads {
  list<T extends KubeObject>(kind: Kind<T>, options: ListOptions): Promise<KeptAnswer | ObjectList<T>>;
  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchCallOptions,
  ): Promise<KeptAnswer | AsyncIterable<WatchEvent<T>>>;
}

/** Speaks to one API server. Every method throws ApiError, whose reason says what happened. */
export interface Client {
  get<T extends KubeObject>(
    kind: Kind<T>,
    ref: ObjectRef,
    options?: CallOptions & { subresource?: string },
  ): Promise<T>;
  /** Like get, but a missing object is an ordinary answer: undefined. */
  find<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, options?: CallOptions): Promise<T | undefined>;
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<ObjectList<T>>;
  create<T extends KubeObject>(kind: Kind<T>, object: Draft<T>, options?: WriteOptions): Promise<T>;
  /** PUT; `metadata.resourceVersion` in the object is the optimistic lock. */
  update<T extends KubeObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Resolves when the server has accepted the deletion. A missing object throws NotFound. */
  delete(kind: Kind, ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  /** Ends normally when the server closes it (time-out) or `signal` aborts; throws ApiError (Expired: list again). */
  watch<T extends KubeObject>(kind: Kind<T>, options: WatchCallOptions): AsyncIterable<WatchEvent<T>>;
  /** For whoever holds many objects. Absent where the server is elsewhere. */
  readonly kept?: KeptReads | undefined;
  /** Any other request. Failure statuses throw ApiError; the body is whole. */
  raw(
    method: ApiRequest["method"],
    path: string,
    options?: CallOptions & { headers?: Readonly<Record<string, string>>; body?: unknown },
  ): Promise<{ readonly status: number; readonly body: Uint8Array; readonly headers: ApiResponse["headers"] }>;
  close(): Promise<void>;
}
