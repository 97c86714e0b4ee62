import assert from "node:assert/strict";
import { test } from "node:test";
import { namespaces, permissiveStrategy, testAdmin, testResource, testServer } from "#apiserver/testing.ts";
import { Lease } from "#api/kinds.ts";
import type { Client, Transport } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createClient } from "#client/rest-client.ts";
import { ApiError } from "#machinery/api-error.ts";
import { silentLogger } from "#std/logger.ts";
import { ManualClock } from "#std/manual-clock.ts";
import type { Random } from "#std/random.ts";
import { campaign, fencedClient, type Leadership } from "./leader-election.ts";
import { judgeLease, releasedLease, takenLease } from "./lease-decision.ts";

const noChance: Random = { uint32: () => 0, uuid: () => "" };
const leases = testResource(
  { group: "coordination.k8s.io", kind: "Lease", plural: "leases" },
  { strategy: { ...permissiveStrategy, allowUnconditionalUpdate: false } },
);
const me = { identity: "me", leaseDurationMilliseconds: 15_000 };

for (const { name, spec, observedAt, now, verdict } of [
  { name: "ours", spec: { holderIdentity: "me" }, observedAt: 0, now: 1, verdict: { kind: "take", isOurs: true } },
  {
    name: "held",
    spec: { holderIdentity: "you" },
    observedAt: 0,
    now: 14_999,
    verdict: { kind: "wait", holder: "you" },
  },
  {
    name: "run out",
    spec: { holderIdentity: "you" },
    observedAt: 0,
    now: 15_000,
    verdict: { kind: "take", isOurs: false },
  },
  {
    name: "held for longer than we would",
    spec: { holderIdentity: "you", leaseDurationSeconds: 60 },
    observedAt: 0,
    now: 15_000,
    verdict: { kind: "wait", holder: "you" },
  },
  {
    name: "renewed long ago by its own clock, but seen only now",
    spec: { holderIdentity: "you", renewTime: "1999-01-01T00:00:00.000000Z" },
    observedAt: 1000,
    now: 1001,
    verdict: { kind: "wait", holder: "you" },
  },
  { name: "released", spec: { holderIdentity: "" }, observedAt: 0, now: 0, verdict: { kind: "take", isOurs: false } },
  { name: "empty", spec: {}, observedAt: 0, now: 0, verdict: { kind: "take", isOurs: false } },
]) {
  test(`lease decision: a lease that is ${name}`, () => {
    assert.deepEqual(judgeLease({ spec, observedAt }, me, now), verdict);
  });
}

test("lease decision: taking, renewing and releasing count transitions as upstream", () => {
  const first = takenLease(undefined, me, 0);
  assert.deepEqual(first, {
    holderIdentity: "me",
    leaseDurationSeconds: 15,
    acquireTime: "1970-01-01T00:00:00.000000Z",
    renewTime: "1970-01-01T00:00:00.000000Z",
    leaseTransitions: 0,
  });
  const renewed = takenLease(first, me, 2000);
  assert.deepEqual(renewed, { ...first, renewTime: "1970-01-01T00:00:02.000000Z" });
  const released = releasedLease(renewed, 3000);
  assert.deepEqual([released.holderIdentity, released.leaseDurationSeconds], ["", 1]);
  const taken = takenLease(released, { ...me, identity: "you" }, 4000);
  assert.deepEqual([taken.holderIdentity, taken.leaseTransitions], ["you", 1]);
});

async function setUp() {
  const clock = new ManualClock();
  const server = await testServer({ clock, resources: [namespaces, leases] });
  const ofServer = clock.pending;
  const life = new AbortController();
  const candidate = (identity: string, transport: Transport = inProcessTransport(server.handle, testAdmin)) => {
    const options = { namespace: "default", name: "l", identity, client: createClient(transport), clock };
    return campaign({ ...options, random: noChance, log: silentLogger }, life.signal);
  };
  const client = createClient(inProcessTransport(server.handle, testAdmin));
  return {
    clock,
    server,
    ofServer,
    life,
    candidate,
    client,
    lease: () => client.get(Lease, { namespace: "default", name: "l" }),
  };
}

async function elected(clock: ManualClock, candidate: Promise<Leadership>): Promise<Leadership> {
  let leadership: Leadership | undefined;
  void candidate.then((found) => (leadership = found));
  await clock.until(() => leadership !== undefined);
  return leadership!;
}

test("leader election: a server that is away longer than the deadline ends the leadership before others may lead", async () => {
  const { clock, server, ofServer, candidate, client } = await setUp();
  let away = false;
  const inner = inProcessTransport(server.handle, testAdmin);
  const leader = await elected(
    clock,
    candidate("a", { ...inner, send: (request) => (away ? Promise.reject(down()) : inner.send(request)) }),
  );
  const successor = candidate("b");
  await clock.advance(30_000);
  assert.equal(leader.holds(), true);
  const fenced = fencedClient(client, () => leader.holds());
  away = true;
  const awayAt = clock.monotonic();
  await clock.until(() => leader.signal.aborted);
  const lostAfter = clock.monotonic() - awayAt;
  assert.ok(lostAfter >= 8_000 && lostAfter <= 10_000, `${lostAfter} ms`);
  assert.equal(leader.holds(), false);
  await assert.rejects(fenced.delete(Lease, { namespace: "default", name: "l" }), { reason: "ServiceUnavailable" });
  assert.equal((await fenced.list(Lease)).items.length, 1);
  const next = await elected(clock, successor);
  const gap = clock.monotonic() - awayAt;
  assert.ok(gap > lostAfter && gap <= 19_000, `${gap} ms`);
  await next.release();
  assert.equal(clock.pending, ofServer);
});

test("leader election: a reply lost after the write does not cost the lease", async () => {
  const { clock, server, candidate } = await setUp();
  const inner = inProcessTransport(server.handle, testAdmin);
  let lose = 0;
  const leader = await elected(
    clock,
    candidate("a", {
      ...inner,
      async send(request) {
        const response = await inner.send(request);
        if (request.method === "PUT" && lose > 0) {
          lose--;
          throw down();
        }
        return response;
      },
    }),
  );
  lose = 2;
  await clock.advance(60_000);
  assert.equal(lose, 0);
  assert.equal(leader.holds(), true);
  await leader.release();
});

test("leader election: a process that was paused finds out by itself that it leads no more", async () => {
  const { clock, candidate } = await setUp();
  const paused = { skew: 0 };
  const leader = await elected(clock, candidate("a"));
  // The whole process stands still: its timers do not fire, but time goes on.
  const before = clock.monotonic.bind(clock);
  clock.monotonic = () => before() + paused.skew;
  paused.skew = 60_000;
  assert.equal(leader.holds(), false);
  await clock.advance(10_000);
  assert.equal(leader.signal.aborted, true);
});

test("leader election: release frees the lease at once; an aborted candidate gives up", async () => {
  const { clock, ofServer, life, candidate, lease } = await setUp();
  const leader = await elected(clock, candidate("a"));
  const other = candidate("b");
  await clock.advance(10_000);
  await leader.release();
  assert.equal(leader.holds(), false);
  assert.equal((await lease()).spec.holderIdentity, "");
  const next = await elected(clock, other);
  assert.equal((await lease()).spec.leaseTransitions, 1);
  const third = candidate("c");
  await clock.advance(10_000);
  life.abort(new Error("enough"));
  await assert.rejects(third, { message: "enough" });
  await next.release();
  assert.equal(clock.pending, ofServer);
});

test("fenced client: reads pass, writes need the lease", async () => {
  const { client } = await setUp();
  const fenced: Client = fencedClient(client, () => false);
  const ref = { namespace: "default", name: "l" };
  const refused = { reason: "ServiceUnavailable" };
  const draft = { metadata: ref, spec: {} };
  await assert.rejects(fenced.create(Lease, draft), refused);
  await assert.rejects(fenced.update(Lease, { apiVersion: "v1", kind: "Lease", ...draft }), refused);
  await assert.rejects(fenced.patch(Lease, ref, { type: "merge", patch: {} }), refused);
  await assert.rejects(fenced.raw("POST", "/x"), refused);
  assert.equal(await fenced.find(Lease, ref), undefined);
  await assert.rejects(fenced.get(Lease, ref), { reason: "NotFound" });
  assert.equal((await fenced.raw("GET", "/apis/coordination.k8s.io/v1/leases")).status, 200);
  await fenced.close();
});

function down(): ApiError {
  return new ApiError("ServiceUnavailable", "connection refused");
}
