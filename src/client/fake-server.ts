// A tiny API server of one kind for tests of informers: it can forget history, cut streams, repeat and reorder events,
// and be put back to an old state, which a good server cannot be asked for.
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse, RequestHandler } from "#machinery/http.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { AsyncQueue } from "#std/async-queue.ts";
import { jsonAnswer } from "./testing.ts";

interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
}

export class FakeServer {
  revision = 100;
  /** Watches from before this revision expire. */
  compactedBefore = 0;
  /** Thrown at each request while set. */
  failure: ApiError | undefined;
  /** Watches end, without a word, after so many events. */
  cutAfterEvents = Infinity;
  readonly requests: string[] = [];
  readonly #objects = new Map<string, KubeObject>();
  readonly #changes: Change[] = [];
  readonly #watchers = new Set<AsyncQueue<string>>();
  #uids = 0;

  /** The open watches. */
  get watchers(): number {
    return this.#watchers.size;
  }

  get objects(): readonly KubeObject[] {
    return [...this.#objects.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  put(name: string, data: Readonly<Record<string, unknown>> = {}, namespace = "default"): void {
    const old = this.#objects.get(`${namespace}/${name}`);
    const uid = old?.metadata.uid ?? `uid-${++this.#uids}`;
    const metadata = {
      name,
      namespace,
      uid,
      resourceVersion: String(++this.revision),
      managedFields: [{ manager: "x" }],
    };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, ...data };
    this.#objects.set(refKey(metadata), object);
    this.#record({ type: old === undefined ? "ADDED" : "MODIFIED", object });
  }

  delete(name: string, namespace = "default"): void {
    const key = `${namespace}/${name}`;
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    const metadata = { ...old.metadata, resourceVersion: String(++this.revision) };
    this.#record({ type: "DELETED", object: { ...old, metadata } });
  }

  /** Forgets its newest past, as a server does that comes back from a backup. */
  restore(objects: readonly KubeObject[], revision: number): void {
    this.cut();
    this.#objects.clear();
    this.#changes.length = 0;
    for (const object of objects) this.#objects.set(refKey(object.metadata), object);
    this.revision = revision;
  }

  /** Forgets the history up to now. */
  compact(): void {
    this.compactedBefore = this.revision;
  }

  /** Ends all watches. */
  cut(): void {
    for (const watcher of [...this.#watchers]) watcher.end();
  }

  bookmark(): void {
    this.#sendLine({ type: "BOOKMARK", object: { metadata: { resourceVersion: String(this.revision) } } });
  }

  /** Sends the last `count` changes again, in this order. */
  repeat(count: number): void {
    for (const change of this.#changes.slice(-count)) this.#sendLine(change);
  }

  readonly handle: RequestHandler = (request) => {
    this.requests.push(request.path);
    if (this.failure !== undefined) return Promise.resolve(jsonAnswer(this.failure.toStatus(), this.failure.code));
    const query = new URL(request.path, "http://server").searchParams;
    return Promise.resolve(query.has("watch") ? this.#watch(request, query) : this.#list(query));
  };

  #list(query: URLSearchParams): ApiResponse {
    const all = this.objects;
    const [revision, from] = (query.get("continue") ?? `${this.revision}:0`).split(":").map(Number);
    if (revision === undefined || from === undefined || revision < this.compactedBefore) {
      return jsonAnswer(new ApiError("Expired", "The provided continue parameter is too old").toStatus(), 410);
    }
    const limit = Number(query.get("limit") ?? all.length);
    const more = from + limit < all.length ? { continue: `${revision}:${from + limit}` } : {};
    return jsonAnswer({
      metadata: { resourceVersion: String(revision), ...more },
      items: all.slice(from, from + limit),
    });
  }

  #watch(request: ApiRequest, query: URLSearchParams): ApiResponse {
    const since = Number(query.get("resourceVersion"));
    const queue = new AsyncQueue<string>({ weightMax: 1_000_000, onClose: () => this.#watchers.delete(queue) });
    if (since < this.compactedBefore) {
      const expired = new ApiError("Expired", `too old resource version: ${since} (${this.compactedBefore})`);
      queue.push(`${JSON.stringify({ type: "ERROR", object: expired.toStatus() })}\n`);
      queue.end();
    }
    this.#watchers.add(queue);
    request.signal.addEventListener("abort", () => {
      queue.end();
    });
    for (const change of this.#changes) {
      if (Number(change.object.metadata.resourceVersion) > since) queue.push(`${JSON.stringify(change)}\n`);
    }
    return { status: 200, headers: {}, body: this.#lines(queue) };
  }

  async *#lines(queue: AsyncQueue<string>): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const line of queue) {
      yield Buffer.from(line);
      if (++sent >= this.cutAfterEvents) return;
    }
  }

  #record(change: Change): void {
    this.#changes.push(change);
    this.#sendLine(change);
  }

  #sendLine(event: unknown): void {
    const line = `${JSON.stringify(event)}\n`;
    for (const watcher of this.#watchers) watcher.push(line);
  }
}
