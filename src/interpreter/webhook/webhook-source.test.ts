import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import { createClient } from "#client/rest-client.ts";
import type { Informer, InformerEvent, InformerFactory } from "#client/informer.ts";
import { fakeTransport, jsonAnswer } from "#client/testing.ts";
import type { WebhookCall } from "#client/webhook-caller.ts";
import { isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { systemClock } from "#std/time.ts";
import { createInterpreter, type Interpreter } from "../interpreter.ts";
import { webhookSource } from "./webhook-source.ts";

type Configuration = ResourceInterpreterWebhookConfiguration;
type Webhook = Configuration["webhooks"][number];

const everything = { operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], kinds: ["*"] };
const hook: Webhook = {
  name: "workloads.example.com",
  clientConfig: { url: "https://hook.example.com/interpret", caBundle: Buffer.from("PEM").toString("base64") },
  rules: [everything],
  interpreterContextVersions: ["v1alpha1"],
  timeoutSeconds: 3,
};

function configuration(name: string, ...webhooks: readonly Webhook[]): Configuration {
  return {
    apiVersion: "config.karmada.io/v1alpha1",
    kind: "ResourceInterpreterWebhookConfiguration",
    metadata: { name },
    webhooks,
  };
}

/** An informer of a list that tests change. */
class FakeInformers implements InformerFactory {
  list: Configuration[];
  #handler: (event: InformerEvent<KubeObject>) => void = () => undefined;

  constructor(list: Configuration[]) {
    this.list = list;
  }

  change(list: Configuration[]): void {
    this.list = list;
    const [object] = list;
    if (object === undefined) return;
    const { metadata } = object;
    this.#handler({ type: "added", ref: metadata, metadata, object, initial: false });
  }

  for<T extends KubeObject>(kind: Kind<T>): Informer<T> {
    const informer: Informer = {
      kind,
      synced: true,
      waitForSync: () => Promise.resolve(),
      get: () => undefined,
      list: () => this.list,
      has: () => false,
      refs: () => [],
      addIndex: () => undefined,
      addMetadataIndex: () => undefined,
      byIndex: () => [],
      onEvent: (handler) => {
        this.#handler = handler;
        return () => undefined;
      },
    };
    return informer as unknown as Informer<T>;
  }

  stop(): void {
    this.list = [];
  }
}

interface Setup {
  readonly interpreter: Interpreter;
  readonly calls: WebhookCall[];
  readonly informers: FakeInformers;
  readonly asked: () => Record<string, unknown>;
}

const services: Readonly<Record<string, object>> = {
  "/api/v1/namespaces/tools/services/hook": { spec: { type: "ClusterIP", clusterIP: "10.0.0.9" } },
  "/api/v1/namespaces/tools/services/external": { spec: { type: "ExternalName", externalName: "hook.example.org" } },
  "/api/v1/namespaces/tools/services/headless": { spec: { type: "ClusterIP", clusterIP: "None" } },
};

function setup(list: Configuration[], response: object = {}, whole?: object): Setup {
  const calls: WebhookCall[] = [];
  const informers = new FakeInformers(list);
  const transport = fakeTransport(({ path }) => {
    const found = services[path];
    return found === undefined
      ? jsonAnswer({ kind: "Status", status: "Failure", reason: "NotFound", message: "no", code: 404 }, 404)
      : jsonAnswer({ apiVersion: "v1", kind: "Service", metadata: { name: "s" }, ...found });
  });
  const asked = (): Record<string, unknown> => {
    const context = parseJson(calls.at(-1)?.body ?? new Uint8Array());
    assert.ok(isRecord(context) && isRecord(context["request"]));
    return context["request"];
  };
  const caller = {
    call: (call: WebhookCall): Promise<Uint8Array> => {
      calls.push(call);
      const uid = asked()["uid"];
      const answer = whole ?? {
        apiVersion: "config.karmada.io/v1alpha1",
        kind: "ResourceInterpreterContext",
        response: { uid, successful: true, ...response },
      };
      return Promise.resolve(Buffer.from(JSON.stringify(answer)));
    },
    close: () => Promise.resolve(),
  };
  const source = webhookSource(informers, {
    client: createClient(transport),
    caller,
    clock: systemClock,
    random: { uint32: () => 0, uuid: () => "uid-1" },
    signal: new AbortController().signal,
  });
  return { interpreter: createInterpreter({ clock: systemClock, sources: [source] }), calls, informers, asked };
}

const widget: KubeObject = {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w", namespace: "shop" },
  spec: { replicas: 3 },
};
const items = [{ clusterName: "m1", status: { ready: 1 } }];

function patchOf(...operations: readonly object[]): object {
  return { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") };
}

for (const { operation, response, ask, expected, request } of [
  {
    operation: "InterpretReplica",
    response: { replicas: 3, replicaRequirements: { resourceRequest: { cpu: "1" } } },
    ask: (interpreter: Interpreter) => interpreter.getReplicas(widget),
    expected: { replicas: 3, requirements: { resourceRequest: { cpu: "1" } } },
    request: { replicas: 0 },
  },
  {
    operation: "InterpretComponent",
    response: { components: [{ name: "main", replicas: 2 }] },
    ask: (interpreter: Interpreter) => interpreter.getComponents(widget),
    expected: [{ name: "main", replicas: 2 }],
    request: { replicas: 0 },
  },
  {
    operation: "ReviseReplica",
    response: patchOf({ op: "replace", path: "/spec/replicas", value: 2 }),
    ask: (interpreter: Interpreter) => interpreter.reviseReplica(widget, 2),
    expected: { ...widget, spec: { replicas: 2 } },
    request: { replicas: 2 },
  },
  {
    operation: "Retain",
    response: patchOf({ op: "add", path: "/spec/paused", value: true }),
    ask: (interpreter: Interpreter) => interpreter.retain(widget, { ...widget, spec: { paused: true } }),
    expected: { ...widget, spec: { replicas: 3, paused: true } },
    request: { replicas: 0, observedObject: { ...widget, spec: { paused: true } } },
  },
  {
    operation: "AggregateStatus",
    response: patchOf({ op: "add", path: "/status", value: { ready: 1 } }, { op: "remove", path: "/spec" }),
    ask: (interpreter: Interpreter) => interpreter.aggregateStatus(widget, items),
    expected: { ...widget, status: { ready: 1 } },
    request: { replicas: 0, aggregatedStatus: items },
  },
  {
    operation: "InterpretDependency",
    response: { dependencies: [{ apiVersion: "v1", kind: "Secret", namespace: "shop", name: "s" }] },
    ask: (interpreter: Interpreter) => interpreter.getDependencies(widget),
    expected: [{ apiVersion: "v1", kind: "Secret", namespace: "shop", name: "s" }],
    request: { replicas: 0 },
  },
  {
    operation: "InterpretStatus",
    response: { rawStatus: { phase: "Ready" } },
    ask: (interpreter: Interpreter) => interpreter.reflectStatus(widget),
    expected: { phase: "Ready" },
    request: { replicas: 0 },
  },
  {
    operation: "InterpretHealth",
    response: { healthy: false },
    ask: (interpreter: Interpreter) => interpreter.interpretHealth(widget),
    expected: false,
    request: { replicas: 0 },
  },
] as const) {
  test(`a webhook is asked for ${operation}`, async () => {
    const { interpreter, calls, asked } = setup([configuration("c", hook)], response);
    assert.deepEqual(await ask(interpreter), expected);
    assert.deepEqual(asked(), {
      uid: "uid-1",
      kind: { group: "example.com", version: "v1", kind: "Widget" },
      name: "w",
      namespace: "shop",
      operation,
      object: widget,
      ...request,
    });
    const [call] = calls;
    assert.equal(call?.url, "https://hook.example.com/interpret?timeout=3s");
    assert.equal(call.authority, "PEM");
    assert.equal(call.serverName, undefined);
  });
}

test("an answer without a patch leaves the object as it is", async () => {
  const { interpreter } = setup([configuration("c", hook)]);
  assert.equal(await interpreter.retain(widget, widget), widget);
  assert.equal(await interpreter.aggregateStatus(widget, items), widget);
});

for (const { name, rules, isAsked } of [
  { name: "another operation", rules: [{ ...everything, operations: ["Retain"] }], isAsked: false },
  { name: "another group", rules: [{ ...everything, apiGroups: ["apps"] }], isAsked: false },
  { name: "another version", rules: [{ ...everything, apiVersions: ["v2"] }], isAsked: false },
  { name: "another kind", rules: [{ ...everything, kinds: ["Gadget"] }], isAsked: false },
  { name: "no rule", rules: undefined, isAsked: false },
  {
    name: "the second of its rules",
    rules: [
      { ...everything, kinds: ["Gadget"] },
      { operations: ["InterpretHealth"], apiGroups: ["example.com"], apiVersions: ["v1"], kinds: ["Widget"] },
    ],
    isAsked: true,
  },
]) {
  test(`a webhook for ${name} is ${isAsked ? "" : "not "}asked`, async () => {
    const { rules: _, ...without } = hook;
    const { interpreter, calls } = setup([configuration("c", { ...without, ...(rules && { rules }) })], {
      healthy: true,
    });
    assert.equal(await interpreter.interpretHealth(widget), true);
    assert.equal(calls.length, isAsked ? 1 : 0);
    const kind = { group: "example.com", version: "v1", kind: "Widget" };
    assert.equal(interpreter.hooks(kind).has("interpretHealth"), isAsked);
  });
}

test("of several webhooks the first by configuration and name is asked, and a change counts at once", async () => {
  const at = (host: string): Webhook => ({ ...hook, name: host, clientConfig: { url: `https://${host}/` } });
  const { interpreter, calls, informers } = setup(
    [configuration("z", at("a.example.com")), configuration("b", at("z.example.com"), at("c.example.com"))],
    { healthy: true },
  );
  await interpreter.interpretHealth(widget);
  assert.match(calls[0]?.url ?? "", /^https:\/\/c\.example\.com\//);
  informers.change([configuration("z", at("a.example.com"))]);
  await interpreter.interpretHealth(widget);
  assert.match(calls[1]?.url ?? "", /^https:\/\/a\.example\.com\//);
});

for (const { service, url, serverName } of [
  { service: { name: "hook", path: "/x" }, url: "https://10.0.0.9:443/x?timeout=3s", serverName: "hook.tools.svc" },
  {
    service: { name: "external", port: 8443 },
    url: "https://hook.example.org:8443?timeout=3s",
    serverName: "external.tools.svc",
  },
  {
    service: { name: "elsewhere" },
    url: "https://elsewhere.tools.svc:443?timeout=3s",
    serverName: "elsewhere.tools.svc",
  },
]) {
  test(`the Service ${service.name} is reached at ${url}`, async () => {
    const clientConfig = { service: { namespace: "tools", ...service } };
    const { interpreter, calls } = setup([configuration("c", { ...hook, clientConfig })], { healthy: true });
    await interpreter.interpretHealth(widget);
    assert.equal(calls[0]?.url, url);
    assert.equal(calls[0].serverName, serverName);
  });
}

const context = { apiVersion: "config.karmada.io/v1alpha1", kind: "ResourceInterpreterContext" };

for (const {
  name,
  response = {},
  whole,
  webhook = hook,
  ask = (interpreter: Interpreter) => interpreter.interpretHealth(widget),
  says,
} of [
  {
    name: "another object",
    whole: { kind: "Status" },
    says: "expected webhook response of config.karmada.io/v1alpha1, Kind=ResourceInterpreterContext",
  },
  { name: "no response", whole: context, says: "webhook response was absent" },
  {
    name: "another uid",
    whole: { ...context, response: { uid: "x", successful: true } },
    says: 'expected response.uid "uid-1", got "x"',
  },
  {
    name: "failure without a status",
    response: { successful: false },
    says: "webhook require response.status when response.successful is false",
  },
  {
    name: "failure",
    response: { successful: false, status: { code: 403, message: "not mine" } },
    says: "webhook call failed, get status code: 403, msg: not mine",
  },
  { name: "no health", response: {}, says: "webhook returned nil response.healthy" },
  {
    name: "no status",
    response: {},
    ask: (interpreter: Interpreter) => interpreter.reflectStatus(widget),
    says: "webhook returned nill response.rawStatus",
  },
  {
    name: "no replicas",
    response: {},
    ask: (interpreter: Interpreter) => interpreter.getReplicas(widget),
    says: "webhook returned nil response.replicas",
  },
  {
    name: "a patch without a type",
    response: { patch: "W10=" },
    ask: (interpreter: Interpreter) => interpreter.retain(widget, widget),
    says: "webhook returned nil response.patchType",
  },
  {
    name: "a type without a patch",
    response: { patchType: "JSONPatch" },
    ask: (interpreter: Interpreter) => interpreter.retain(widget, widget),
    says: "webhook returned empty response.patch",
  },
  {
    name: "a patch of another type",
    response: { patch: "W10=", patchType: "MergePatch" },
    ask: (interpreter: Interpreter) => interpreter.retain(widget, widget),
    says: 'unknown patch type "MergePatch"',
  },
  {
    name: "another version of the context",
    webhook: { ...hook, interpreterContextVersions: ["v9"] },
    response: {},
    says: "webhook does not accept known ResourceInterpreterContext versions (v1alpha1)",
  },
  {
    name: "a headless Service",
    webhook: { ...hook, clientConfig: { service: { namespace: "tools", name: "headless" } } },
    response: {},
    says: 'service "tools/headless" has no address',
  },
]) {
  test(`the error of ${name} names webhook and operation`, async () => {
    const { interpreter } = setup([configuration("c", webhook)], response, whole);
    await assert.rejects(Promise.resolve(ask(interpreter)), (error: Error) => {
      assert.match(
        error.message,
        /^interpreter webhook "c\/workloads\.example\.com" (InterpretHealth|InterpretStatus|InterpretReplica|Retain): /,
      );
      assert.ok(error.message.endsWith(`: ${says}`), error.message);
      return true;
    });
  });
}
