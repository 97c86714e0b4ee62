// ServiceExport: offers a Service to other clusters. Upstream: sigs.k8s.io/mcs-api/pkg/apis/v1alpha1/serviceexport.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKindWithFields } from "../define-kind.ts";
import { Condition } from "../meta-types.ts";
import { t } from "../schema-dsl.ts";

export const ServiceExport = defineKindWithFields({
  group: "multicluster.x-k8s.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "ServiceExport",
  plural: "serviceexports",
  shortNames: ["svcex"],
  doc: "Offers the Service of the same name and namespace to other clusters.",
  fields: {
    status: t.optional(
      t.object(
        {
          conditions: t.optional(
            t.array(Condition, { listType: "map", listMapKeys: ["type"], doc: "Whether the Service is offered." }),
          ),
        },
        { doc: "How it went." },
      ),
    ),
  },
  printerColumns: [{ jsonPath: ".metadata.creationTimestamp", name: "Age", type: "date" }],
  subresources: { status: true },
});
export type ServiceExport = ObjectOf<typeof ServiceExport>;
