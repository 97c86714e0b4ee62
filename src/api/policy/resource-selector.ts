// Which resources a policy is about. Upstream: karmada pkg/apis/policy/v1alpha1/propagation_types.go (ResourceSelector).
import { LabelSelector } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

export const ResourceSelector = t.object({
  apiVersion: t.string({ doc: "The group and version of the resources." }),
  kind: t.string({ doc: "The kind of the resources." }),
  labelSelector: t.optional(LabelSelector, "Selects resources by their labels. Ignored when name is given."),
  name: t.optional(t.string({ doc: "The resource's name. Empty: all names." })),
  namespace: t.optional(
    t.string({ doc: "The resource's namespace. Empty: the policy's own, or all for a cluster-scoped policy." }),
  ),
});
export type ResourceSelector = TypeOf<typeof ResourceSelector>;
