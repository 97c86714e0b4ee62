// The object that an autoscaler scales. Upstream: k8s.io/api/autoscaling/v2/types.go (CrossVersionObjectReference).
import { t } from "../schema-dsl.ts";

export const ScaleTarget = t.object(
  {
    apiVersion: t.optional(t.string({ doc: "The group and version of the object." })),
    kind: t.string({ doc: "The kind of the object." }),
    name: t.string({ doc: "The object's name." }),
  },
  { doc: "The object to scale, in the same namespace." },
);
