// A control plane with two members and a kind of its own, Widget, that only customizations and webhooks understand.
import { Cluster } from "#api/cluster/cluster.ts";
import { Event } from "#api/kinds.ts";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { testCrd, testVersion, Widget } from "#apiserver/crd/testing.ts";
import type { Client } from "#client/client.ts";
import type { FeatureGates } from "#controllers/feature-gates.ts";
import {
  eventually,
  eventuallyObject,
  installDefinitions,
  type Planes,
  startPlanes,
} from "#controllers/testing-planes.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { scheduler } from "#scheduler/controller.ts";

export const members = ["m1", "m2"];

const definition = testCrd({
  versions: [
    testVersion("v1", {
      storage: true,
      schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    }),
  ],
});

/** With a policy that divides the widgets between the members, and takes along what they refer to. */
export async function startWidgets(gates: Partial<FeatureGates> = {}): Promise<Planes> {
  const started = await startPlanes({
    members,
    others: [scheduler()],
    controllers: { clusterStatus: { periodMilliseconds: 500 }, gates },
  });
  for (const client of [started.client, ...members.map((name) => started.member(name))]) {
    await installDefinitions(client, [definition]);
  }
  await eventually("the scheduler knows that members have widgets", () => {
    const known = started.informers
      .for(Cluster)
      .list()
      .filter(({ status }) => status?.apiEnablements?.some(({ groupVersion }) => groupVersion === "example.com/v1"));
    return Promise.resolve(known.length === members.length);
  });
  await started.client.create(PropagationPolicy, {
    metadata: { name: "widgets", namespace: "default" },
    spec: {
      resourceSelectors: [{ apiVersion: "example.com/v1", kind: "Widget" }],
      propagateDeps: true,
      placement: {
        clusterAffinity: { clusterNames: members },
        replicaScheduling: {
          replicaSchedulingType: "Divided",
          replicaDivisionPreference: "Weighted",
          weightPreference: {
            staticWeightList: members.map((name) => ({ targetCluster: { clusterNames: [name] }, weight: 1 })),
          },
        },
      },
    },
  });
  return started;
}

/** Who is asked about a kind is known to the controllers a little after it is stored. */
export function isKnown({ informers }: Planes, kind: Kind, name: string): Promise<void> {
  return eventually(`the controllers know ${name}`, () =>
    Promise.resolve(informers.for(kind).get({ name }) !== undefined),
  );
}

export function createWidget(client: Client, name: string): Promise<unknown> {
  return client.create(Widget, {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { name, namespace: "default" },
    spec: { size: 4 },
  });
}

export async function haveShares(started: Planes): Promise<void> {
  for (const name of members) {
    const isShare = (widget: KubeObject): boolean => fieldOf(widget, "spec", "size") === 2;
    await eventuallyObject(started.member(name), Widget, { namespace: "default", name: "w" }, isShare);
  }
}

export async function events(client: Client, reason: string): Promise<readonly string[]> {
  const { items } = await client.list(Event);
  return items.filter((event) => event.reason === reason).map(({ message = "" }) => message);
}

export async function healthOf(client: Client, name: string): Promise<readonly unknown[]> {
  const binding = await client.find(ResourceBinding, { namespace: "default", name: `${name}-widget` });
  return (binding?.status?.aggregatedStatus ?? []).map(({ health }) => health);
}

type Scripts = Readonly<Record<string, string>>;

const target = { apiVersion: "example.com/v1", kind: "Widget" };

/** Of all operations. */
export const good: Scripts = {
  replicaResource: "function GetReplicas(obj) return obj.spec.size end",
  replicaRevision: "function ReviseReplica(obj, desired) obj.spec.size = desired return obj end",
  retention: "function Retain(desired, observed) return desired end",
  statusReflection: "function ReflectStatus(obj) return { ready = obj.spec.size } end",
  healthInterpretation: "function InterpretHealth(obj) return true end",
  statusAggregation: "function AggregateStatus(obj, items) obj.status = { clusters = #items } return obj end",
  dependencyInterpretation: "function GetDependencies(obj) return {} end",
};

/** Fails in its second line. */
export const broken = (functionName: string): string => `function ${functionName}()\n  return missing.field\nend`;

/** What the interpreter says of such a script. */
export function complaint(operation: string): string {
  return `ResourceInterpreterCustomization(my-widgets) ${operation} script: line 2: attempt to index global 'missing' (a nil value)`;
}

/** These scripts and no others are what the customization `my-widgets` says. */
export async function setScripts({ client }: Planes, scripts: Scripts): Promise<void> {
  const customizations = Object.fromEntries(
    Object.entries(scripts).map(([field, luaScript]) => [field, { luaScript }]),
  );
  const known = await client.find(ResourceInterpreterCustomization, { name: "my-widgets" });
  if (known === undefined) {
    await client.create(ResourceInterpreterCustomization, {
      metadata: { name: "my-widgets" },
      spec: { target, customizations },
    });
  } else {
    await client.update(ResourceInterpreterCustomization, { ...known, spec: { target, customizations } });
  }
}
