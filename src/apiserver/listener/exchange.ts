// One request and its answer, whichever protocol carries them.
import type { Readable, Writable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse, RequestHandler } from "#machinery/http.ts";
import type { Logger } from "#std/logger.ts";
import type { Clock } from "#std/time.ts";
import type { TurnBudget } from "#std/turn-budget.ts";
import { unauthorizedError } from "../auth/authenticators.ts";
import { errorResponse } from "../request/respond.ts";
import { readBody, writeChunks } from "./body.ts";
import { isRefused, type PeerIdentities } from "./identity.ts";

export interface ExchangeParts {
  readonly handler: RequestHandler;
  readonly identities: PeerIdentities;
  readonly clock: Clock;
  /** What streams write in one turn of the event loop. */
  readonly budget: TurnBudget;
  readonly log: Logger;
  /** Ends streams that would not end by themselves; set off when the listener closes. */
  readonly streams: Set<AbortController>;
  /** HTTP/1.1 connections are not kept any longer. */
  isClosing: boolean;
}

/** What a protocol gives of a request, and how it takes the answer. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly socket: TLSSocket;
  readonly source: Readable;
  readonly sink: Writable;
  /** Sends status and headers; at once, where a stream follows. `hasBody` false: that is all. */
  respond(response: ApiResponse, options: { readonly hasBody: boolean; readonly isStream: boolean }): void;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Made once: with its stack it would cost as much as the rest of a small exchange. */
const hasLeft = new Error("the requester has left");

/** Carries out one exchange. Never rejects. */
export async function runExchange(parts: ExchangeParts, exchange: Exchange): Promise<void> {
  const gone = new AbortController();
  let isDone = false;
  exchange.sink.on("close", () => {
    if (!isDone) gone.abort(hasLeft);
  });
  try {
    const response = await answer(parts, exchange, gone.signal);
    if (exchange.sink.destroyed) await leave(response);
    else await send(parts, exchange, { response, gone });
  } catch (error) {
    if (!gone.signal.aborted) parts.log.warn("an exchange failed", { target: exchange.target, error });
    exchange.sink.destroy();
  }
  isDone = true;
  // A body that nobody wanted must not keep its sender waiting.
  if (!exchange.source.destroyed) exchange.source.resume();
}

async function answer(parts: ExchangeParts, exchange: Exchange, signal: AbortSignal): Promise<ApiResponse> {
  const identity = parts.identities.of(exchange.socket);
  const method = methods.find((known) => known === exchange.method);
  if (method === undefined) {
    return errorResponse(new ApiError("MethodNotAllowed", `the server does not know the method ${exchange.method}`));
  }
  if (isRefused(identity, exchange.headers)) return errorResponse(unauthorizedError());
  const request: ApiRequest = {
    method,
    path: exchange.target,
    headers: exchange.headers,
    body: mayHaveBody(method) ? await readBody(exchange.source, parts.clock) : undefined,
    user: identity.kind === "user" ? identity.user : undefined,
    signal,
  };
  return parts.handler(request);
}

function mayHaveBody(method: ApiRequest["method"]): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

interface Sending {
  readonly response: ApiResponse;
  readonly gone: AbortController;
}

async function send(parts: ExchangeParts, exchange: Exchange, { response, gone }: Sending): Promise<void> {
  const { body, status } = response;
  if (exchange.method === "HEAD" || status === 304 || status === 204) {
    exchange.respond(response, { hasBody: false, isStream: false });
    await leave(response);
    return;
  }
  if (body instanceof Uint8Array) {
    exchange.respond(response, { hasBody: true, isStream: false });
    exchange.sink.end(body);
    return;
  }
  exchange.respond(response, { hasBody: true, isStream: true });
  parts.streams.add(gone);
  try {
    await writeChunks(exchange.sink, body, parts);
  } finally {
    parts.streams.delete(gone);
  }
}

/** Lets go of a stream that nobody will read. */
async function leave({ body }: ApiResponse): Promise<void> {
  if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
}
