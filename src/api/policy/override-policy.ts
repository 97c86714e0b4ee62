// OverridePolicy and ClusterOverridePolicy: what is different in some clusters.
// Upstream: karmada pkg/apis/policy/v1alpha1/override_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { StringMap } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { ClusterAffinity } from "./cluster-affinity.ts";
import { ResourceSelector } from "./resource-selector.ts";

const operator = t.enum(["add", "remove", "replace"], { doc: "What to do." });

const PlaintextOverrider = t.object({
  operator,
  path: t.string({ doc: "Where, as a JSON pointer." }),
  value: t.optional(t.json({ doc: "The new value, for add and replace." })),
});
export type PlaintextOverrider = TypeOf<typeof PlaintextOverrider>;

const FieldPatch = t.object({
  operator,
  subPath: t.string({ doc: "Where inside the field's document, as a JSON pointer." }),
  value: t.optional(t.json({ doc: "The new value, for add and replace." })),
});
export type FieldPatch = TypeOf<typeof FieldPatch>;

const FieldOverrider = t.object({
  fieldPath: t.string({ doc: "The field that holds the document, as a JSON pointer. It must be a string." }),
  json: t.optional(t.array(FieldPatch, { doc: "Changes to a JSON document. Excludes yaml." })),
  yaml: t.optional(t.array(FieldPatch, { doc: "Changes to a YAML document. Excludes json." })),
});
export type FieldOverrider = TypeOf<typeof FieldOverrider>;

const ImageOverrider = t.object({
  component: t.enum(["Registry", "Repository", "Tag"], { doc: "Which part of the image." }),
  operator,
  predicate: t.optional(
    t.object(
      { path: t.string({ doc: "The field that holds the image, as a JSON pointer." }) },
      { doc: "Which image. Absent: those of all containers of a workload." },
    ),
  ),
  value: t.optional(t.string({ doc: "The text to add or put in place. Not used by remove." })),
});
export type ImageOverrider = TypeOf<typeof ImageOverrider>;

const CommandArgsOverrider = t.object({
  containerName: t.string({ doc: "Containers of this name are changed." }),
  operator: t.enum(["add", "remove"], { doc: "What to do." }),
  value: t.optional(t.array(t.string(), { doc: "The items to append or to take out." })),
});
export type CommandArgsOverrider = TypeOf<typeof CommandArgsOverrider>;

const LabelAnnotationOverrider = t.object({
  operator,
  value: t.doc(StringMap, "The keys and their new values. Values do not matter for remove."),
});
export type LabelAnnotationOverrider = TypeOf<typeof LabelAnnotationOverrider>;

export const Overriders = t.object(
  {
    annotationsOverrider: t.optional(t.array(LabelAnnotationOverrider, { doc: "Changes annotations." })),
    argsOverrider: t.optional(t.array(CommandArgsOverrider, { doc: "Changes the arguments of containers." })),
    commandOverrider: t.optional(t.array(CommandArgsOverrider, { doc: "Changes the commands of containers." })),
    fieldOverrider: t.optional(
      t.array(FieldOverrider, { doc: "Changes parts of a JSON or YAML document that a string field holds." }),
    ),
    imageOverrider: t.optional(t.array(ImageOverrider, { doc: "Changes images." })),
    labelsOverrider: t.optional(t.array(LabelAnnotationOverrider, { doc: "Changes labels." })),
    plaintext: t.optional(t.array(PlaintextOverrider, { doc: "Changes any fields, as a JSON patch." })),
  },
  { doc: "What to change. Done in this order: images, commands, arguments, labels, annotations, fields, plaintext." },
);
export type Overriders = TypeOf<typeof Overriders>;

const RuleWithCluster = t.object({
  overriders: Overriders,
  targetCluster: t.optional(ClusterAffinity, "The clusters the rule is for. Absent: all."),
});
export type RuleWithCluster = TypeOf<typeof RuleWithCluster>;

const OverrideSpec = t.object(
  {
    overrideRules: t.optional(t.array(RuleWithCluster, { doc: "Changes and the clusters they are for, in order." })),
    overriders: t.optional(Overriders, "The older form of a single rule. Use overrideRules."),
    resourceSelectors: t.optional(t.array(ResourceSelector, { doc: "The resources to change. Absent: all." })),
    targetCluster: t.optional(ClusterAffinity, "The older form of a single rule's clusters. Use overrideRules."),
  },
  { doc: "What to change, and where." },
);
export type OverrideSpec = TypeOf<typeof OverrideSpec>;

export const OverridePolicy = defineKind({
  group: "policy.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "OverridePolicy",
  plural: "overridepolicies",
  shortNames: ["op"],
  categories: ["karmada-io"],
  doc: "Changes resources of its namespace on their way to some clusters.",
  spec: OverrideSpec,
});
export type OverridePolicy = ObjectOf<typeof OverridePolicy>;

export const ClusterOverridePolicy = defineKind({
  group: "policy.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "ClusterOverridePolicy",
  plural: "clusteroverridepolicies",
  shortNames: ["cop"],
  categories: ["karmada-io"],
  doc: "Changes resources of any namespace, and cluster-scoped ones, on their way to some clusters.",
  spec: OverrideSpec,
});
export type ClusterOverridePolicy = ObjectOf<typeof ClusterOverridePolicy>;
