import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";
import { createDiscovery, type DiscoveredKind, type Discovery } from "./discovery.ts";
import { createClient } from "./rest-client.ts";
import { fakeTransport, jsonAnswer } from "./testing.ts";

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

const resource = (plural: string, group: string, version: string, kind: string, rest: object = {}) => ({
  resource: plural,
  responseKind: { group, version, kind },
  scope: "Namespaced",
  singularResource: kind.toLowerCase(),
  verbs: ["get", "list"],
  ...rest,
});

const coreResources = [
  resource("events", "", "v1", "Event", { shortNames: ["ev"] }),
  resource("pods", "", "v1", "Pod", {
    shortNames: ["po"],
    categories: ["all"],
    subresources: [
      {
        subresource: "eviction",
        responseKind: { group: "policy", version: "v1", kind: "Eviction" },
        verbs: ["create"],
      },
    ],
  }),
  resource("nodes", "", "v1", "Node", { scope: "Cluster" }),
];
const appsResources = [resource("deployments", "apps", "v1", "Deployment", { shortNames: ["deploy"] })];
const autoscaling = [
  {
    version: "v2",
    resources: [
      resource("horizontalpodautoscalers", "autoscaling", "v2", "HorizontalPodAutoscaler", { shortNames: ["hpa"] }),
    ],
  },
  {
    version: "v1",
    resources: [
      resource("horizontalpodautoscalers", "autoscaling", "v1", "HorizontalPodAutoscaler", { shortNames: ["hpa"] }),
    ],
  },
];
const eventsResources = [resource("events", "events.k8s.io", "v1", "Event", { shortNames: ["ev"] })];
const staleVersion = { version: "v1beta1", freshness: "Stale", resources: [] };
const groupList = (items: readonly unknown[]) => ({ kind: "APIGroupDiscoveryList", items });
const group = (name: string, versions: readonly unknown[]) => ({ metadata: { name }, versions });

function aggregated(request: ApiRequest, groups: readonly unknown[]): ApiResponse {
  const document =
    request.path === "/api"
      ? groupList([{ metadata: {}, versions: [{ version: "v1", resources: coreResources }] }])
      : groupList(groups);
  const etag = `"${JSON.stringify(document).length}"`;
  if (request.headers["if-none-match"] === etag) return { status: 304, headers: { etag }, body: new Uint8Array() };
  return jsonAnswer(document, 200, { "content-type": aggregatedType, etag });
}

function setUp() {
  const groups: unknown[] = [
    group("apps", [{ version: "v1", resources: appsResources }]),
    group("events.k8s.io", [{ version: "v1", resources: eventsResources }]),
    group("autoscaling", autoscaling),
    group("metrics.k8s.io", [staleVersion]),
  ];
  const transport = fakeTransport((request) => aggregated(request, groups));
  return { groups, requests: transport.requests, discovery: createDiscovery(createClient(transport)) };
}

const idOf = ({ group: name, version, plural }: DiscoveredKind) => `${name}/${version}/${plural}`;

test("discovery: kinds with their verbs, names and subresources; stale groups are failures", async () => {
  const { discovery } = setUp();
  const { kinds, failures } = await discovery.snapshot();
  assert.deepEqual(kinds.map(idOf), [
    "/v1/events",
    "/v1/pods",
    "/v1/nodes",
    "apps/v1/deployments",
    "events.k8s.io/v1/events",
    "autoscaling/v2/horizontalpodautoscalers",
    "autoscaling/v1/horizontalpodautoscalers",
  ]);
  assert.deepEqual(failures, [{ apiVersion: "metrics.k8s.io/v1beta1", message: "stale GroupVersion discovery" }]);
  assert.deepEqual(kinds[1], {
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    listKind: "PodList",
    namespaced: true,
    shortNames: ["po"],
    categories: ["all"],
    verbs: ["get", "list"],
    subresources: [{ group: "policy", version: "v1", kind: "Eviction", name: "eviction", verbs: ["create"] }],
    preferred: true,
  });
  assert.deepEqual(
    kinds.slice(-2).map(({ preferred }) => preferred),
    [true, false],
  );
});

for (const { text, found } of [
  { text: "pods", found: "/v1/pods" },
  { text: "po", found: "/v1/pods" },
  { text: "Pod", found: "/v1/pods" },
  { text: "deploy.apps", found: "apps/v1/deployments" },
  { text: "deployment.v1.apps", found: "apps/v1/deployments" },
  { text: "ev", found: "/v1/events" },
  { text: "events.events.k8s.io", found: "events.k8s.io/v1/events" },
  { text: "events.events", found: "events.k8s.io/v1/events" },
  { text: "hpa", found: "autoscaling/v2/horizontalpodautoscalers" },
  { text: "hpa.v1.autoscaling", found: "autoscaling/v1/horizontalpodautoscalers" },
  { text: "pods.v1.", found: "/v1/pods" },
]) {
  test(`discovery: ${text} means ${found}`, async () => {
    const { discovery, requests } = setUp();
    assert.equal(idOf(await discovery.kindFor(text)), found);
    assert.equal(requests.length, 2);
  });
}

test("discovery: an unknown word is asked about once more, unchanged documents cost a 304, and new kinds are found", async () => {
  const { discovery, groups, requests } = setUp();
  const before = await discovery.snapshot();
  await assert.rejects(discovery.kindFor("widgets"), {
    reason: "NotFound",
    message: `the server doesn't have a resource type "widgets"`,
  });
  assert.equal(requests.length, 4);
  assert.equal(await discovery.refresh(), before);
  groups.push(
    group("example.com", [{ version: "v1", resources: [resource("widgets", "example.com", "v1", "Widget")] }]),
  );
  assert.equal(idOf(await discovery.kindFor("widgets")), "example.com/v1/widgets");
  assert.equal(
    idOf(await discovery.kindOf({ apiVersion: "example.com/v1", kind: "Widget" })),
    "example.com/v1/widgets",
  );
  await assert.rejects(discovery.kindOf({ apiVersion: "example.com/v2", kind: "Widget" }), {
    reason: "NotFound",
    message: `no matches for kind "Widget" in version "example.com/v2"`,
  });
});

test("discovery: a server that knows no aggregated form is asked group by group; one that fails does not hide the others", async () => {
  const discovery: Discovery = createDiscovery(createClient(fakeTransport(legacy)));
  const { kinds, failures } = await discovery.snapshot();
  assert.deepEqual(kinds.map(idOf), ["/v1/pods", "apps/v1/deployments", "apps/v1beta1/deployments"]);
  assert.deepEqual(
    kinds.map(({ preferred }) => preferred),
    [true, true, false],
  );
  assert.deepEqual(kinds[1]?.subresources, [
    { group: "autoscaling", version: "v1", kind: "Scale", name: "scale", verbs: ["get"] },
    { group: "apps", version: "v1", kind: "Deployment", name: "status", verbs: ["get"] },
  ]);
  assert.deepEqual(failures, [{ apiVersion: "sick/v1", message: "down" }]);
});

function legacy({ path }: ApiRequest): ApiResponse {
  const entry = { namespaced: true, singularName: "", verbs: ["get"] };
  const deployments = [
    { ...entry, name: "deployments", kind: "Deployment" },
    { ...entry, name: "deployments/scale", kind: "Scale", group: "autoscaling", version: "v1" },
    { ...entry, name: "deployments/status", kind: "Deployment" },
  ];
  switch (path) {
    case "/api":
      return jsonAnswer({ kind: "APIVersions", versions: ["v1"] });
    case "/apis":
      return jsonAnswer({
        groups: [
          { name: "apps", versions: [{ groupVersion: "apps/v1" }, { groupVersion: "apps/v1beta1" }] },
          { name: "sick", versions: [{ groupVersion: "sick/v1" }] },
        ],
      });
    case "/api/v1":
      return jsonAnswer({ resources: [{ ...entry, name: "pods", kind: "Pod", shortNames: ["po"] }] });
    case "/apis/apps/v1":
    case "/apis/apps/v1beta1":
      return jsonAnswer({ resources: deployments });
    default:
      return jsonAnswer({ kind: "Status", reason: "ServiceUnavailable", message: "down" }, 503);
  }
}
