// The network of a simulated world: requests and answers take their time, overtake each other, get lost, come twice; links
// are cut in one direction or both. A link goes from one component to one server.
import type { Transport } from "#client/client.ts";
import type { ApiRequest, ApiResponse, RequestHandler, UserInfo } from "#machinery/http.ts";
import { abortable } from "#std/abort.ts";
import { type Random, randomFraction } from "#std/random.ts";
import type { Clock } from "#std/time.ts";

/** One way, the longest that a message usually takes. */
const latencyMillisecondsMax = 4;
/** What a slow link adds at most, one way. */
const slowMillisecondsMax = 2_000;

/** When a connection over which nothing comes back is given up: HTTP transports notice, too (keep-alive, time-outs). */
const deadMilliseconds = 45_000;

/** How a link treats what is sent over it. `half-open`: requests arrive and are done, and no answer ever comes. */
export type LinkState = "up" | "slow" | "lossy" | "partitioned" | "half-open";

/** Of this many messages, a lossy link loses a request, an answer, or delivers a request twice (each). */
const lossyOneIn = 6;

export interface LinkOptions {
  /** The world's: what is under way goes on while who sent it is paused. */
  readonly clock: Clock;
  /** The client's own: what has arrived waits for it. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly name: string;
  readonly user: UserInfo;
  /** The server at the other end as it is now; undefined while it is down. */
  readonly server: () => RequestHandler | undefined;
  /** Told of each request that arrives, before it is done. */
  readonly onRequest: (method: string, path: string) => void;
  readonly onEvent: (what: string) => void;
}

/** A way from a component to a server. */
export class Link {
  state: LinkState = "up";
  readonly #options: LinkOptions;
  readonly #connections = new Set<AbortController>();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** A transport over this link, with connections of its own. */
  transport(): Transport {
    const own = new Set<AbortController>();
    return {
      send: (request) => this.#send(request, own),
      close: () => {
        for (const connection of [...own]) connection.abort(new Error("the client is closed"));
        return Promise.resolve();
      },
    };
  }

  /** Ends all open connections with an error at the client's side. */
  reset(): void {
    for (const connection of [...this.#connections]) connection.abort(new Error("connection reset by peer"));
  }

  async #send(request: ApiRequest, own: Set<AbortController>): Promise<ApiResponse> {
    const connection = new AbortController();
    const follow = (): void => {
      connection.abort(request.signal.reason);
    };
    if (request.signal.aborted) follow();
    request.signal.addEventListener("abort", follow, { once: true });
    const end = (): void => {
      request.signal.removeEventListener("abort", follow);
      this.#connections.delete(connection);
      own.delete(connection);
    };
    this.#connections.add(connection);
    own.add(connection);
    try {
      const response = await abortable(this.#exchange({ ...request, signal: connection.signal }), connection.signal);
      if (!(response.body instanceof Uint8Array))
        return { ...response, body: this.#stream(response.body, connection, end) };
      end();
      return response;
    } catch (error) {
      end();
      throw error;
    }
  }

  async #exchange(request: ApiRequest): Promise<ApiResponse> {
    const { clock, ownClock, name, user, server, onRequest, onEvent } = this.#options;
    const { signal } = request;
    const what = `${name} ${request.method} ${request.path}`;
    await clock.sleep(this.#latency(), signal);
    if (this.state === "partitioned") {
      await clock.sleep(deadMilliseconds, signal);
      throw new Error("no route to host");
    }
    if (this.#isUnlucky()) {
      onEvent(`${what} lost`);
      throw new Error("connection reset by peer");
    }
    const handler = server();
    if (handler === undefined) throw new Error("connection refused");
    const isWatch = /[?&]watch=(true|1)/.test(request.path);
    if (!isWatch && this.#isUnlucky()) {
      onEvent(`${what} sent twice`);
      onRequest(request.method, request.path);
      await handler({ ...request, user });
    }
    onRequest(request.method, request.path);
    const response = await handler({ ...request, user });
    onEvent(`${what} ${response.status}`);
    await ownClock.sleep(this.#latency(), signal);
    if (this.#isSilent()) {
      await clock.sleep(deadMilliseconds, signal);
      throw new Error("connection timed out");
    }
    if (!isWatch && this.#isUnlucky()) {
      onEvent(`${what} answer lost`);
      throw new Error("connection reset by peer");
    }
    return response;
  }

  /** The chunks in order, each with its delay. While the link lets nothing through, they wait for it. */
  async *#stream(
    body: AsyncIterable<Uint8Array>,
    connection: AbortController,
    end: () => void,
  ): AsyncGenerator<Uint8Array, undefined> {
    const { ownClock: clock } = this.#options;
    const { signal } = connection;
    const chunks = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const result = await abortable(chunks.next(), signal);
        if (result.done === true) return undefined;
        await clock.sleep(this.#latency(), signal);
        while (this.#isSilent()) await clock.sleep(slowMillisecondsMax, signal);
        yield result.value;
      }
    } finally {
      connection.abort(new Error("the stream has been left"));
      end();
    }
  }

  #latency(): number {
    const { random } = this.#options;
    return randomFraction(random) * (this.state === "slow" ? slowMillisecondsMax : latencyMillisecondsMax);
  }

  /** Whether nothing comes back over it. */
  #isSilent(): boolean {
    return this.state === "half-open" || this.state === "partitioned";
  }

  #isUnlucky(): boolean {
    return this.state === "lossy" && this.#options.random.uint32() % lossyOneIn === 0;
  }
}
