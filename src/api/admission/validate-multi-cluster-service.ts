// What is wrong with a MultiClusterService, beyond its schema.
// Upstream: karmada pkg/webhook/multiclusterservice/validating.go.
import { semanticEqual } from "#machinery/equality.ts";
import { duplicate, type FieldError, invalid } from "#machinery/field-error.ts";
import { dns1035LabelErrors, dns1123LabelErrors } from "#machinery/names.ts";
import type { MultiClusterService, MultiClusterServiceSpec } from "../networking/multi-cluster-service.ts";
import { clusterNameErrors } from "./cluster-rules.ts";

const exposureTypes: readonly string[] = ["CrossCluster", "LoadBalancer"];
const portMax = 65_535;

export function validateMultiClusterService(
  { metadata, spec }: MultiClusterService,
  old: MultiClusterService | undefined,
): FieldError[] {
  const errors = dns1035LabelErrors(metadata.name).map((text) => invalid("metadata.name", metadata.name, text));
  if (old !== undefined && !semanticEqual(spec.types, old.spec.types)) {
    errors.push(invalid("spec.types", spec.types, "MultiClusterService types are immutable"));
  }
  return [...errors, ...validatePorts(spec.ports ?? []), ...validateTypes(spec.types), ...validateClusters(spec)];
}

function validateTypes(types: readonly string[]): FieldError[] {
  const errors =
    types.length > 1
      ? [invalid("spec.types", types, "MultiClusterService types should not contain more than one type")]
      : [];
  for (const [index, type] of types.entries()) {
    if (exposureTypes.includes(type)) continue;
    const text = `ExposureType Error: must be ${exposureTypes.join(" or ")}`;
    errors.push(invalid(`spec.types[${index}]`, type, text));
  }
  return errors;
}

function validatePorts(ports: NonNullable<MultiClusterServiceSpec["ports"]>): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(({ name = "", port }, index) => {
    const path = `spec.ports[${index}]`;
    const errors = name === "" ? [] : dns1123LabelErrors(name).map((text) => invalid(`${path}.name`, name, text));
    if (name !== "" && seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    if (port < 1 || port > portMax)
      errors.push(invalid(`${path}.port`, port, `must be between 1 and ${portMax}, inclusive`));
    return errors;
  });
}

/** Upstream names the paths as if the clusters were below spec.range; users' tools may know them so. */
function validateClusters({ providerClusters = [], consumerClusters = [] }: MultiClusterServiceSpec): FieldError[] {
  const check = (path: string, clusters: readonly { readonly name: string }[]): FieldError[] =>
    clusters.flatMap(({ name }, index) =>
      clusterNameErrors(name).map((text) => invalid(`spec.range.${path}[${index}]`, name, text)),
    );
  return [...check("providerClusters", providerClusters), ...check("consumerClusters", consumerClusters)];
}
