// multicluster.x-k8s.io/v1alpha1 ServiceImport. Upstream: karmada pkg/resourceinterpreter/default/native/dependencies.go.
import type { Kind } from "#machinery/object.ts";
import { defineInterpretation } from "../interpretation.ts";

const ServiceImport: Kind = {
  group: "multicluster.x-k8s.io",
  version: "v1alpha1",
  kind: "ServiceImport",
  plural: "serviceimports",
  singular: "serviceimport",
  listKind: "ServiceImportList",
  namespaced: true,
  shortNames: ["svcim"],
  categories: ["karmada-io"],
};

export const serviceImport = defineInterpretation({
  kind: ServiceImport,
  /** What Karmada makes of it in the control plane: a Service, and the slices with its endpoints. */
  getDependencies({ metadata }) {
    const derived = `derived-${metadata.name}`;
    const namespace = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
    return [
      { apiVersion: "v1", kind: "Service", ...namespace, name: derived },
      {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        ...namespace,
        labelSelector: { matchLabels: { "kubernetes.io/service-name": derived } },
      },
    ];
  },
});
