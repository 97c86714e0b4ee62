// Deadlines, and the pace that failures set.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transport } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";
import type { Random } from "#std/random.ts";
import { type Clock, systemClock } from "#std/time.ts";
import { guardTransport, memberCallMilliseconds } from "./member-transport.ts";

const random: Random = { uint32: () => 0, uuid: () => "" };

function fixture(send: (request: ApiRequest) => Promise<ApiResponse>) {
  const timers: { readonly milliseconds: number; readonly run: () => void }[] = [];
  const time = { now: 1000 };
  const clock: Clock = {
    ...systemClock,
    monotonic: () => time.now,
    timer(milliseconds, run) {
      timers.push({ milliseconds, run });
      return () => undefined;
    },
  };
  const transport: Transport = { send, close: () => Promise.resolve() };
  return { timers, time, ...guardTransport(transport, { clock, random }) };
}

function request(path = "/api"): ApiRequest {
  return { method: "GET", path, headers: {}, signal: new AbortController().signal };
}

function answer(status: number, headers: ApiResponse["headers"] = {}): Promise<ApiResponse> {
  return Promise.resolve({ status, headers, body: new Uint8Array() });
}

test("failures in a row double the wait, an answer ends it", async () => {
  let fails = true;
  const { transport, pace } = fixture(() => (fails ? Promise.reject(new Error("refused")) : answer(404)));
  assert.equal(pace.waitMilliseconds(), 0);
  const waits = [];
  for (let index = 0; index < 9; index++) {
    await assert.rejects(transport.send(request()), (error) => isApiError(error, "ServiceUnavailable"));
    waits.push(pace.waitMilliseconds());
  }
  assert.equal(pace.isFailing(), true);
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  fails = false;
  await transport.send(request());
  assert.equal(pace.waitMilliseconds(), 0);
});

test("the member's Retry-After is honoured", async () => {
  const { transport, pace } = fixture(() => answer(429, { "retry-after": "7" }));
  assert.equal((await transport.send(request())).status, 429);
  assert.equal(pace.waitMilliseconds(), 7000);
});

for (const status of [404, 500, 503]) {
  test(`an answer of ${status} for one object slows nothing`, async () => {
    const { transport, pace } = fixture(() => answer(status));
    await transport.send(request());
    assert.equal(pace.waitMilliseconds(), 0);
    assert.equal(pace.isFailing(), false);
  });
}

test("a call that hangs, even in its body, ends at the deadline", async () => {
  const { transport, timers, pace } = fixture(({ signal }) =>
    Promise.resolve({ status: 200, headers: {}, body: hangingBody(signal) }),
  );
  const call = transport.send(request());
  const failure = assert.rejects(call, (error) => isApiError(error, "ServiceUnavailable"));
  await systemClock.yield();
  assert.deepEqual(
    timers.map(({ milliseconds }) => milliseconds),
    [memberCallMilliseconds],
  );
  timers[0]?.run();
  await failure;
  assert.ok(pace.waitMilliseconds() > 0);
});

async function* hangingBody(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([1]);
  await new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("aborted"));
    });
  });
}

test("watches have no deadline, and a caller who leaves is no failure", async () => {
  const { transport, timers, pace } = fixture(({ path, signal }) => {
    if (path.includes("watch")) return answer(200);
    return Promise.reject(signal.aborted ? new Error("left") : new Error("refused"));
  });
  await transport.send(request("/api/v1/pods?watch=true"));
  assert.deepEqual(timers, []);
  const left = AbortSignal.abort(new Error("left"));
  await assert.rejects(transport.send({ ...request(), signal: left }), /left/);
  assert.equal(pace.waitMilliseconds(), 0);
});
