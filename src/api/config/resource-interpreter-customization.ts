// ResourceInterpreterCustomization: how resources of a kind are understood, in Lua.
// Upstream: karmada pkg/apis/config/v1alpha1/resourceinterpretercustomization_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const script = (signature: string): ReturnType<typeof lua> => lua(`The script. It declares ${signature}.`);

function lua(doc: string): { readonly luaScript: ReturnType<typeof t.string> } {
  return { luaScript: t.string({ doc }) };
}

const CustomizationRules = t.object(
  {
    componentResource: t.optional(
      t.object(script("GetComponents(desiredObj), which returns the components")),
      "Which kinds of pods the workload is made of, how many of each, and what each asks for.",
    ),
    dependencyInterpretation: t.optional(
      t.object(script("GetDependencies(desiredObj), which returns references")),
      "What else must be propagated along.",
    ),
    healthInterpretation: t.optional(
      t.object(script("InterpretHealth(observedObj), which returns a boolean")),
      "Whether the object is healthy in its member.",
    ),
    replicaResource: t.optional(
      t.object(script("GetReplicas(desiredObj), which returns the replicas and what each asks for")),
      "How many replicas the object has, and what each asks for.",
    ),
    replicaRevision: t.optional(
      t.object(script("ReviseReplica(desiredObj, desiredReplica), which returns the object")),
      "How to set a member's share of the replicas.",
    ),
    retention: t.optional(
      t.object(script("Retain(desiredObj, observedObj), which returns the object")),
      "What of the object in the member is kept when it is updated.",
    ),
    statusAggregation: t.optional(
      t.object(script("AggregateStatus(desiredObj, statusItems), which returns the object")),
      "How the members' statuses become the one of the template.",
    ),
    statusReflection: t.optional(
      t.object(script("ReflectStatus(observedObj), which returns the status")),
      "What of the status is brought back from the member.",
    ),
  },
  { doc: "The scripts. What is not given is interpreted as without this object." },
);
export type CustomizationRules = TypeOf<typeof CustomizationRules>;

export const ResourceInterpreterCustomization = defineKind({
  group: "config.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "ResourceInterpreterCustomization",
  plural: "resourceinterpretercustomizations",
  shortNames: ["ric"],
  categories: ["karmada-io"],
  doc: "Teaches the control plane, in Lua, how resources of a kind are to be understood.",
  spec: t.object(
    {
      customizations: CustomizationRules,
      target: t.object(
        {
          apiVersion: t.string({ doc: "The group and version of the resources." }),
          kind: t.string({ doc: "The kind of the resources." }),
        },
        { doc: "The resources that the scripts are for." },
      ),
    },
    { doc: "What is to be understood, and how." },
  ),
  printerColumns: [
    { jsonPath: ".spec.target.apiVersion", name: "TARGET-API-VERSION", type: "string" },
    { jsonPath: ".spec.target.kind", name: "TARGET-KIND", type: "string" },
    { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
  ],
});
export type ResourceInterpreterCustomization = ObjectOf<typeof ResourceInterpreterCustomization>;
