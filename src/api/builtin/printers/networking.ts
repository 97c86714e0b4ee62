// Tables of networking.k8s.io. Upstream: kubernetes pkg/printers/internalversion/printers.go (printIngress, …).
import { formatLabelSelector } from "#machinery/selectors.ts";
import { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { loadBalancerText, none, textOr } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const hostsMax = 3;

const ingressPrinter = definePrinter(
  Ingress,
  [
    nameColumn,
    column("Class", "Which IngressClass serves it."),
    column("Hosts", "Hosts that it has rules for."),
    column("Address", "Where it is reached."),
    column("Ports", "Ports that it is reached at."),
    ageColumn,
  ],
  (ingress, now) => {
    const { metadata, spec, status } = ingress;
    return [
      metadata.name,
      spec.ingressClassName ?? none,
      hostsText(spec.rules ?? []),
      loadBalancerText(status?.loadBalancer?.ingress),
      (spec.tls ?? []).length > 0 ? "80, 443" : "80",
      ageCell(ingress, now),
    ];
  },
);

/** The first hosts; what is said of more counts rules from there on, with or without host. */
function hostsText(rules: readonly types.IngressRule[]): string {
  const hosts: string[] = [];
  let hasMore = false;
  for (const { host } of rules) {
    if (hosts.length === hostsMax) hasMore = true;
    else if (host !== undefined && host !== "") hosts.push(host);
  }
  if (hosts.length === 0) return "*";
  return hasMore ? `${hosts.join(",")} + ${rules.length - hostsMax} more...` : hosts.join(",");
}

const ingressClassPrinter = definePrinter(
  IngressClass,
  [
    nameColumn,
    column("Controller", "What serves ingresses of this class."),
    column("Parameters", "Object that sets it up."),
    ageColumn,
  ],
  (ingressClass, now) => [
    ingressClass.metadata.name,
    ingressClass.spec.controller ?? "",
    parametersText(ingressClass.spec.parameters),
    ageCell(ingressClass, now),
  ],
);

function parametersText(parameters: types.IngressClassParametersReference | undefined): string {
  if (parameters === undefined) return none;
  const { apiGroup, kind, name } = parameters;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}

const networkPolicyPrinter = definePrinter(
  NetworkPolicy,
  [nameColumn, column("Pod-Selector", "Labels of the pods that it is for."), ageColumn],
  (policy, now) => [policy.metadata.name, formatLabelSelector(policy.spec.podSelector ?? {}), ageCell(policy, now)],
);

const serviceCidrPrinter = definePrinter(
  ServiceCIDR,
  [nameColumn, column("CIDRs", "Ranges that services get addresses from."), ageColumn],
  (range, now) => [range.metadata.name, (range.spec.cidrs ?? []).join(","), ageCell(range, now)],
);

const ipAddressPrinter = definePrinter(
  IPAddress,
  [nameColumn, column("ParentRef", "What the address belongs to.")],
  ({ metadata, spec }) => [metadata.name, parentText(spec.parentRef)],
);

/** `services/default/web`. */
function parentText(parent: types.ParentReference | undefined): string {
  if (parent === undefined) return none;
  const { group = "", resource, namespace, name } = parent;
  const type = (group === "" ? resource : `${resource}.${group}`).toLowerCase();
  return [type, textOr(namespace, ""), name].filter((part) => part !== "").join("/");
}

export const networkingPrinters: readonly KindPrinter[] = [
  ingressPrinter,
  ingressClassPrinter,
  networkPolicyPrinter,
  serviceCidrPrinter,
  ipAddressPrinter,
];
