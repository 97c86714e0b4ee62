// Informers in the server's process hold the server's own bytes; all others hold objects. Nobody must be able to tell:
// random histories, seen by one of each.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Transport } from "#client/client.ts";
import { eventually, timeLimit } from "#client/conformance/case.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { ConfigMapKind } from "#client/testing.ts";
import { cloneJson } from "#machinery/equality.ts";
import type { RequestHandler } from "#machinery/http.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import type { Storage } from "#storage/storage.ts";
import type { ApiServer } from "../options.ts";
import { call, testAdmin, testServer } from "../testing.ts";

type Step =
  | { readonly kind: "put"; readonly namespace: string; readonly name: string; readonly team: string }
  | { readonly kind: "delete"; readonly namespace: string; readonly name: string }
  | { readonly kind: "look" }
  | { readonly kind: "compact" };

const namespace = fc.constantFrom("one", "two");
const name = fc.constantFrom("a", "b", "c");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("put"), namespace, name, team: fc.constantFrom("x", "y", "") }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete"), namespace, name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("look", "compact") }) },
);

/** An informer with an index, a record of what it told, and all that can be asked of it. */
function observer(transport: Transport, options: { readonly signal: AbortSignal; readonly labelSelector?: string }) {
  const informer = createInformerFactory({
    client: createClient(transport),
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    signal: options.signal,
    ...(options.labelSelector === undefined ? {} : { defaultLabelSelector: options.labelSelector }),
  }).for(ConfigMapKind);
  const told: unknown[] = [];
  informer.addIndex("team", ({ metadata }) => Object.values(metadata.labels ?? {}));
  informer.addMetadataIndex("state", ({ labels = {}, resourceVersion = "" }) => [
    ...Object.values(labels),
    resourceVersion,
  ]);
  informer.onEvent((event) => told.push(cloneJson({ ...event })));
  const refs = ["one", "two"].flatMap((space) => ["a", "b", "c"].map((each) => ({ namespace: space, name: each })));
  return {
    informer,
    told,
    answers: () => ({
      all: informer.list(),
      spaces: ["one", "two", "three"].map((space) => informer.list(space)),
      single: refs.map((ref) => informer.get(ref)),
      teams: ["x", "y", "z"].map((team) => informer.byIndex("team", team)),
      states: ["x", "y", "z", "2", "5"].map((state) => informer.byIndex("state", state)),
    }),
  };
}

function withoutKept(transport: Transport): Transport {
  return { ...transport, sendKept: undefined };
}

/** A server with the namespaces of the steps. */
async function serverOf(storage: Storage): Promise<ApiServer> {
  const server = await testServer({ storage });
  for (const each of ["one", "two"])
    await call(server, "POST", "/api/v1/namespaces", { body: { metadata: { name: each } } });
  return server;
}

async function act(handle: RequestHandler, current: Step): Promise<void> {
  if (current.kind !== "put" && current.kind !== "delete") return;
  const path = `/api/v1/namespaces/${current.namespace}/configmaps`;
  if (current.kind === "delete") {
    await call({ handle }, "DELETE", `${path}/${current.name}`);
    return;
  }
  const labels = current.team === "" ? {} : { team: current.team };
  const managedFields = [{ manager: "test", operation: "Update", apiVersion: "v1" }];
  const body = { metadata: { name: current.name, labels, managedFields }, data: { team: current.team } };
  const { status } = await call({ handle }, "POST", path, { body });
  const isThere = status === 409;
  if (isThere) assert.equal((await call({ handle }, "PUT", `${path}/${current.name}`, { body })).status, 200);
  else assert.equal(status, 201);
}

type Observer = ReturnType<typeof observer>;

/** Waits until both have come to the state of the server, and checks that they say the same of it. */
async function agree(pair: readonly Observer[], state: () => Promise<unknown>, isToldToo: boolean): Promise<void> {
  await eventually(async () => {
    const expected = await state();
    for (const { informer } of pair) assert.deepEqual(cloneJson(informer.list()), expected);
  });
  // A field that is undefined is none.
  const [kept, plain] = pair.map((each) => cloneJson({ ...each.answers(), told: isToldToo ? each.told : [] }));
  assert.deepEqual(kept, plain);
  for (const object of pair[0]?.informer.list() ?? []) {
    assert.ok(Object.isFrozen(object) && Object.isFrozen(object.metadata.labels ?? Object.freeze({})));
    assert.equal(object.metadata.managedFields, undefined);
  }
}

test("informers of kept bytes tell what those of objects tell, whatever happens", async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 25 });
  const selector = fc.constantFrom(undefined, "team", "team=x", "team!=x");
  await fc.assert(
    fc.asyncProperty(steps, selector, fc.nat({ max: 25 }), async (history, labelSelector, startAt) => {
      const storage = memoryStorage();
      const server = await serverOf(storage);
      const end = new AbortController();
      const transport = inProcessTransport(server.handle, testAdmin);
      const client = createClient(withoutKept(transport));
      const state = async (): Promise<unknown> => {
        const { items } = await client.list(ConfigMapKind, { labelSelector });
        return items.map((item) => cloneJson({ ...item, metadata: { ...item.metadata, managedFields: undefined } }));
      };
      const pair: Observer[] = [];
      const start = async (): Promise<void> => {
        const options = { signal: end.signal, ...(labelSelector === undefined ? {} : { labelSelector }) };
        pair.push(observer(transport, options), observer(withoutKept(transport), options));
        for (const { informer } of pair) await informer.waitForSync(timeLimit());
      };
      // Who is not yet watching when the past goes away lists again, and so misses what was meanwhile.
      const isToldToo = history.every(({ kind }) => kind !== "compact");
      for (const [index, current] of history.entries()) {
        if (index === Math.min(startAt, history.length - 1)) await start();
        await act(server.handle, current);
        if (current.kind === "compact") await storage.compact(storage.revision);
        if (current.kind === "look") await agree(pair, state, isToldToo);
      }
      await agree(pair, state, isToldToo);
      end.abort(new Error("over"));
      await server.close();
    }),
    { numRuns: 40 },
  );
});

test("informers of kept bytes read an object once for all who ask, and never keep the server's own", async () => {
  const server = await serverOf(memoryStorage());
  const end = new AbortController();
  const transport = inProcessTransport(server.handle, testAdmin);
  const [one, other] = [observer(transport, { signal: end.signal }), observer(transport, { signal: end.signal })];
  const labels = { team: "x" };
  await act(server.handle, { kind: "put", namespace: "one", name: "a", team: "x" });
  const ref = { namespace: "one", name: "a" };
  await eventually(() => {
    assert.ok(one.informer.get(ref) !== undefined && other.informer.get(ref) !== undefined);
  });
  assert.equal(one.informer.get(ref), other.informer.get(ref));
  assert.throws(() => Object.assign(one.informer.get(ref)?.metadata.labels ?? {}, { team: "y" }), TypeError);
  assert.deepEqual(other.informer.get(ref)?.metadata.labels, labels);
  end.abort(new Error("over"));
  await server.close();
});
