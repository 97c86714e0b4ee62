// Carries requests to an API server in the same process. Bytes go in and bytes come out, as over TLS (by sendKept the
// bytes that the server keeps, which nobody writes to): no object is shared, and the identity is the one given here,
// whatever a request says: a user, or who has a bearer token, which the server then judges as it judges any other.
import type { ApiRequest, ApiResponse, RequestHandler, UserInfo } from "#machinery/http.ts";
import { abortable, abortReason } from "#std/abort.ts";
import type { Transport } from "./client.ts";
import { isLongRunning } from "./paths.ts";

/** A transport to `handler` whose every request comes from `user`. */
export function inProcessTransport(handler: RequestHandler, user: UserInfo): Transport {
  return transportTo((request) => handler({ ...request, user }));
}

/** A transport to `handler` whose every request bears `token`. */
export function inProcessTokenTransport(handler: RequestHandler, token: string): Transport {
  const authorization = `Bearer ${token}`;
  return transportTo((request) =>
    handler({ ...request, headers: { ...request.headers, authorization }, user: undefined }),
  );
}

function transportTo(handler: RequestHandler): Transport {
  const streams = new Set<AbortController>();
  let closed = false;

  /** A stream lives until its caller leaves it or the transport is closed. */
  async function stream(request: ApiRequest): Promise<ApiResponse> {
    const controller = new AbortController();
    const end = (): void => {
      streams.delete(controller);
      request.signal.removeEventListener("abort", end);
      controller.abort(request.signal.reason);
    };
    streams.add(controller);
    request.signal.addEventListener("abort", end, { once: true });
    try {
      const response = await handler({ ...request, signal: controller.signal });
      const { kept, body } = response;
      if (kept !== undefined && Symbol.asyncIterator in kept.content) {
        return { ...response, kept: { ...kept, content: untilLeft(kept.content, end) } };
      }
      if (!(body instanceof Uint8Array)) return { ...response, body: untilLeft(body, end) };
      end();
      return response;
    } catch (error) {
      end();
      throw error;
    }
  }

  function send(request: ApiRequest): Promise<ApiResponse> {
    if (closed) return Promise.reject(closedError());
    if (request.signal.aborted) return Promise.reject(abortReason(request.signal));
    return abortable(isLongRunning(request.path) ? stream(request) : handler(request), request.signal);
  }

  return {
    send,
    sendKept: (request) => send({ ...request, kept: true }),
    close() {
      closed = true;
      for (const controller of [...streams]) controller.abort(closedError());
      return Promise.resolve();
    },
  };
}

/** The body with `end` called when it is over or its reader has left, even before the first chunk. */
function untilLeft<T>(body: AsyncIterable<T>, end: () => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await chunks.next();
            if (result.done === true) end();
            return result;
          } catch (error) {
            end();
            throw error;
          }
        },
        async return() {
          end();
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function closedError(): Error {
  return new Error("the client is closed");
}
