// What was written counts until the informer has caught up, and not for long.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap } from "#api/kinds.ts";
import type { Informer } from "#client/informer.ts";
import { ObjectCache } from "#client/object-cache.ts";
import { silentLogger } from "#std/logger.ts";
import { systemClock } from "#std/time.ts";
import { recentWriteMilliseconds, RecentWrites } from "./recent-writes.ts";

const ref = { namespace: "default", name: "x" };

function version(resourceVersion: string, uid = "u"): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { ...ref, uid, resourceVersion } };
}

function fixture() {
  const time = { now: 0 };
  const cache = new ObjectCache<ConfigMap>(silentLogger);
  const informer: Informer<ConfigMap> = {
    kind: ConfigMap,
    synced: true,
    waitForSync: () => Promise.resolve(),
    get: (wanted) => cache.get(wanted),
    list: (namespace) => cache.list(namespace),
    has: (wanted) => cache.has(wanted),
    refs: () => cache.list().map(({ metadata }) => metadata),
    addIndex: (name, values) => {
      cache.addIndex(name, values);
    },
    addMetadataIndex: (name, values) => {
      cache.addMetadataIndex(name, values);
    },
    byIndex: (name, value) => cache.byIndex(name, value),
    onEvent: (handler) => cache.onEvent(handler),
  };
  return { time, cache, informer, writes: new RecentWrites({ ...systemClock, monotonic: () => time.now }) };
}

test("the newer of the written and the cached object", () => {
  const { cache, informer, writes } = fixture();
  assert.equal(writes.latest(informer, ref), undefined);
  const written = version("10");
  writes.remember(informer, written);
  assert.equal(writes.latest(informer, ref), written, "never seen by the informer");
  cache.put(version("9"));
  assert.equal(writes.latest(informer, ref), written);
  const newer = version("11");
  cache.put(newer);
  assert.equal(writes.latest(informer, ref), newer);
});

test("an object that has gone is gone, also when its last state was written here", () => {
  const { cache, informer, writes } = fixture();
  cache.put(version("9"));
  writes.remember(informer, version("10"));
  cache.delete("default/x");
  assert.equal(writes.latest(informer, ref), undefined);
});

test("the next life of an object outlives the news that the last one is over", () => {
  const { cache, informer, writes } = fixture();
  cache.put(version("9", "old"));
  const born = version("12", "new");
  writes.remember(informer, born);
  cache.delete("default/x");
  assert.equal(writes.latest(informer, ref), born);
});

test("an older answer does not replace a newer one", () => {
  const { cache, informer, writes } = fixture();
  const newer = version("12");
  writes.remember(informer, newer);
  writes.remember(informer, version("11"));
  assert.equal(writes.latest(informer, ref), newer);
  cache.put(version("13"));
  writes.remember(informer, newer);
  assert.equal(writes.latest(informer, ref)?.metadata.resourceVersion, "13");
});

test("what is old or forgotten is gone", () => {
  const { time, informer, writes } = fixture();
  writes.remember(informer, version("10"));
  time.now = recentWriteMilliseconds;
  assert.equal(writes.latest(informer, ref), undefined);
  writes.remember(informer, version("11"));
  writes.forget(informer, ref);
  assert.equal(writes.latest(informer, ref), undefined);
});
