// A request and its answer as plain data: what the API server handles and clients send, over TLS or in one process.

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
}

export interface ApiResponse {
  readonly status: number;
  /** Lower-case names; repeated headers (Warning) as a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Whole bytes, or a stream of chunks (watch, log) that ends when the iterator is returned or the server is done. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * A request header of our own: `true` asks our API server to leave metadata.managedFields out of its answer. They are half
 * of many an object, and few read them. Other servers do not know it and send them.
 */
export const omitManagedFieldsHeader = "x-omit-managed-fields";

/** Answers any request. Never throws for the requester's mistakes: those are Status responses. */
export type RequestHandler = (request: ApiRequest) => Promise<ApiResponse>;
