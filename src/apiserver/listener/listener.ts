// The one TLS port of a server: HTTP/2 and HTTP/1.1, told apart by ALPN, over the same handler.
// Upstream: k8s.io/apiserver/pkg/server/secure_serving.go.
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { ApiResponse, RequestHandler } from "#machinery/http.ts";
import { invariant } from "#std/invariant.ts";
import type { Logger } from "#std/logger.ts";
import type { Clock } from "#std/time.ts";
import { TurnBudget } from "#std/turn-budget.ts";
import { writesOfTurn } from "./body.ts";
import { type Exchange, type ExchangeParts, runExchange } from "./exchange.ts";
import { plainHeaders } from "./headers.ts";
import { PeerIdentities, type PeerIdentity } from "./identity.ts";

/** Informers keep a watch per kind open on one connection. */
const concurrentStreamsMax = 1_000;
/** What one HTTP/2 connection may keep in memory, in megabytes: room for large lists on many streams. */
const sessionMemoryMegabytesMax = 256;
/** Idle HTTP/1.1 connections are kept longer than clients keep them, so that none closes under a request. */
const keepAliveMilliseconds = 120_000;
const handshakeMillisecondsMax = 10_000;
/** A quiet peer is asked whether it is still there. */
const pingMilliseconds = 30_000;
/** How long a closing listener waits for answers under way. */
const closeMillisecondsMax = 10_000;
const sweepMilliseconds = 20;

export interface TlsFiles {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
  /** Whose client certificates are believed; absent: nobody's. */
  readonly clientCa?: string;
}

/** A connection that wants to become something else (WebSocket for exec). The socket is the hook's to answer and close. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly peer: PeerIdentity;
}

export interface ListenOptions {
  readonly handler: RequestHandler;
  readonly tls: TlsFiles;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Closes the listener. */
  readonly signal?: AbortSignal;
  readonly onUpgrade?: (upgrade: Upgrade) => void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections, ends streams, and waits (bounded) for the other answers under way. Idempotent. */
  close(): Promise<void>;
}

/** Resolves when the port is open. Rejects, naming the port and the way out, when it cannot be. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const parts: ExchangeParts = {
    handler: options.handler,
    identities: new PeerIdentities(),
    clock: options.clock,
    budget: new TurnBudget(options.clock, writesOfTurn),
    log: options.log,
    streams: new Set(),
    isClosing: false,
  };
  const http2 = http2Server(options, parts);
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  const server = tlsServer(options, parts, http2);
  const port = await open(server, options);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll(options, { server, sessions, parts }));
  options.signal?.addEventListener("abort", () => void close(), { once: true });
  return { host: options.host, port, close };
}

/** The listening server. It speaks HTTP/1.1 itself and hands connections that chose h2 on. */
function tlsServer(options: ListenOptions, parts: ExchangeParts, http2: Http2SecureServer): Server {
  const { tls, log, onUpgrade } = options;
  const server = createServer(
    {
      cert: tls.cert,
      key: tls.key,
      ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: handshakeMillisecondsMax,
      keepAliveTimeout: keepAliveMilliseconds,
    },
    (request, response) => {
      void runExchange(parts, http1Exchange(parts, request, response));
    },
  );
  const http1Listeners = server.listeners("secureConnection");
  server.removeAllListeners("secureConnection");
  server.on("secureConnection", (socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, pingMilliseconds);
    if (socket.alpnProtocol === "h2") http2.emit("secureConnection", socket);
    else for (const listener of http1Listeners) Reflect.apply(listener, server, [socket]);
  });
  server.on("tlsClientError", (error) => {
    log.debug("a TLS handshake failed", { error });
  });
  if (onUpgrade !== undefined) {
    server.on("upgrade", (request, socket, head) => {
      onUpgrade({ request, socket, head, peer: parts.identities.of(tlsSocket(request.socket)) });
    });
  }
  return server;
}

function http1Exchange(parts: ExchangeParts, request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    method: request.method ?? "",
    target: request.url ?? "/",
    headers: plainHeaders(request.headers),
    socket: tlsSocket(request.socket),
    source: request,
    sink: response,
    respond: (answer, options) => {
      if (parts.isClosing) response.setHeader("connection", "close");
      response.writeHead(answer.status, outgoingHeaders(answer));
      if (!options.hasBody) response.end();
      else if (options.isStream) response.flushHeaders();
    },
  };
}

function http2Server({ clock, log }: ListenOptions, parts: ExchangeParts): Http2SecureServer {
  const server = createSecureServer({
    settings: { maxConcurrentStreams: concurrentStreamsMax },
    maxSessionMemory: sessionMemoryMegabytesMax,
  });
  server.on("session", (session) => {
    pingPeer(session, clock);
  });
  server.on("sessionError", (error) => {
    log.debug("an HTTP/2 connection failed", { error });
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", (error) => {
      log.debug("an HTTP/2 stream failed", { error });
    });
    void runExchange(parts, http2Exchange(stream, headers));
  });
  return server;
}

function http2Exchange(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Exchange {
  const session = stream.session;
  invariant(session !== undefined, "a new stream has a session");
  return {
    method: headers[":method"] ?? "",
    target: headers[":path"] ?? "/",
    headers: plainHeaders(headers),
    socket: tlsSocket(session.socket),
    source: stream,
    sink: stream,
    respond: (answer, options) => {
      stream.respond({ ":status": answer.status, ...outgoingHeaders(answer) }, { endStream: !options.hasBody });
    },
  };
}

function outgoingHeaders({ status, headers, body }: ApiResponse): Record<string, string | string[]> {
  const outgoing: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) outgoing[name] = typeof value === "string" ? value : [...value];
  if (body instanceof Uint8Array && status !== 304 && status !== 204) outgoing["content-length"] = String(body.length);
  return outgoing;
}

/** Ends a connection whose peer does not answer any more: a machine that was switched off says no goodbye. */
function pingPeer(session: ServerHttp2Session, clock: Clock): void {
  let isAnswered = true;
  const ask = (): void => {
    if (session.destroyed) return;
    if (!isAnswered) {
      session.destroy();
      return;
    }
    isAnswered = false;
    session.ping(() => {
      isAnswered = true;
    });
    cancel = clock.timer(pingMilliseconds, ask);
  };
  let cancel = clock.timer(pingMilliseconds, ask);
  session.on("close", () => {
    cancel();
  });
}

function tlsSocket(socket: unknown): TLSSocket {
  invariant(socket instanceof TLSSocket, "the listener speaks TLS only");
  return socket;
}

function open(server: Server, { host, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(listenError(error, host, port));
    });
    server.listen({ host, port }, () => {
      const address = server.address();
      invariant(typeof address === "object" && address !== null, "a TCP server has a port");
      resolve(address.port);
    });
  });
}

function listenError(cause: Error, host: string, port: number): Error {
  switch ("code" in cause ? cause.code : undefined) {
    case "EADDRINUSE":
      return new Error(`port ${port} of ${host} is in use by another process: end that one, or choose another port`, {
        cause,
      });
    case "EACCES":
      return new Error(`port ${port} of ${host} may not be opened by this user: choose one above 1023`, { cause });
    case "EADDRNOTAVAIL":
      return new Error(`${host} is no address of this machine: choose one that it has, such as 127.0.0.1`, { cause });
    default:
      return new Error(`cannot listen on port ${port} of ${host}: ${cause.message}`, { cause });
  }
}

interface OpenParts {
  readonly server: Server;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  readonly parts: ExchangeParts;
}

async function closeAll({ clock, log }: ListenOptions, { server, sessions, parts }: OpenParts): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  parts.isClosing = true;
  for (const stream of parts.streams) stream.abort(new Error("the server is closing"));
  for (const session of sessions) session.close();
  const stopSweeping = sweepIdle(server, clock);
  const cancel = clock.timer(closeMillisecondsMax, () => {
    log.warn("answers were still under way when the listener closed");
    for (const session of sessions) session.destroy();
    server.closeAllConnections();
  });
  await closed;
  stopSweeping();
  cancel();
}

/** Closes HTTP/1.1 connections as they become idle: those that were busy stay open for a next request otherwise. */
function sweepIdle(server: Server, clock: Clock): () => void {
  let cancel = (): void => undefined;
  const sweep = (): void => {
    server.closeIdleConnections();
    cancel = clock.timer(sweepMilliseconds, sweep);
  };
  sweep();
  return () => {
    cancel();
  };
}
