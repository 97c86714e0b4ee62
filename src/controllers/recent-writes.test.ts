// What was written counts until the informer has caught up, and not for long.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { systemClock } from "#std/time.ts";
import { recentWriteMilliseconds, RecentWrites } from "./recent-writes.ts";

function version(resourceVersion: string): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", resourceVersion } };
}

test("the newer of the written and the cached object", () => {
  let now = 0;
  const writes = new RecentWrites<KubeObject>({ ...systemClock, monotonic: () => now });
  const written = version("10");
  assert.equal(writes.newest("x", undefined), undefined);
  writes.remember("x", written);
  assert.equal(writes.newest("x", version("9")), written);
  assert.equal(writes.newest("x", undefined), written);
  const newer = version("11");
  assert.equal(writes.newest("x", newer), newer);
  assert.equal(writes.newest("x", undefined), undefined);
  writes.remember("x", written);
  now = recentWriteMilliseconds;
  assert.equal(writes.newest("x", undefined), undefined);
});

test("what is old makes room, and what is forgotten is gone", () => {
  let now = 0;
  const writes = new RecentWrites<KubeObject>({ ...systemClock, monotonic: () => now });
  writes.remember("a", version("1"));
  now = recentWriteMilliseconds;
  writes.remember("b", version("2"));
  now = 0;
  assert.equal(writes.newest("a", undefined), undefined);
  writes.forget("b");
  assert.equal(writes.newest("b", undefined), undefined);
});
