// Users teach a control plane a kind of their own, in Lua and by a webhook over HTTPS, while it runs: replicas, revision,
// health, status and dependencies are theirs from the next look on, and what goes wrong is told in events.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import { Work } from "#api/work/work.ts";
import { Widget } from "#apiserver/crd/testing.ts";
import { aWhile, eventually } from "#controllers/testing-planes.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { serveHttps } from "../apiserver/https-server.ts";
import {
  broken,
  complaint,
  createWidget,
  events,
  good,
  haveShares,
  healthOf,
  isKnown,
  members,
  setScripts,
  startWidgets,
} from "./widgets.ts";

test("a customization in Lua divides, judges and aggregates a kind of its own", async (t) => {
  const started = await startWidgets();
  t.after(() => started.close());
  const { client } = started;
  await client.create(ResourceInterpreterCustomization, {
    metadata: { name: "my-widgets" },
    spec: {
      target: { apiVersion: "example.com/v1", kind: "Widget" },
      customizations: {
        replicaResource: { luaScript: "function GetReplicas(obj) return obj.spec.size, nil end" },
        replicaRevision: {
          luaScript: "function ReviseReplica(obj, desired) obj.spec.size = desired return obj end",
        },
        statusReflection: { luaScript: "function ReflectStatus(obj) return { ready = (obj.status or {}).ready } end" },
        healthInterpretation: {
          luaScript: "function InterpretHealth(obj)\n  return obj.status.ready == obj.spec.size\nend",
        },
        statusAggregation: {
          luaScript: `
            function AggregateStatus(obj, items)
              local sum = 0
              for _, item in ipairs(items or {}) do sum = sum + ((item.status or {}).ready or 0) end
              obj.status = { ready = sum }
              return obj
            end`,
        },
      },
    },
  });
  await isKnown(started, ResourceInterpreterCustomization, "my-widgets");
  await createWidget(client, "w");
  await haveShares(started);
  await eventually("the script's error is told, with customization, operation and line", async () => {
    const text =
      "err: ResourceInterpreterCustomization(my-widgets) InterpretHealth script: " +
      "line 2: attempt to index field 'status' (a nil value)";
    const told = await events(client, "InterpretHealthFailed");
    return told.some((message) => message.includes(text));
  });
  for (const name of members) {
    const found = await started.member(name).get(Widget, { namespace: "default", name: "w" });
    await started.member(name).update(Widget, { ...found, status: { ready: 2 } }, { subresource: "status" });
  }
  await eventually("the template has the sum, and all are healthy", async () => {
    const template = await client.get(Widget, { namespace: "default", name: "w" });
    const health = await healthOf(client, "w");
    return fieldOf(template, "status", "ready") === 4 && health.join() === "Healthy,Healthy";
  });
  await assert.rejects(
    client.create(ResourceInterpreterCustomization, {
      metadata: { name: "rival" },
      spec: {
        target: { apiVersion: "example.com/v1", kind: "Widget" },
        customizations: { healthInterpretation: { luaScript: "function InterpretHealth() return true end" } },
      },
    }),
    /conflicting with InterpreterOperation\(InterpretHealth\) of existing ResourceInterpreterCustomization\(my-widgets\)/,
  );
});

test("a webhook over HTTPS is asked, and its refusal is told", async (t) => {
  const { url, authority } = await serveHttps(t, ["127.0.0.1"], (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.end(JSON.stringify(answerTo(JSON.parse(Buffer.concat(chunks).toString()))));
    });
  });
  const started = await startWidgets();
  t.after(() => started.close());
  const { client } = started;
  await client.create(ResourceInterpreterWebhookConfiguration, {
    metadata: { name: "hooks" },
    webhooks: [
      {
        name: "widgets.example.com",
        clientConfig: {
          url: `${url}/interpret`,
          caBundle: Buffer.from(authority).toString("base64"),
        },
        rules: [{ operations: ["*"], apiGroups: ["example.com"], apiVersions: ["*"], kinds: ["Widget"] }],
        interpreterContextVersions: ["v1alpha1"],
        timeoutSeconds: 5,
      },
    ],
  });
  await isKnown(started, ResourceInterpreterWebhookConfiguration, "hooks");
  await createWidget(client, "w");
  await haveShares(started);
  await eventually("the refusal is told, with webhook and operation", async () => {
    const text =
      'err: interpreter webhook "hooks/widgets.example.com" InterpretHealth: ' +
      "webhook call failed, get status code: 400, msg: no idea";
    return (await events(client, "InterpretHealthFailed")).some((message) => message.includes(text));
  });
});

/** Of a server that knows replicas and nothing of health. */
function answerTo(context: unknown): object {
  const request = fieldOf(context, "request");
  assert.ok(isRecord(request));
  const patch = [{ op: "replace", path: "/spec/size", value: request["replicas"] }];
  const answers: Record<string, object> = {
    InterpretReplica: { replicas: fieldOf(request, "object", "spec", "size") },
    ReviseReplica: { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") },
    InterpretHealth: { successful: false, status: { code: 400, message: "no idea" } },
    InterpretStatus: { rawStatus: {} },
  };
  const answer = answers[String(request["operation"])] ?? {};
  assert.ok(!isArray(answer));
  return {
    apiVersion: "config.karmada.io/v1alpha1",
    kind: "ResourceInterpreterContext",
    response: { uid: request["uid"], successful: true, ...answer },
  };
}

test("a changed script counts at once, and the error of each operation is told", async (t) => {
  const started = await startWidgets();
  t.after(() => started.close());
  const { client } = started;
  const { replicaResource = "", replicaRevision = "" } = good;
  const few = { replicaResource, replicaRevision };
  await setScripts(started, few);
  await isKnown(started, ResourceInterpreterCustomization, "my-widgets");
  await createWidget(client, "w");
  const arrived = (color: string | undefined): Promise<void> =>
    eventually(`widgets of color ${String(color)} have arrived`, async () => {
      const objects = await Promise.all(
        members.map((name) => started.member(name).find(Widget, { namespace: "default", name: "w" })),
      );
      return objects.every((object) => object !== undefined && fieldOf(object, "spec", "color") === color);
    });
  await arrived(undefined);
  for (const { field, functionName, operation, reason } of [
    { field: "retention", functionName: "Retain", operation: "Retain", reason: "SyncFailed" },
    { field: "replicaRevision", functionName: "ReviseReplica", operation: "ReviseReplica", reason: "SyncWorkFailed" },
    {
      field: "replicaResource",
      functionName: "GetReplicas",
      operation: "InterpretReplica",
      reason: "GetReplicasFailed",
    },
  ]) {
    await setScripts(started, { ...few, [field]: broken(functionName) });
    await aWhile();
    const color = `for ${operation}`;
    await client.patch(Widget, { namespace: "default", name: "w" }, { type: "merge", patch: { spec: { color } } });
    const text = complaint(operation);
    await eventually(`the error of ${operation} is told`, async () => {
      return (await events(client, reason)).some((message) => message.includes(text));
    });
    if (operation === "Retain") {
      await eventually("the Work's condition tells it, too", async () => {
        const { items } = await client.list(Work);
        const told = items.flatMap(({ status }) => status?.conditions ?? []);
        return told.some(
          ({ type, status, message }) => type === "Applied" && status === "False" && message.includes(text),
        );
      });
    }
    await setScripts(started, few);
    await aWhile();
    await arrived(color);
  }
});
