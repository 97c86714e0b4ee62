// Requests that become streams (exec, attach): who asks is authenticated, authorized and answered like any request; only
// then does the connection become a WebSocket. Upstream: kubernetes pkg/registry/core/pod/rest/subresources.go,
// k8s.io/apiserver/pkg/util/wsstream.
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse, RequestHandler } from "#machinery/http.ts";
import type { Logger } from "#std/logger.ts";
import { unauthorizedError } from "../auth/authenticators.ts";
import type { Authorizer } from "../auth/authorizer.ts";
import { forbiddenError } from "../auth/forbidden.ts";
import { plainHeaders } from "../listener/headers.ts";
import { isRefused } from "../listener/identity.ts";
import type { Upgrade } from "../listener/listener.ts";
import type { ConnectHandler, ConnectRequest } from "../options.ts";
import { errorResponse } from "../request/respond.ts";
import { channelMessage, channels, endStatus, readChannelMessage, streamProtocols } from "./channels.ts";

/** Messages of a client that are longer end the stream. */
const messageBytesMax = 1024 * 1024;
/** What a client may send ahead of its reader. */
const inputBytesMax = 4 * 1024 * 1024;
/** Sessions that were allowed and have not begun: each takes moments. */
const pendingMax = 1_000;
const switchingProtocols = 101;
const sessionHeader = "x-stream-session";

/** The streams of one session, as what runs there sees them. */
export interface SessionStreams {
  /** What the client sends to stdin; ends when it has no more. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: (data: Uint8Array) => void;
  readonly stderr: (data: Uint8Array) => void;
  /** Aborts when the client has gone, or the server closes. */
  readonly signal: AbortSignal;
}

/** Runs to the end; gives the exit code. */
export type StreamSession = (streams: SessionStreams) => Promise<number>;

/** Prepares a session, or throws ApiError. */
export type StreamHandler = (request: ConnectRequest) => Promise<StreamSession> | StreamSession;

export interface StreamUpgrades {
  /** To be registered as connect handlers. */
  readonly connect: Readonly<Record<string, ConnectHandler>>;
  /** The listener's hook. */
  readonly onUpgrade: (upgrade: Upgrade) => void;
}

export interface StreamUpgradesOptions {
  /** By `group/version/plural/subresource`. */
  readonly handlers: Readonly<Record<string, StreamHandler>>;
  readonly authorize: Authorizer;
  /** The server's; asked for each upgrade. */
  readonly handle: RequestHandler;
  readonly log: Logger;
  readonly closing: AbortSignal;
}

export function streamUpgrades(options: StreamUpgradesOptions): StreamUpgrades {
  const pending = new Map<string, StreamSession>();
  let count = 0;
  const connect = Object.entries(options.handlers).map(([key, handler]): [string, ConnectHandler] => [
    key,
    async (request) => {
      await mustMayCreate(request, options.authorize);
      const session = await handler(request);
      // Last: what is wrong with the request itself is worth more to who asks than how it asks.
      if (request.method !== "GET" || !isWebSocket(request.headers)) throw upgradeError(request);
      if (pending.size >= pendingMax) throw new ApiError("TooManyRequests", "too many streams are being opened");
      const id = String((count += 1));
      pending.set(id, session);
      return { status: switchingProtocols, headers: { [sessionHeader]: id }, body: new Uint8Array(0) };
    },
  ]);
  let webSockets: Promise<WebSocketServer> | undefined;
  return {
    connect: Object.fromEntries(connect),
    onUpgrade: (upgrade) => {
      webSockets ??= openWebSockets();
      answer(upgrade, options, pending, webSockets).catch((error: unknown) => {
        options.log.debug("a stream could not be opened", { error });
        upgrade.socket.destroy();
      });
    },
  };
}

/** Loaded when the first stream is asked for. */
async function openWebSockets(): Promise<WebSocketServer> {
  const { WebSocketServer: Server } = await import("ws");
  return new Server({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => streamProtocols.find((protocol) => offered.has(protocol)) ?? false,
  });
}

function isWebSocket(headers: Readonly<Record<string, string>>): boolean {
  return headers["upgrade"]?.toLowerCase() === "websocket";
}

function upgradeError({ headers }: ConnectRequest): ApiError {
  const asked = headers["upgrade"];
  const why =
    asked === undefined
      ? "missing upgrade headers in request"
      : `${asked} is not spoken here, only WebSocket (${streamProtocols.join(", ")})`;
  return new ApiError("BadRequest", `unable to upgrade: ${why}`);
}

/** Reading is not enough to run something, by whatever method it is asked for. */
async function mustMayCreate(request: ConnectRequest, authorize: Authorizer): Promise<void> {
  const { user, resource, subresource, namespace, name, path } = request;
  const { group, version, plural } = resource.kind;
  const about = { group, version, resource: plural, subresource, namespace, name, path, isResource: true };
  const attributes = { user, verb: "create", ...about };
  const { allowed } = await authorize(attributes);
  if (!allowed) throw forbiddenError(attributes, "");
}

async function answer(
  upgrade: Upgrade,
  { handle, log, closing }: StreamUpgradesOptions,
  pending: Map<string, StreamSession>,
  webSockets: Promise<WebSocketServer>,
): Promise<void> {
  const { request, socket, head } = upgrade;
  const gone = new AbortController();
  socket.on("close", () => {
    gone.abort(new Error("the client has gone"));
  });
  socket.on("error", () => {
    gone.abort(new Error("the connection has failed"));
  });
  const response = await ask(upgrade, handle, gone.signal);
  const id = response.headers[sessionHeader];
  const session = typeof id === "string" ? pending.get(id) : undefined;
  if (typeof id === "string") pending.delete(id);
  if (response.status !== switchingProtocols || session === undefined) {
    refuse(socket, response);
    return;
  }
  const server = await webSockets;
  server.handleUpgrade(request, socket, head, (webSocket) => {
    const signal = AbortSignal.any([gone.signal, closing]);
    void runSession(webSocket, session, signal, log);
  });
}

async function ask({ request, peer }: Upgrade, handle: RequestHandler, signal: AbortSignal): Promise<ApiResponse> {
  const headers = plainHeaders(request.headers);
  if (isRefused(peer, headers)) return errorResponse(unauthorizedError());
  const user = peer.kind === "user" ? peer.user : undefined;
  // Older clients ask by POST, for SPDY.
  const method = request.method === "POST" ? "POST" : "GET";
  return handle({ method, path: request.url ?? "/", headers, user, signal });
}

/** An ordinary answer on a connection that node has let go of. */
function refuse(socket: Duplex, { status, headers, body }: ApiResponse): void {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`));
  const head = [`HTTP/1.1 ${status} Refused`, ...lines, `content-length: ${bytes.length}`, "connection: close"];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.end(bytes);
}

async function runSession(
  webSocket: WebSocket,
  session: StreamSession,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const input = new Input();
  webSocket.on("message", (message, isBinary) => {
    const bytes = Array.isArray(message) ? Buffer.concat(message) : Buffer.from(new Uint8Array(message));
    const read = isBinary ? readChannelMessage(bytes) : undefined;
    if (read === undefined || (read.kind === "data" && read.channel === channels.stdin && !input.push(read.data))) {
      webSocket.close(1009, "the message is no channel's, or too much is unread");
    }
    if (read?.kind === "end" && read.channel === channels.stdin) input.end();
  });
  webSocket.on("close", () => {
    input.end();
  });
  webSocket.on("error", (error) => {
    log.debug("a stream failed", { error });
  });
  const send = (channel: number, data: Uint8Array): void => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(channelMessage(channel, data));
  };
  // Clients wait for a first message.
  send(channels.stdout, new Uint8Array(0));
  let status: string;
  try {
    const code = await session({
      stdin: input,
      stdout: (data) => {
        send(channels.stdout, data);
      },
      stderr: (data) => {
        send(channels.stderr, data);
      },
      signal,
    });
    status = endStatus(code);
  } catch (error) {
    if (!signal.aborted) log.warn("a stream ended with an error", { error });
    const message = "Internal error occurred: error executing command in container";
    status = JSON.stringify({ metadata: {}, status: "Failure", message, reason: "InternalError", code: 500 });
  }
  send(channels.error, Buffer.from(status));
  webSocket.close(1000);
}

/** What has been sent and not been read yet. */
class Input implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** False: there is no more room. */
  push(data: Uint8Array): boolean {
    if (this.#bytes + data.length > inputBytesMax) return false;
    this.#chunks.push(data);
    this.#bytes += data.length;
    this.#wake?.();
    return true;
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        yield chunk;
      } else if (this.#isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
