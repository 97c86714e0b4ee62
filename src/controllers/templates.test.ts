// Kinds come and go with discovery; what is not known is not taken for gone.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { DiscoveredKind, DiscoverySnapshot } from "#client/discovery.ts";
import type { Informer, InformerFactory } from "#client/informer.ts";
import { ObjectCache } from "#client/object-cache.ts";
import { type Kind, type KubeObject, refKey, refOfKey } from "#machinery/object.ts";
import { silentLogger } from "#std/logger.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { skipDefaults, skipRules } from "./policy/skip.ts";
import { Templates } from "./templates.ts";
import { deploymentWith } from "./testing.ts";

function kindWith(kind: string, rest: Partial<DiscoveredKind> = {}): DiscoveredKind {
  const plural = `${kind.toLowerCase()}s`;
  const names = { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` };
  const base = { group: "apps", version: "v1", namespaced: true, shortNames: [], categories: [], subresources: [] };
  return { ...base, ...names, verbs: ["delete", "list", "watch"], preferred: true, ...rest };
}

class FakeInformers implements InformerFactory {
  readonly caches = new Map<string, ObjectCache<KubeObject>>();
  readonly stopped: string[] = [];

  cache(kind: Kind): ObjectCache<KubeObject> {
    const cache = this.caches.get(kind.plural) ?? new ObjectCache<KubeObject>(silentLogger);
    this.caches.set(kind.plural, cache);
    return cache;
  }

  for<T extends KubeObject>(kind: Kind<T>): Informer<T> {
    const cache = this.cache(kind) as unknown as ObjectCache<T>;
    return {
      kind,
      synced: true,
      waitForSync: () => Promise.resolve(),
      get: (ref) => cache.get(ref),
      list: (namespace) => cache.list(namespace),
      has: (ref) => cache.has(ref),
      refs: () => cache.keys().map(refOfKey),
      addIndex: (name, values) => {
        cache.addIndex(name, values);
      },
      addMetadataIndex: (name, values) => {
        cache.addMetadataIndex(name, values);
      },
      byIndex: (name, value) => cache.byIndex(name, value),
      onEvent: (handler) => cache.onEvent(handler),
    };
  }

  stop(kind: Kind): void {
    this.stopped.push(kind.plural);
    this.caches.delete(kind.plural);
  }
}

const deployments = kindWith("Deployment");
const crds = kindWith("CustomResourceDefinition");

function fixture(t: TestContext, kinds: readonly DiscoveredKind[] = [deployments]) {
  const clock = new ManualClock();
  const end = new AbortController();
  const informers = new FakeInformers();
  const state: { answer: DiscoverySnapshot | Error } = { answer: { kinds, failures: [] } };
  const ask = (): Promise<DiscoverySnapshot> =>
    state.answer instanceof Error ? Promise.reject(state.answer) : Promise.resolve(state.answer);
  const discovery = {
    snapshot: ask,
    refresh: ask,
    kindFor: () => Promise.reject(new Error("no")),
    kindOf: () => Promise.reject(new Error("no")),
  };
  const options = { discovery, informers, skip: skipRules(skipDefaults), clock, log: silentLogger, signal: end.signal };
  const templates = new Templates(options);
  t.after(() => {
    end.abort(new Error("the test is over"));
  });
  /** Something happens to a CustomResourceDefinition: discovery is asked again. */
  const rediscover = async (answer: DiscoverySnapshot | Error): Promise<void> => {
    state.answer = answer;
    informers.cache(crds).put({ apiVersion: "v1", kind: "X", metadata: { name: "x", uid: String(Math.random()) } });
    await clock.advance(100);
  };
  return { clock, informers, templates, rediscover };
}

test("only preferred, listable kinds are templates, and none that is skipped", async (t) => {
  const { clock, templates, informers } = fixture(t, [
    deployments,
    kindWith("Old", { preferred: false }),
    kindWith("Review", { verbs: ["create"] }),
    kindWith("Work", { group: "work.karmada.io" }),
  ]);
  await clock.settle();
  await templates.synced();
  assert.deepEqual([...informers.caches.keys()].sort(), ["customresourcedefinitions", "deployments"]);
  assert.equal((await templates.kindOf("apps/v1", "Old"))?.plural, "olds", "but all served kinds are known");
});

test("a kind that has gone is let go; one whose group does not answer is kept", async (t) => {
  const { clock, templates, informers, rediscover } = fixture(t);
  await clock.settle();
  informers.cache(deployments).put(deploymentWith());
  assert.equal(templates.unclaimed("apps/v1", "Deployment").length, 1);
  await rediscover({ kinds: [], failures: [{ apiVersion: "apps/v1", message: "away" }] });
  assert.equal(templates.kindNow("apps/v1", "Deployment"), deployments);
  assert.equal(templates.list("apps/v1", "Deployment").length, 1);
  await rediscover(new Error("the server is away"));
  assert.equal(templates.list("apps/v1", "Deployment").length, 1);
  await rediscover({ kinds: [], failures: [] });
  assert.equal(templates.kindNow("apps/v1", "Deployment"), undefined);
  assert.deepEqual(informers.stopped, ["deployments"]);
  await assert.rejects(
    templates.find({ apiVersion: "apps/v1", kind: "Deployment", name: "nginx", namespace: "default" }),
    /no matches for kind "Deployment" in version "apps\/v1"/,
  );
});

test("what is there can be gone through, and listeners hear of what comes, but not of skipped namespaces", async (t) => {
  const { clock, templates, informers } = fixture(t);
  await clock.settle();
  informers.cache(deployments).put(deploymentWith());
  informers.cache(deployments).put(deploymentWith({ name: "proxy", namespace: "kube-system", uid: "s" }));
  const there = [...templates.all()].map(({ kind, ref }) => `${kind.kind} ${refKey(ref)}`);
  assert.deepEqual(there, ["Deployment default/nginx"]);
  const heard: string[] = [];
  const remove = templates.onEvent(({ event }) => {
    heard.push(`${event.type} ${refKey(event.ref)}`);
  });
  informers.cache(deployments).put(deploymentWith({ name: "web", uid: "w" }));
  informers.cache(deployments).put(deploymentWith({ name: "dns", namespace: "kube-system", uid: "d" }));
  assert.deepEqual(heard, ["added default/web"]);
  remove();
  informers.cache(deployments).delete("default/web");
  assert.equal(heard.length, 1);
});

test("claimed templates are found by their policy's id", async (t) => {
  const { clock, templates, informers } = fixture(t);
  await clock.settle();
  const labels = { "propagationpolicy.karmada.io/permanent-id": "p" };
  informers.cache(deployments).put(deploymentWith({ labels }));
  assert.deepEqual(
    templates.claimedBy("p").map(({ object }) => object.metadata.name),
    ["nginx"],
  );
  assert.deepEqual(templates.claimedBy("q"), []);
  assert.deepEqual(templates.unclaimed("apps/v1", "Deployment"), []);
});
