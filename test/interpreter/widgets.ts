// A control plane with two members and a kind of its own, Widget, that only customizations and webhooks understand.
import { Cluster } from "#api/cluster/cluster.ts";
import { CustomResourceDefinition, Event } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { Client } from "#client/client.ts";
import type { FeatureGates } from "#controllers/feature-gates.ts";
import { eventually, eventuallyObject, type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { scheduler } from "#scheduler/controller.ts";

export const Widget: Kind = {
  ...{ group: "example.com", version: "v1", kind: "Widget", plural: "widgets", singular: "widget" },
  ...{ listKind: "WidgetList", namespaced: true, shortNames: [], categories: [] },
};
export const members = ["m1", "m2"];

async function installWidgets(client: Client): Promise<void> {
  await client.create(CustomResourceDefinition, {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  });
  await eventually("widgets are served", async () => (await client.list(Widget)).items.length === 0);
}

/** With a policy that divides the widgets between the members, and takes along what they refer to. */
export async function startWidgets(gates: Partial<FeatureGates> = {}): Promise<Planes> {
  const started = await startPlanes({
    members,
    others: [scheduler()],
    controllers: { clusterStatus: { periodMilliseconds: 500 }, gates },
  });
  for (const client of [started.client, ...members.map((name) => started.member(name))]) await installWidgets(client);
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
