// A request handler at the other end of a message port: threads of one process exchange requests and answers as bytes, as
// over TLS, without sockets, encryption and HTTP between them. The port is trusted: a request may name its user.
// What is sent in one turn of the event loop goes as one message.
import type { MessagePort } from "node:worker_threads";
import { ApiError, errorText } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse, RequestHandler } from "#machinery/http.ts";
import { abortReason } from "#std/abort.ts";
import { AsyncQueue } from "#std/async-queue.ts";

/** So much of a stream is under way or waits for its reader at most; its source waits then. */
const windowBytes = 1024 * 1024;

type ToServer =
  | ({ readonly type: "request"; readonly id: number } & Omit<ApiRequest, "signal">)
  | { readonly type: "left"; readonly id: number }
  | { readonly type: "taken"; readonly id: number; readonly bytes: number };

type ToClient =
  | { readonly type: "answer"; readonly id: number; readonly response: ApiResponse & { readonly body: Uint8Array } }
  | { readonly type: "stream"; readonly id: number; readonly response: Omit<ApiResponse, "body"> }
  | { readonly type: "chunk"; readonly id: number; readonly chunk: Uint8Array }
  | { readonly type: "end"; readonly id: number; readonly error?: string };

/** Collects the messages of a turn. */
class Outbox<T> {
  readonly #port: MessagePort;
  #messages: T[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  send(message: T): void {
    if (this.#messages.push(message) > 1) return;
    process.nextTick(() => {
      this.#port.postMessage(this.#messages, this.#transfer);
      this.#messages = [];
      this.#transfer = [];
    });
  }

  /** Bytes as they can be sent: copied where they are a part of something larger, which would go along whole. */
  bytes(bytes: Uint8Array): Uint8Array {
    if (bytes.buffer.byteLength === bytes.byteLength) return bytes;
    const copy = new Uint8Array(bytes);
    this.#transfer.push(copy.buffer);
    return copy;
  }
}

interface Call {
  readonly resolve: (response: ApiResponse) => void;
  readonly reject: (error: Error) => void;
  /** Once it is known to be one. */
  stream?: AsyncQueue<Uint8Array>;
  /** Lets go of the caller's signal. */
  readonly release: () => void;
}

/** The handler that `serveHandler` serves at the other end. It does not keep the process alive. */
export function handlerOver(port: MessagePort): RequestHandler {
  const calls = new Map<number, Call>();
  const outbox = new Outbox<ToServer>(port);
  let lastId = 0;
  let isClosed = false;
  const end = (id: number): Call | undefined => {
    const call = calls.get(id);
    calls.delete(id);
    call?.release();
    return call;
  };
  const leave = (id: number, reason: Error): void => {
    const call = end(id);
    if (call === undefined) return;
    call.reject(reason);
    call.stream?.cut(reason);
    outbox.send({ type: "left", id });
  };
  port.on("message", (messages: readonly ToClient[]) => {
    for (const message of messages) receive(message, { calls, outbox, end, leave });
  });
  port.on("close", () => {
    isClosed = true;
    for (const id of [...calls.keys()]) leave(id, goneError());
  });
  port.unref();
  return ({ signal, ...request }) =>
    new Promise((resolve, reject) => {
      if (isClosed || signal.aborted) {
        reject(isClosed ? goneError() : abortReason(signal));
        return;
      }
      const id = ++lastId;
      const stop = (): void => {
        leave(id, abortReason(signal));
      };
      const release = (): void => {
        signal.removeEventListener("abort", stop);
      };
      signal.addEventListener("abort", stop, { once: true });
      calls.set(id, { resolve, reject, release });
      const body = request.body === undefined ? {} : { body: outbox.bytes(request.body) };
      outbox.send({ ...request, ...body, type: "request", id });
    });
}

interface Answers {
  readonly calls: ReadonlyMap<number, Call>;
  readonly outbox: Outbox<ToServer>;
  readonly end: (id: number) => Call | undefined;
  readonly leave: (id: number, reason: Error) => void;
}

function receive(message: ToClient, answers: Answers): void {
  const { id } = message;
  const call = answers.calls.get(id);
  if (call === undefined) return; // its caller has left
  switch (message.type) {
    case "answer":
      answers.end(id)?.resolve(message.response);
      break;
    case "stream":
      call.stream = new AsyncQueue({
        weightMax: Infinity, // the other end keeps to the window
        onClose: () => {
          answers.leave(id, new Error("the reader has left"));
        },
      });
      call.resolve({ ...message.response, body: counted(id, call.stream, answers.outbox) });
      break;
    case "chunk":
      call.stream?.push(message.chunk);
      break;
    case "end": {
      answers.end(id);
      const error = message.error === undefined ? undefined : new ApiError("InternalError", message.error);
      if (error !== undefined) call.reject(error);
      call.stream?.end(error);
    }
  }
}

/** The chunks of a stream; the other end is told of what has been taken. */
function counted(
  id: number,
  chunks: AsyncQueue<Uint8Array>,
  outbox: Outbox<ToServer>,
): AsyncIterableIterator<Uint8Array, undefined> {
  let bytes = 0;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const result = await chunks.next();
      bytes += result.done === true ? 0 : result.value.byteLength;
      if (bytes > windowBytes / 2) {
        outbox.send({ type: "taken", id, bytes });
        bytes = 0;
      }
      return result;
    },
    return: () => chunks.return(),
  };
}

interface Exchange {
  readonly controller: AbortController;
  /** Sent and not taken yet. */
  bytes: number;
  /** Lets the source of a stream go on. */
  wake: () => void;
}

/** Answers what comes through `port` by `handler`, until the port is closed. */
export function serveHandler(port: MessagePort, handler: RequestHandler): void {
  const exchanges = new Map<number, Exchange>();
  const outbox = new Outbox<ToClient>(port);
  const leave = (id: number): void => {
    const exchange = exchanges.get(id);
    exchange?.controller.abort(new Error("the requester has left"));
    exchange?.wake();
  };
  port.on("message", (messages: readonly ToServer[]) => {
    for (const message of messages) {
      const exchange = exchanges.get(message.id);
      if (message.type === "request") {
        const begun: Exchange = { controller: new AbortController(), bytes: 0, wake: () => undefined };
        exchanges.set(message.id, begun);
        void answer(message, begun, handler, outbox).finally(() => exchanges.delete(message.id));
      } else if (message.type === "left") {
        leave(message.id);
      } else if (exchange !== undefined) {
        exchange.bytes -= message.bytes;
        exchange.wake();
      }
    }
  });
  port.on("close", () => {
    for (const id of [...exchanges.keys()]) leave(id);
  });
}

/** Never rejects. */
async function answer(
  // What a server keeps is for callers in its own thread: it is opened by a function, which no message carries.
  { id, type: _type, kept: _kept, ...request }: ToServer & { readonly type: "request" },
  exchange: Exchange,
  handler: RequestHandler,
  outbox: Outbox<ToClient>,
): Promise<void> {
  const { signal } = exchange.controller;
  try {
    const { body, ...head } = await handler({ ...request, signal });
    if (body instanceof Uint8Array) {
      if (!signal.aborted) outbox.send({ type: "answer", id, response: { ...head, body: outbox.bytes(body) } });
      return;
    }
    if (!signal.aborted) outbox.send({ type: "stream", id, response: head });
    for await (const chunk of body) {
      if (exchange.bytes > windowBytes) await taken(exchange);
      if (signal.aborted) return;
      exchange.bytes += chunk.byteLength;
      outbox.send({ type: "chunk", id, chunk: outbox.bytes(chunk) });
    }
    outbox.send({ type: "end", id });
  } catch (error) {
    if (!signal.aborted) outbox.send({ type: "end", id, error: errorText(error) });
  }
}

/** Resolves when enough has been taken, or the reader has left. */
async function taken(exchange: Exchange): Promise<void> {
  while (exchange.bytes > windowBytes && !exchange.controller.signal.aborted) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    exchange.wake = () => {
      resolve(undefined);
    };
    await promise;
  }
}

function goneError(): ApiError {
  return new ApiError("ServiceUnavailable", "the thread of the local members has ended");
}
