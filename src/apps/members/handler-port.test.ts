import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import type { ApiRequest, ApiResponse, RequestHandler } from "#machinery/http.ts";
import { handlerOver, serveHandler } from "./handler-port.ts";

function setUp(handler: RequestHandler) {
  const { port1, port2 } = new MessageChannel();
  serveHandler(port1, handler);
  const handle = handlerOver(port2);
  const { signal } = new AbortController();
  return {
    send: (request: Partial<ApiRequest> = {}) => handle({ method: "GET", path: "/", headers: {}, signal, ...request }),
    [Symbol.dispose]: () => {
      port1.close();
    },
    port: port1,
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const respond = (body: ApiResponse["body"]): ApiResponse => ({ status: 200, headers: { a: ["b", "c"] }, body });

async function read(response: ApiResponse): Promise<string[]> {
  assert.ok(!(response.body instanceof Uint8Array));
  const chunks: string[] = [];
  for await (const chunk of response.body) chunks.push(text(chunk));
  return chunks;
}

test("handler port: a request arrives as it was sent, its answer too, and parts of buffers as parts", async () => {
  const seen: Omit<ApiRequest, "signal">[] = [];
  using port = setUp(({ signal: _signal, ...request }) => {
    seen.push(request);
    return Promise.resolve(respond(Buffer.from("an answer").subarray(3)));
  });
  const user = { name: "u", groups: ["g"] };
  const body = Buffer.from("a body").subarray(2);
  const answer = await port.send({ method: "POST", path: "/x?y=1", headers: { h: "v" }, body, user });
  assert.equal(text(body), "body"); // the sender still has it
  assert.deepEqual(
    seen.map(({ body: sent, ...rest }) => ({ ...rest, body: text(sent ?? Buffer.of()) })),
    [{ method: "POST", path: "/x?y=1", headers: { h: "v" }, body: "body", user }],
  );
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.headers, { a: ["b", "c"] });
  assert.ok(answer.body instanceof Uint8Array);
  assert.equal(text(answer.body), "answer");
});

test("handler port: requests under way at once get each its own answer", async () => {
  using port = setUp(async ({ path }) => {
    if (path === "/0") await new Promise((resolve) => setImmediate(resolve));
    return respond(Buffer.from(path));
  });
  const answers = await Promise.all([0, 1, 2].map((index) => port.send({ path: `/${index}` })));
  assert.deepEqual(
    answers.map(({ body }) => (body instanceof Uint8Array ? text(body) : "")),
    ["/0", "/1", "/2"],
  );
});

test("handler port: what a server keeps is not asked for: it could not be sent", async () => {
  using port = setUp(({ kept }) => Promise.resolve(respond(Buffer.from(String(kept)))));
  const { body } = await port.send({ kept: true });
  assert.equal(body instanceof Uint8Array ? text(body) : "", "undefined");
});

test("handler port: a handler that throws is told of", async () => {
  using port = setUp(() => Promise.reject(new Error("no such luck")));
  await assert.rejects(port.send(), /no such luck/);
});

test("handler port: streams come chunk by chunk and end; a failure in one is told of", async () => {
  using port = setUp(({ path }) =>
    Promise.resolve(
      respond(
        (async function* () {
          yield Buffer.from("a");
          await new Promise((resolve) => setImmediate(resolve));
          yield Buffer.from("b");
          if (path === "/bad") throw new Error("broken off");
        })(),
      ),
    ),
  );
  assert.deepEqual(await read(await port.send()), ["a", "b"]);
  await assert.rejects(async () => read(await port.send({ path: "/bad" })), /broken off/);
});

test("handler port: a source that is faster than its reader waits", async () => {
  let made = 0;
  const chunk = Buffer.alloc(256 * 1024);
  using port = setUp(() =>
    Promise.resolve(
      respond(
        (async function* () {
          for (; made < 40; made++) yield await Promise.resolve(chunk);
        })(),
      ),
    ),
  );
  const { body } = await port.send();
  assert.ok(!(body instanceof Uint8Array));
  let taken = 0;
  for await (const _ of body) {
    taken++;
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(made - taken <= 8, `${made} made, ${taken} taken`);
  }
  assert.equal(taken, 40);
});

test("handler port: the handler hears when the caller gives up, and when a reader leaves", async () => {
  const signals: AbortSignal[] = [];
  const gone = (): Promise<void> =>
    new Promise((resolve) => {
      signals.at(-1)?.addEventListener("abort", () => {
        resolve();
      });
    });
  using port = setUp(({ path, signal }) => {
    signals.push(signal);
    if (path === "/slow") return new Promise(() => undefined);
    return Promise.resolve(
      respond(
        (async function* () {
          yield Buffer.from("a");
          await new Promise((resolve) => {
            signal.addEventListener("abort", resolve);
          });
        })(),
      ),
    );
  });
  const caller = new AbortController();
  const slow = port.send({ path: "/slow", signal: caller.signal });
  while (signals.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const heard = gone();
  caller.abort(new Error("given up"));
  await assert.rejects(slow, /given up/);
  await heard;
  const { body } = await port.send();
  assert.ok(!(body instanceof Uint8Array));
  const left = gone();
  for await (const _ of body) break;
  await left;
  const unread = await port.send();
  assert.ok(!(unread.body instanceof Uint8Array));
  const leftUnread = gone();
  await unread.body[Symbol.asyncIterator]().return?.();
  await leftUnread;
});

test("handler port: when the other end is gone, what is under way fails, and so does what comes later", async () => {
  const port = setUp(({ path }) =>
    path === "/slow"
      ? new Promise(() => undefined)
      : Promise.resolve(
          respond(
            (async function* () {
              yield Buffer.from("a");
              await new Promise(() => undefined);
            })(),
          ),
        ),
  );
  const slow = port.send({ path: "/slow" });
  const stream = await port.send();
  const whole = read(stream);
  port.port.close();
  await assert.rejects(slow, /has ended/);
  await assert.rejects(whole, /has ended/);
  await assert.rejects(port.send(), /has ended/);
});
