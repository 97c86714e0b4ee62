// Carries requests to an API server over HTTP(S), by undici: one pool for requests, one for streams, so that many open
// watches never keep a request waiting. Proxy variables of the environment are never looked at; TLS is always verified
// unless the configuration says otherwise. Upstream: k8s.io/client-go/rest/config.go, transport/.
import type * as Undici from "undici";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";
import { abortReason } from "#std/abort.ts";
import { wholeBody } from "./bytes.ts";
import type { Transport } from "./client.ts";
import { connectionError } from "./connection-error.ts";
import { isLongRunning } from "./paths.ts";

/** Connections for requests to one server: more wait in line. */
const requestConnectionsDefault = 32;
/** Connections for watches and followed logs to one server. */
const streamConnectionsMax = 1024;
/** Requests that may wait for a connection; more are refused at once. */
const queuedRequestsMax = 10_000;
const connectMilliseconds = 10_000;
/** Servers end requests after 60 s themselves. */
const answerMilliseconds = 65_000;
const keepAliveMilliseconds = 30_000;

/** Whom to speak to and as whom. PEM texts, never paths. */
export interface HttpConfig {
  /** `https://host:6443`, with a path in front of the API's own where a proxy serves many. */
  readonly server: string;
  /** Absent: the system's authorities. */
  readonly certificateAuthority?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** The name that the certificate must have, where it is not the server's host. */
  readonly tlsServerName?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** A function is asked at each request: tokens in files are rotated. */
  readonly token?: string | (() => Promise<string>);
  readonly username?: string;
  readonly password?: string;
  readonly impersonate?: Impersonation;
  /** `http://` or `https://`. */
  readonly proxyUrl?: string;
  readonly requestConnections?: number;
}

export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

type Headers = Record<string, string | string[]>;

/** A transport to the server of `config`. Nothing is opened before the first request. */
export function httpTransport(config: HttpConfig): Transport {
  return new HttpTransport(config);
}

class HttpTransport implements Transport {
  readonly #config: HttpConfig;
  readonly #server: URL;
  readonly #pathPrefix: string;
  readonly #identity: Headers;
  #dispatchers: Promise<Readonly<Record<"requests" | "streams", Undici.Dispatcher>>> | undefined;
  #pending = 0;
  #closed = false;

  constructor(config: HttpConfig) {
    this.#config = config;
    this.#server = serverUrl(config.server);
    this.#pathPrefix = this.#server.pathname.replace(/\/+$/, "");
    this.#identity = impersonationHeaders(config.impersonate);
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    if (this.#closed) throw new Error("the client is closed");
    if (request.signal.aborted) throw abortReason(request.signal);
    if (this.#pending >= queuedRequestsMax) {
      throw new ApiError("TooManyRequests", `more than ${queuedRequestsMax} requests wait for ${this.#server.origin}`);
    }
    this.#pending++;
    try {
      return await this.#send(request);
    } catch (error) {
      throw this.#explain(error, request.signal);
    } finally {
      this.#pending--;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#dispatchers === undefined) return;
    const { requests, streams } = await this.#dispatchers;
    await Promise.all([requests.destroy(), streams.destroy()]);
  }

  async #send({ method, path, headers, body, signal }: ApiRequest): Promise<ApiResponse> {
    this.#dispatchers ??= createDispatchers(this.#config, this.#server);
    const { requests, streams } = await this.#dispatchers;
    const isStream = isLongRunning(path);
    const response = await (isStream ? streams : requests).request({
      origin: this.#server.origin,
      path: this.#pathPrefix + path,
      method,
      headers: { ...headers, ...this.#identity, ...(await this.#credentials()) },
      body: body ?? null,
      signal,
      ...(isStream ? { bodyTimeout: 0 } : {}),
    });
    const answer = { status: response.statusCode, headers: answerHeaders(response.headers) };
    if (isStream && response.statusCode < 300) return { ...answer, body: this.#stream(response.body, signal) };
    return { ...answer, body: await wholeBody(response.body) };
  }

  async *#stream(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  async #credentials(): Promise<Record<string, string>> {
    const { token, username, password = "" } = this.#config;
    if (token !== undefined) return { authorization: `Bearer ${typeof token === "string" ? token : await token()}` };
    if (username === undefined) return {};
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
  }

  #explain(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return abortReason(signal);
    if (this.#closed) return new Error("the client is closed");
    return error instanceof ApiError ? error : connectionError(error, this.#server.origin);
  }
}

/** The library takes some 80 ms to load, so who never speaks HTTP never loads it. */
async function createDispatchers(
  config: HttpConfig,
  server: URL,
): Promise<Readonly<Record<"requests" | "streams", Undici.Dispatcher>>> {
  const { Pool, ProxyAgent } = await import("undici");
  const tls = tlsOptions(config);
  const common = {
    headersTimeout: answerMilliseconds,
    bodyTimeout: answerMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
  };
  const { proxyUrl } = config;
  const create = (connections: number): Undici.Dispatcher =>
    proxyUrl === undefined
      ? new Pool(server.origin, { ...common, connections, connect: tls })
      : new ProxyAgent({ ...common, connections, uri: httpProxyUrl(proxyUrl), requestTls: tls, connect: {} });
  return {
    requests: create(config.requestConnections ?? requestConnectionsDefault),
    streams: create(streamConnectionsMax),
  };
}

function tlsOptions(config: HttpConfig): Undici.buildConnector.BuildOptions {
  const { certificateAuthority, clientCertificate, clientKey, tlsServerName, insecureSkipTlsVerify = false } = config;
  return {
    timeout: connectMilliseconds,
    minVersion: "TLSv1.2",
    rejectUnauthorized: !insecureSkipTlsVerify,
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
  };
}

function serverUrl(text: string): URL {
  // An address without a scheme means https.
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new ApiError(
      "BadRequest",
      `the server's address must look like https://host:6443, not ${JSON.stringify(text)}`,
    );
  }
  return url;
}

function httpProxyUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ApiError("BadRequest", "the proxy's address (proxy-url) must begin with http:// or https://");
  }
  return url.href;
}

function impersonationHeaders(impersonate: Impersonation | undefined): Headers {
  if (impersonate === undefined) return {};
  const headers: Headers = { "impersonate-user": impersonate.user };
  if (impersonate.uid !== undefined) headers["impersonate-uid"] = impersonate.uid;
  if (impersonate.groups !== undefined) headers["impersonate-group"] = [...impersonate.groups];
  for (const [key, values] of Object.entries(impersonate.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = [...values];
  }
  return headers;
}

function answerHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): ApiResponse["headers"] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
