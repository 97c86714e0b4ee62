import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndpointSlice, Pod, Service } from "#api/kinds.ts";
import { testPod } from "../testing.ts";
import { planSlices } from "./decide.ts";

const service: Service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "ns", uid: "svc", labels: { team: "x" } },
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
};

function podWith(
  name: string,
  { port = 8080, ...parts }: Parameters<typeof testPod>[0] & { readonly port?: number } = {},
): Pod {
  const pod = testPod({ name, readyFor: 1000, node: "n", ...parts });
  const spec = { ...pod.spec, containers: [{ name: "web", ports: [{ name: "http", containerPort: port }] }] };
  return { ...pod, spec, status: { ...pod.status, podIP: `10.0.0.${name.length}` } };
}

/** The slices as they are after a plan. */
function slicesAfter(pods: readonly Pod[], slices: readonly EndpointSlice[] = []): EndpointSlice[] {
  const { create, update, remove } = planSlices(service, pods, slices);
  const kept = slices.filter((slice) => !remove.includes(slice));
  const updated = kept.map((slice) => update.find(({ metadata }) => metadata.name === slice.metadata.name) ?? slice);
  const base = slices.length;
  const created = create.map((slice, index) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    ...slice,
    metadata: { ...slice.metadata, name: `web-${base + index}` },
  }));
  return [...updated, ...created];
}

function names(slice: EndpointSlice | undefined): (string | undefined)[] {
  return (slice?.endpoints ?? []).map(({ targetRef }) => targetRef?.name);
}

test("a slice names the ready pods, their ports, and its Service", () => {
  const [slice] = slicesAfter([podWith("a"), podWith("bb", { deleting: true })]);
  assert.deepEqual(slice?.metadata.labels, {
    team: "x",
    "kubernetes.io/service-name": "web",
    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
  });
  assert.equal(slice.metadata.generateName, "web-");
  assert.equal(slice.metadata.ownerReferences?.[0]?.uid, "svc");
  assert.deepEqual(slice.ports, [{ name: "http", protocol: "TCP", port: 8080 }]);
  const conditions = slice.endpoints?.map((each) => each.conditions);
  assert.deepEqual(conditions, [
    { ready: true, serving: true, terminating: false },
    { ready: false, serving: true, terminating: true },
  ]);
});

test("a Service without pods has one empty slice, and nothing more is written", () => {
  const slices = slicesAfter([]);
  assert.deepEqual(
    slices.map(({ endpoints }) => endpoints),
    [[]],
  );
  assert.deepEqual(planSlices(service, [], slices), { create: [], update: [], remove: [] });
});

test("the empty slice is used when pods come", () => {
  const [before] = slicesAfter([]);
  const after = slicesAfter([podWith("a")], before === undefined ? [] : [before]);
  assert.deepEqual(
    after.map((slice) => [slice.metadata.name, slice.ports?.length, names(slice)]),
    [["web-0", 1, ["a"]]],
  );
});

test("pods that have ended or have no address are left out", () => {
  const ended = podWith("a", { phase: "Succeeded" });
  const fresh = { ...podWith("bb"), status: { phase: "Pending" } };
  assert.deepEqual(names(slicesAfter([ended, fresh])[0]), []);
});

test("pods stay in their slice, gaps are filled, slices without pods go", () => {
  const pods = Array.from({ length: 250 }, (_, index) => podWith(`p${index}`));
  const slices = slicesAfter(pods);
  assert.deepEqual(
    slices.map(({ endpoints }) => endpoints?.length),
    [100, 100, 50],
  );
  const fewer = pods.filter((_, index) => index < 100 || index === 249);
  const after = slicesAfter([...fewer, podWith("new")], slices);
  assert.deepEqual(
    after.map(({ endpoints }) => endpoints?.length),
    [100, 2],
  );
  assert.deepEqual(names(after[1]), ["p249", "new"]);
});

test("pods in which a named port has another number have a slice of their own", () => {
  const slices = slicesAfter([podWith("a"), podWith("bb", { port: 9090 }), podWith("ccc")]);
  const told = slices.map((slice) => [slice.ports?.[0]?.port, names(slice)]);
  assert.deepEqual(told, [
    [8080, ["a", "ccc"]],
    [9090, ["bb"]],
  ]);
});
