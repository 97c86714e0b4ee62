// Addresses of load balancers in several members, as one list. Two entries with the same address are one, with the ports
// of both. Upstream: karmada pkg/util/helper/{service,ingress}.go.
import { isArray, isRecord } from "#machinery/guards.ts";
import { type MemberStatus, text } from "./member-status.ts";

/** The load balancer entries of these statuses: united by hostname, ip and ipMode, and sorted so that nothing flaps. */
export function uniteIngress(statuses: readonly MemberStatus[]): readonly MemberStatus[] {
  const byAddress = new Map<string, { readonly entry: MemberStatus; readonly ports: Map<string, MemberStatus> }>();
  for (const entry of statuses.flatMap(ingressOf)) {
    const key = JSON.stringify([text(entry, "hostname"), text(entry, "ip"), text(entry, "ipMode")]);
    const { ports: entryPorts, ...address } = entry;
    const known = byAddress.get(key) ?? { entry: address, ports: new Map<string, MemberStatus>() };
    for (const port of records(entryPorts)) known.ports.set(portKey(port), port);
    byAddress.set(key, known);
  }
  const united = [...byAddress.values()].map(({ entry, ports }) =>
    ports.size === 0 ? entry : { ...entry, ports: [...ports.values()].sort(comparePorts) },
  );
  return united.sort(compareEntries);
}

/** Whether some entry has an address. */
export function hasAddress(
  entries: readonly { readonly hostname?: string; readonly ip?: string }[] | undefined,
): boolean {
  return (entries ?? []).some(({ hostname = "", ip = "" }) => hostname !== "" || ip !== "");
}

function ingressOf(status: MemberStatus): MemberStatus[] {
  const balancer = status["loadBalancer"];
  return isRecord(balancer) ? records(balancer["ingress"]) : [];
}

function records(value: unknown): MemberStatus[] {
  return isArray(value) ? value.filter(isRecord) : [];
}

function portKey(port: MemberStatus): string {
  return JSON.stringify([port["port"], text(port, "protocol"), text(port, "error")]);
}

function comparePorts(left: MemberStatus, right: MemberStatus): number {
  const [leftPort, rightPort] = [Number(left["port"]), Number(right["port"])];
  if (leftPort !== rightPort) return leftPort - rightPort;
  return (
    compareText(text(left, "protocol"), text(right, "protocol")) ||
    compareText(text(left, "error"), text(right, "error"))
  );
}

/** By hostname, those without one last; then by ip; then by ipMode, those without one first. */
function compareEntries(left: MemberStatus, right: MemberStatus): number {
  const [leftHost, rightHost] = [text(left, "hostname"), text(right, "hostname")];
  if (leftHost !== rightHost && (leftHost === "" || rightHost === "")) return leftHost === "" ? 1 : -1;
  return (
    compareText(leftHost, rightHost) ||
    compareText(text(left, "ip"), text(right, "ip")) ||
    compareText(text(left, "ipMode"), text(right, "ipMode"))
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
