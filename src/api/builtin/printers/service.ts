// Tables of services and of what stands behind them.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (printService, printEndpoints, printEndpointSlice).
import { Endpoints, EndpointSlice, Service } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { firstOf, labelsText, loadBalancerText, none, selectorColumn, textOr, unset } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const servicePrinter = definePrinter(
  Service,
  [
    nameColumn,
    column("Type", "How the service is reached."),
    column("Cluster-IP", "Its address inside the cluster."),
    column("External-IP", "Its addresses from outside."),
    column("Port(s)", "Its ports, with their node ports."),
    ageColumn,
    selectorColumn,
  ],
  (service, now) => {
    const { metadata, spec } = service;
    const ports = (spec.ports ?? []).map(portText).join(",");
    return [
      metadata.name,
      spec.type ?? "",
      spec.clusterIPs?.[0] ?? none,
      externalText(service),
      textOr(ports, none),
      ageCell(service, now),
      labelsText(spec.selector),
    ];
  },
);

function portText({ port, nodePort = 0, protocol = "" }: types.ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

function externalText({ spec, status }: types.Service): string {
  const { externalIPs = [] } = spec;
  switch (spec.type) {
    case "ClusterIP":
    case "NodePort":
      return textOr(externalIPs.join(","), none);
    case "LoadBalancer": {
      const balanced = loadBalancerText(status?.loadBalancer?.ingress);
      return textOr([...(balanced === "" ? [] : [balanced]), ...externalIPs].join(","), "<pending>");
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

const endpointsPrinter = definePrinter(
  Endpoints,
  [nameColumn, column("Endpoints", "Addresses that are ready, with their ports."), ageColumn],
  (endpoints, now) => {
    const { subsets = [] } = endpoints;
    return [
      endpoints.metadata.name,
      subsets.length === 0 ? none : firstOf(subsets.flatMap(subsetPlaces)),
      ageCell(endpoints, now),
    ];
  },
);

function subsetPlaces({ addresses = [], ports = [] }: types.EndpointSubset): string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`));
}

const endpointSlicePrinter = definePrinter(
  EndpointSlice,
  [
    nameColumn,
    column("AddressType", "Kind of the addresses."),
    column("Ports", "Ports of the endpoints."),
    column("Endpoints", "Addresses of the endpoints."),
    ageColumn,
  ],
  (slice, now) => {
    const ports = (slice.ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? "*") : String(port)));
    const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
    return [
      slice.metadata.name,
      slice.addressType,
      ports.length === 0 ? unset : firstOf(ports),
      addresses.length === 0 ? unset : firstOf(addresses),
      ageCell(slice, now),
    ];
  },
);

export const servicePrinters: readonly KindPrinter[] = [servicePrinter, endpointsPrinter, endpointSlicePrinter];
