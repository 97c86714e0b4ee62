// What users say about a kind changes while objects of it are there, and nobody touches those: each operation is asked again
// at once. A script that fails is a condition and an event, with customization, operation and line, until it is mended.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { ResourceInterpreterWebhookConfiguration } from "#api/config/resource-interpreter-webhook-configuration.ts";
import { ConfigMap } from "#api/kinds.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { Widget } from "#apiserver/crd/testing.ts";
import { aWhile, eventually, eventuallyObject, type Planes } from "#controllers/testing-planes.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import {
  broken,
  complaint,
  createWidget,
  events,
  good,
  haveShares,
  isKnown,
  members,
  setScripts,
  startWidgets,
} from "./widgets.ts";

const ref = (name: string) => ({ namespace: "default", name });
const bindingRef = ref("w-widget");

interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly { type: string; status: string; message?: string }[] };
}

function says({ status }: Conditioned, type: string, value: string, message: string): boolean {
  return (status?.conditions ?? []).some(
    (each) => each.type === type && each.status === value && each.message === message,
  );
}

/** The Works of the widget w. */
async function worksOf({ client }: Planes): Promise<readonly Work[]> {
  const { items } = await client.list(Work);
  return items.filter(({ metadata }) => metadata.name.startsWith("w-"));
}

async function inMembers(planes: Planes, isSo: (widget: KubeObject) => boolean): Promise<boolean> {
  const found = await Promise.all(members.map((name) => planes.member(name).find(Widget, ref("w"))));
  return found.every((widget) => widget !== undefined && isSo(widget));
}

async function bindingSays(planes: Planes, isSo: (binding: ResourceBinding) => boolean | undefined): Promise<boolean> {
  return isSo(await planes.client.get(ResourceBinding, bindingRef)) === true;
}

interface Case {
  readonly operation: string;
  readonly field: string;
  readonly functionName: string;
  readonly condition: string;
  /** What the condition of the binding says; absent: what the interpreter says. */
  readonly message?: string;
  readonly event: string;
  /** Another script, and what shows that it has been asked. */
  readonly other: string;
  readonly effect: (planes: Planes) => Promise<boolean>;
}

const ofBoth = (operation: string): string =>
  members.map((name) => `cluster ${name}: ${complaint(operation)}`).join("; ");

const cases: readonly Case[] = [
  {
    ...{ operation: "InterpretReplica", field: "replicaResource", functionName: "GetReplicas" },
    ...{ condition: "ReplicaInterpreted", event: "GetReplicasFailed" },
    other: "function GetReplicas(obj) return obj.spec.size + 2 end",
    effect: (planes) => bindingSays(planes, ({ spec }) => spec.replicas === 6),
  },
  {
    ...{ operation: "ReviseReplica", field: "replicaRevision", functionName: "ReviseReplica" },
    ...{ condition: "ReplicaRevised", event: "SyncWorkFailed", message: ofBoth("ReviseReplica") },
    other: "function ReviseReplica(obj, desired) obj.spec.size = desired obj.spec.revised = true return obj end",
    effect: (planes) => inMembers(planes, (widget) => fieldOf(widget, "spec", "revised") === true),
  },
  {
    ...{ operation: "InterpretStatus", field: "statusReflection", functionName: "ReflectStatus" },
    ...{ condition: "StatusInterpreted", event: "ReflectStatusFailed", message: ofBoth("InterpretStatus") },
    other: "function ReflectStatus(obj) return { seen = true } end",
    effect: (planes) =>
      bindingSays(planes, ({ status }) =>
        status?.aggregatedStatus?.every((item) => fieldOf(item, "status", "seen") === true),
      ),
  },
  {
    ...{ operation: "InterpretHealth", field: "healthInterpretation", functionName: "InterpretHealth" },
    ...{ condition: "HealthInterpreted", event: "InterpretHealthFailed", message: ofBoth("InterpretHealth") },
    other: "function InterpretHealth(obj) return false end",
    effect: (planes) =>
      bindingSays(planes, ({ status }) => status?.aggregatedStatus?.every(({ health }) => health === "Unhealthy")),
  },
  {
    ...{ operation: "AggregateStatus", field: "statusAggregation", functionName: "AggregateStatus" },
    ...{ condition: "StatusAggregated", event: "AggregateStatusFailed" },
    other: "function AggregateStatus(obj, items) obj.status = { sum = #items } return obj end",
    effect: async ({ client }) => fieldOf(await client.get(Widget, ref("w")), "status", "sum") === members.length,
  },
  {
    ...{ operation: "InterpretDependency", field: "dependencyInterpretation", functionName: "GetDependencies" },
    ...{ condition: "DependencyInterpreted", event: "GetDependenciesFailed" },
    other: `function GetDependencies(obj)
      return { { apiVersion = "v1", kind = "ConfigMap", namespace = "default", name = "settings" } }
    end`,
    effect: async (planes) => (await planes.member("m1").find(ConfigMap, ref("settings"))) !== undefined,
  },
];

describe("rules that change under objects that are there", () => {
  let planes: Planes;
  before(async () => {
    planes = await startWidgets();
    await planes.client.create(ConfigMap, { metadata: ref("settings"), data: { a: "1" } });
    await createWidget(planes.client, "w");
    await setScripts(planes, good);
    await haveShares(planes);
    await eventually("all are healthy", () =>
      bindingSays(planes, ({ status }) => {
        const items = status?.aggregatedStatus ?? [];
        return items.length === members.length && items.every(({ health }) => health === "Healthy");
      }),
    );
  });
  after(() => planes.close());

  for (const { operation, field, functionName, condition, message, event, other, effect } of cases) {
    test(operation, async () => {
      const { client } = planes;
      await setScripts(planes, { ...good, [field]: broken(functionName) });
      const text = message ?? complaint(operation);
      await eventuallyObject(client, ResourceBinding, bindingRef, (binding) => says(binding, condition, "False", text));
      await eventually("the event", async () => {
        return (await events(client, event)).some((told) => told.includes(complaint(operation)));
      });
      await setScripts(planes, { ...good, [field]: other });
      await eventually("the other script counts", () => effect(planes));
      await eventuallyObject(client, ResourceBinding, bindingRef, (binding) =>
        says(binding, condition, "True", "The interpreter has answered."),
      );
      await setScripts(planes, good);
    });
  }

  test("Retain", async () => {
    await setScripts(planes, { ...good, retention: broken("Retain") });
    const told = `Failed to apply all manifests (0/1): ${complaint("Retain")}`;
    await eventually("the Works say it", async () => {
      const works = await worksOf(planes);
      return works.length === members.length && works.every((work) => says(work, "Applied", "False", told));
    });
    await eventually("the binding says it", () =>
      bindingSays(planes, ({ status }) => status?.aggregatedStatus?.every((item) => item.appliedMessage === told)),
    );
    const kept = "function Retain(desired, observed) desired.spec.kept = true return desired end";
    await setScripts(planes, { ...good, retention: kept });
    await eventually("the other script counts", () =>
      inMembers(planes, (widget) => fieldOf(widget, "spec", "kept") === true),
    );
    await setScripts(planes, good);
    await eventually("and the first one again", () =>
      inMembers(planes, (widget) => fieldOf(widget, "spec", "kept") === undefined),
    );
  });

  test("a template that could never be interpreted has a binding that says so and goes nowhere until it can be", async () => {
    const { client } = planes;
    await setScripts(planes, { ...good, replicaResource: broken("GetReplicas") });
    await eventuallyObject(client, ResourceBinding, bindingRef, (binding) =>
      says(binding, "ReplicaInterpreted", "False", complaint("InterpretReplica")),
    );
    await createWidget(client, "late");
    const held = await eventuallyObject(client, ResourceBinding, ref("late-widget"), (binding) =>
      says(binding, "ReplicaInterpreted", "False", complaint("InterpretReplica")),
    );
    assert.deepEqual([held.spec.suspension, held.spec.clusters], [{ scheduling: true }, undefined]);
    await aWhile(100);
    assert.equal(await planes.member("m1").find(Widget, ref("late")), undefined);
    await setScripts(planes, good);
    await eventuallyObject(planes.member("m1"), Widget, ref("late"), (widget) => fieldOf(widget, "spec", "size") === 2);
    const { spec, metadata } = await client.get(ResourceBinding, ref("late-widget"));
    assert.deepEqual([spec.suspension, spec.replicas], [undefined, 4]);
    assert.equal(metadata.annotations?.["resourcebinding.karmada.io/awaits-interpretation"], undefined);
  });

  test("what fails is not written again and again, and no condition comes where nothing has failed", async () => {
    const { client } = planes;
    await setScripts(planes, { ...good, healthInterpretation: broken("InterpretHealth") });
    const { status } = await eventuallyObject(client, ResourceBinding, bindingRef, (binding) =>
      says(binding, "HealthInterpreted", "False", ofBoth("InterpretHealth")),
    );
    assert.equal(
      status?.conditions?.some(({ type }) => type === "ComponentInterpreted"),
      false,
    );
    const versions = async (): Promise<string> =>
      (await worksOf(planes)).map(({ metadata }) => metadata.resourceVersion).join();
    await eventually("it is quiet", async () => {
      const before = await versions();
      await aWhile(300);
      return (await versions()) === before;
    });
  });

  test("a webhook that comes and goes, and a customization that goes", async () => {
    const { client } = planes;
    const healths = (health: string): Promise<void> =>
      eventually(`all are ${health}`, () =>
        bindingSays(planes, ({ status }) => status?.aggregatedStatus?.every((item) => item.health === health)),
      );
    await setScripts(planes, { replicaResource: good["replicaResource"] ?? "" });
    await healths("Healthy");
    await client.create(ResourceInterpreterWebhookConfiguration, {
      metadata: { name: "hooks" },
      webhooks: [
        {
          name: "widgets.example.com",
          clientConfig: { url: "https://127.0.0.1:1/nobody" },
          rules: [{ operations: ["InterpretHealth"], apiGroups: ["*"], apiVersions: ["*"], kinds: ["Widget"] }],
          interpreterContextVersions: ["v1alpha1"],
          timeoutSeconds: 1,
        },
      ],
    });
    await isKnown(planes, ResourceInterpreterWebhookConfiguration, "hooks");
    await healths("Unknown");
    const replicas = { replicaResource: good["replicaResource"] ?? "" };
    await setScripts(planes, { ...replicas, healthInterpretation: "function InterpretHealth(obj) return false end" });
    await healths("Unhealthy"); // a customization goes before a webhook
    await setScripts(planes, replicas);
    await healths("Unknown");
    await client.delete(ResourceInterpreterWebhookConfiguration, { name: "hooks" });
    await healths("Healthy");
    await client.delete(ResourceInterpreterCustomization, { name: "my-widgets" });
    await eventually("there are no replicas any more", () =>
      bindingSays(planes, ({ spec }) => spec.replicas === undefined),
    );
  });
});

test("with the gate MultiplePodTemplatesScheduling, components go before replicas", async (t) => {
  const planes = await startWidgets({ MultiplePodTemplatesScheduling: true });
  t.after(() => planes.close());
  const { client } = planes;
  const components = (worker: string): string => `function GetComponents(obj)
    return { { name = "head", replicas = 1 }, { name = "${worker}", replicas = obj.spec.size } }
  end`;
  const binding = (isSo: (binding: ResourceBinding) => boolean | undefined): Promise<ResourceBinding> =>
    eventuallyObject(client, ResourceBinding, bindingRef, isSo);
  await setScripts(planes, good);
  await isKnown(planes, ResourceInterpreterCustomization, "my-widgets");
  await createWidget(client, "w");
  await binding(({ spec }) => spec.replicas === 4);
  await setScripts(planes, { ...good, componentResource: components("worker") });
  const { spec } = await binding((found) => found.spec.components !== undefined);
  assert.deepEqual(spec.components, [
    { name: "head", replicas: 1 },
    { name: "worker", replicas: 4 },
  ]);
  assert.deepEqual([spec.replicas, spec.replicaRequirements], [undefined, undefined]);
  await eventually("it is told", async () => (await events(client, "GetComponentsSucceed")).length > 0);
  await eventually("the sets go whole to the members", () =>
    inMembers(planes, (widget) => fieldOf(widget, "spec", "size") === 4),
  );
  await setScripts(planes, { ...good, componentResource: broken("GetComponents") });
  await binding((found) => says(found, "ComponentInterpreted", "False", complaint("InterpretComponent")));
  await eventually("the event", async () => {
    return (await events(client, "GetComponentsFailed")).some((told) => told.includes(complaint("InterpretComponent")));
  });
  await setScripts(planes, { ...good, componentResource: components("hand") });
  const mended = await binding((found) => found.spec.components?.[1]?.name === "hand");
  await binding((found) => says(found, "ComponentInterpreted", "True", "The interpreter has answered."));
  assert.equal(mended.spec.replicas, undefined);
  await setScripts(planes, good);
  await binding((found) => found.spec.replicas === 4 && found.spec.components === undefined);
});
