// LimitRanges through the server: what they fill in and what they refuse, in upstream's words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf, isArray } from "#machinery/guards.ts";
import { call, type TestAnswer, testServer } from "../../testing.ts";

const core = "/api/v1/namespaces/default";

interface Amounts {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** A pod of these containers in a namespace with one LimitRange of these limits. */
async function createPod(
  limits: readonly object[],
  resources: readonly Amounts[],
  init?: Amounts,
): Promise<TestAnswer> {
  const server = await testServer({ resources: builtinResources });
  const range = { metadata: { name: "range" }, spec: { limits } };
  assert.equal((await call(server, "POST", `${core}/limitranges`, { body: range })).status, 201);
  const containers = resources.map((each, index) => ({ name: `c${String(index + 1)}`, image: "i", resources: each }));
  const initContainers = init === undefined ? [] : [{ name: "i1", image: "i", resources: init }];
  const body = { metadata: { name: "p" }, spec: { containers, initContainers } };
  const answer = await call(server, "POST", `${core}/pods`, { body });
  await server.close();
  return answer;
}

test("containers get what they do not say, and an annotation tells of it", async () => {
  const limits = [{ type: "Container", default: { cpu: "2", memory: "1Gi" }, defaultRequest: { cpu: "1" } }];
  const { status, body, text } = await createPod(limits, [{}, { limits: { cpu: "4", memory: "2Gi" } }], {});
  assert.equal(status, 201, text);
  const containers = fieldOf(body, "spec", "containers");
  assert.ok(isArray(containers));
  assert.deepEqual(
    containers.map((each) => fieldOf(each, "resources")),
    [
      { limits: { cpu: "2", memory: "1Gi" }, requests: { cpu: "1", memory: "1Gi" } },
      { limits: { cpu: "4", memory: "2Gi" }, requests: { cpu: "4", memory: "2Gi" } },
    ],
  );
  assert.equal(
    fieldOf(body, "metadata", "annotations", "kubernetes.io/limit-ranger"),
    "LimitRanger plugin set: cpu, memory request for container c1; cpu, memory limit for container c1; " +
      "cpu, memory request for init container i1; cpu, memory limit for init container i1",
  );
});

for (const { what, limits, resources, why } of [
  {
    what: "too large a limit",
    limits: [{ type: "Container", max: { cpu: "1" } }],
    resources: [{ limits: { cpu: "2" } }, { limits: { cpu: "3" } }],
    why: "[maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Container is 1, but limit is 3]",
  },
  {
    what: "too small a request",
    limits: [{ type: "Container", min: { memory: "1Gi" } }],
    resources: [{ requests: { memory: "1Mi" } }],
    why: "minimum memory usage per Container is 1Gi, but request is 1Mi",
  },
  {
    what: "no limit",
    limits: [{ type: "Pod", max: { cpu: "1" } }],
    resources: [{ requests: { cpu: "1" } }],
    why: "maximum cpu usage per Pod is 1.  No limit is specified",
  },
  {
    what: "all containers together",
    limits: [{ type: "Pod", max: { cpu: "1" } }],
    resources: [{ limits: { cpu: "600m" } }, { limits: { cpu: "600m" } }],
    why: "maximum cpu usage per Pod is 1, but limit is 1200m",
  },
  {
    what: "too wide a gap between request and limit",
    limits: [{ type: "Container", maxLimitRequestRatio: { cpu: "2" } }],
    resources: [{ requests: { cpu: "1" }, limits: { cpu: "3" } }],
    why: "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
  },
] as const) {
  test(`a pod is refused: ${what}`, async () => {
    const { status, body } = await createPod(limits, resources);
    assert.equal(status, 403);
    assert.equal(body["message"], `pods "p" is forbidden: ${why}`);
  });
}

test("a claim keeps to its bounds when it is made and when it grows", async () => {
  const server = await testServer({ resources: builtinResources });
  const limits = [{ type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } }];
  await call(server, "POST", `${core}/limitranges`, { body: { metadata: { name: "range" }, spec: { limits } } });
  const claim = (storage: string): object => ({
    metadata: { name: "c" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  });
  const small = await call(server, "POST", `${core}/persistentvolumeclaims`, { body: claim("1Mi") });
  assert.equal(
    small.body["message"],
    'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
  );
  assert.equal((await call(server, "POST", `${core}/persistentvolumeclaims`, { body: claim("1Gi") })).status, 201);
  const headers = { "content-type": "application/merge-patch+json" };
  const bound = { status: { phase: "Bound" } };
  await call(server, "PATCH", `${core}/persistentvolumeclaims/c/status`, { headers, body: bound });
  const grown = await call(server, "PATCH", `${core}/persistentvolumeclaims/c`, {
    headers,
    body: { spec: { resources: { requests: { storage: "3Gi" } } } },
  });
  assert.match(
    String(grown.body["message"]),
    /maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi/,
  );
  await server.close();
});
