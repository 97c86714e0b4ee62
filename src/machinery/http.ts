// A request and its answer as plain data: what the API server handles and clients send, over TLS or in one process.
import type { KubeObject, ObjectMeta } from "./object.ts";

/** Who sends a request, as authentication found it. Upstream: k8s.io/apiserver/pkg/authentication/user. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ApiRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** The path with its query, percent-encoded as on the wire: `/api/v1/pods?limit=5`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Set by the listener from the client certificate, or by an in-process caller; undefined: authenticate by header. */
  readonly user?: UserInfo | undefined;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
  /** The caller is in the server's process, and takes `kept` instead of a body where there is one. */
  readonly kept?: boolean | undefined;
}

export interface ApiResponse {
  readonly status: number;
  /** Lower-case names; repeated headers (Warning) as a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Whole bytes, or a stream of chunks (watch, log) that ends when the iterator is returned or the server is done. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** Instead of the body, for a request that takes it: a list or watch of whole objects without managedFields. */
  readonly kept?: KeptAnswer | undefined;
}

/** An object as its server keeps it: one copy for all in the process, never written to by anyone. */
export interface KeptObject {
  /** JSON of the object, without resourceVersion. */
  readonly value: Uint8Array;
  /** Its resourceVersion. */
  readonly modRevision: number;
  /** The same for all states of one object, another for the next object of its name. */
  readonly createRevision: number;
}

/** With its key, `namespace/name`, or `name` alone. */
export interface KeptItem {
  readonly key: string;
  readonly object: KeptObject;
}

export interface KeptPage {
  readonly items: readonly KeptItem[];
  readonly revision: number;
  readonly continue: string | undefined;
}

export type KeptEvent =
  | ({ readonly type: "ADDED" | "MODIFIED" | "DELETED" } & KeptItem)
  | { readonly type: "BOOKMARK"; readonly revision: number };

/** What a list or a watch brings, as it is kept. */
export interface KeptAnswer {
  /** The object in a kept one, deeply frozen and without metadata.managedFields. */
  readonly open: (object: KeptObject) => KubeObject;
  /** Its metadata alone, as in the object: the rest is not read. */
  readonly openMetadata: (object: KeptObject) => ObjectMeta;
  readonly content: KeptPage | AsyncIterable<KeptEvent>;
}

/**
 * A request header of our own: `true` asks our API server to leave metadata.managedFields out of its answer. They are half
 * of many an object, and few read them. Other servers do not know it and send them.
 */
export const omitManagedFieldsHeader = "x-omit-managed-fields";

/** Answers any request. Never throws for the requester's mistakes: those are Status responses. */
export type RequestHandler = (request: ApiRequest) => Promise<ApiResponse>;
