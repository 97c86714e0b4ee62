// Requests of server-side apply, and managedFields in short, for tests. Not used outside of them.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf, isArray, isString } from "#machinery/guards.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { resourcesFromCrd } from "../crd/resource.ts";
import { testCrd, testVersion } from "../crd/testing.ts";
import { call, type TestAnswer, testServer } from "../testing.ts";

export const deployments = "/apis/apps/v1/namespaces/default/deployments";
export const maps = "/api/v1/namespaces/default/configmaps";
export const widgets = "/apis/example.com/v1/namespaces/default/widgets";

const widgetSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        size: { type: "integer" },
        tags: { type: "array", items: { type: "string" } },
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        free: { type: "object", additionalProperties: { type: "string" } },
        any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        whole: {
          type: "object",
          "x-kubernetes-map-type": "atomic",
          properties: { a: { type: "string" }, b: { type: "string" } },
        },
      },
    },
    status: { type: "object", properties: { phase: { type: "string" } } },
  },
} as const;

const crd = testCrd({
  versions: [
    testVersion("v1", { storage: true, schema: { openAPIV3Schema: widgetSchema } }),
    testVersion("v1beta1", { schema: { openAPIV3Schema: widgetSchema } }),
  ],
});
const established = {
  ...crd,
  metadata: { ...crd.metadata, resourceVersion: "0" },
  status: { acceptedNames: crd.spec.names, conditions: [], storedVersions: ["v1"] },
};

export interface World {
  readonly clock: ManualClock;
  readonly apply: (path: string, body: unknown, options: { by: string; query?: string }) => Promise<TestAnswer>;
  readonly send: (
    method: "GET" | "PUT" | "POST" | "PATCH",
    path: string,
    options?: { by?: string; body?: unknown; type?: string },
  ) => Promise<TestAnswer>;
  readonly merge: (path: string, body: unknown, by?: string) => Promise<TestAnswer>;
}

/** A server with every built-in kind and widgets, and requests to it. */
export async function world(context: TestContext): Promise<World> {
  const clock = new ManualClock(Date.parse("2026-05-04T10:11:12Z"));
  const server = await testServer({ resources: [...builtinResources, ...resourcesFromCrd(established)], clock });
  context.after(() => server.close());
  const send: World["send"] = (method, path, { by = "curl", body, type = "application/json" } = {}) =>
    call(server, method, path, {
      headers: { "user-agent": `${by}/8.0`, ...(body === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body }),
    });
  return {
    clock,
    send,
    apply: (path, body, { by, query = "" }) =>
      send("PATCH", `${path}?fieldManager=${by}${query}`, { body, type: "application/apply-patch+yaml" }),
    merge: (path, body, by) =>
      send("PATCH", path, { body, type: "application/merge-patch+json", ...(by === undefined ? {} : { by }) }),
  };
}

/** `manager/operation[/subresource]` and the set. */
export function managers({ body }: TestAnswer): Readonly<Record<string, unknown>> {
  const entries = fieldOf(body, "metadata", "managedFields");
  if (entries === undefined) return {};
  assert.ok(isArray(entries));
  return Object.fromEntries(
    entries.map((entry) => {
      const names = ["manager", "operation", "subresource"].flatMap((name) => textOr(fieldOf(entry, name)));
      return [names.join("/"), fieldOf(entry, "fieldsV1")];
    }),
  );
}

export function timesOf({ body }: TestAnswer): readonly unknown[] {
  const entries = fieldOf(body, "metadata", "managedFields");
  assert.ok(isArray(entries));
  return entries.map((entry) => fieldOf(entry, "time"));
}

export const versionOf = ({ body }: TestAnswer): unknown => fieldOf(body, "metadata", "resourceVersion");

function textOr(value: unknown): readonly string[] {
  return isString(value) ? [value] : [];
}

/** A Deployment of three, of one container. */
export function web(rest: { labels?: object; spec?: object } = {}): Record<string, unknown> {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", labels: { tier: "front" }, ...("labels" in rest ? { labels: rest.labels } : {}) },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "app", image: "app:1", ports: [{ containerPort: 8080 }] }] },
      },
      ...rest.spec,
    },
  };
}
