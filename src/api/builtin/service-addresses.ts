// Gives Services their cluster addresses and node ports, and keeps what they have. Pure: what is taken is an argument.
// Upstream: k8s.io/kubernetes/pkg/registry/core/service/storage/{alloc,storage}.go (patchAllocatedValues, allocateCreate).
import { type FieldError, invalid } from "#machinery/field-error.ts";
import type { Random } from "#std/random.ts";
import { type Fields, itemsOf, numberOf, textOf, textsOf } from "./access.ts";

/** 10.96.0.0/16; the first addresses are left to what every cluster has. */
const addressPrefix = "10.96";
const addressOffsetMin = 256;
const addressOffsetMax = 65_534;
const nodePortMin = 30_000;
const nodePortMax = 32_767;
/** Random draws before the rest is searched in order. */
const drawsMax = 16;

/** What other Services hold. */
export interface TakenAddresses {
  readonly addresses: ReadonlySet<string>;
  readonly nodePorts: ReadonlySet<number>;
}

/** Completes `spec` in place; `old` is what it was before, if it was. Answers with what cannot be given. */
export function assignServiceAddresses(
  spec: Fields,
  old: Readonly<Fields> | undefined,
  taken: TakenAddresses,
  random: Random,
): FieldError[] {
  const before = old !== undefined && textOf(old, "type") !== "ExternalName" ? old : undefined;
  if (textOf(spec, "type") === "ExternalName") {
    dropWhatItHad(spec, before, ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]);
    return [];
  }
  if (before !== undefined) keepAllocated(spec, before);
  return [...assignAddress(spec, before, taken, random), ...assignNodePorts(spec, before, taken, random)];
}

/** The addresses and ports that a Service holds. */
export function addressesOf(spec: Readonly<Fields> | undefined): {
  readonly addresses: readonly string[];
  readonly nodePorts: readonly number[];
} {
  const health = numberOf(spec, "healthCheckNodePort");
  return {
    addresses: [textOf(spec, "clusterIP"), ...textsOf(spec, "clusterIPs")].filter((address) => address !== ""),
    nodePorts: [
      ...itemsOf(spec, "ports").flatMap((port) => numberOf(port, "nodePort") ?? []),
      ...(health === undefined ? [] : [health]),
    ],
  };
}

/** A client that leaves out what it was given keeps it. */
function keepAllocated(spec: Fields, before: Readonly<Fields>): void {
  if (textOf(spec, "clusterIP") === "" && textsOf(spec, "clusterIPs").length === 0) {
    for (const name of ["clusterIP", "clusterIPs"]) if (before[name] !== undefined) spec[name] = before[name];
  }
  for (const name of ["ipFamilies", "ipFamilyPolicy"]) {
    if (spec[name] === undefined && before[name] !== undefined) spec[name] = before[name];
  }
  const hasNodePorts = needsNodePorts(spec);
  for (const port of itemsOf(spec, "ports")) {
    const same = itemsOf(before, "ports").find(
      (other) => other["port"] === port["port"] && other["protocol"] === port["protocol"],
    );
    const number = numberOf(same, "nodePort");
    if (number === undefined) continue;
    if (hasNodePorts && port["nodePort"] === undefined) port["nodePort"] = number;
    // A Service that is no longer reached through nodes gives its ports back.
    if (!hasNodePorts && port["nodePort"] === number) delete port["nodePort"];
  }
  if (needsHealthPort(spec)) {
    if (spec["healthCheckNodePort"] === undefined && before["healthCheckNodePort"] !== undefined) {
      spec["healthCheckNodePort"] = before["healthCheckNodePort"];
    }
  } else dropWhatItHad(spec, before, ["healthCheckNodePort"]);
}

function dropWhatItHad(spec: Fields, before: Readonly<Fields> | undefined, names: readonly string[]): void {
  if (before === undefined) return;
  for (const name of names) if (JSON.stringify(spec[name]) === JSON.stringify(before[name])) delete spec[name];
}

function assignAddress(
  spec: Fields,
  before: Readonly<Fields> | undefined,
  taken: TakenAddresses,
  random: Random,
): FieldError[] {
  const [first = ""] = textsOf(spec, "clusterIPs");
  const asked = textOf(spec, "clusterIP") || first;
  const errors: FieldError[] = [];
  let address = asked;
  if (asked === "") {
    const free = freeAddress(taken.addresses, random);
    if (free === undefined) return [invalid("spec.clusterIPs", [], "failed to allocate a serviceIP: range is full")];
    address = free;
  } else if (asked !== "None" && asked !== textOf(before, "clusterIP") && taken.addresses.has(asked)) {
    const why = `failed to allocate IP ${asked}: provided IP is already allocated`;
    errors.push(invalid("spec.clusterIPs", [asked], why));
  }
  spec["clusterIP"] = address;
  if (textsOf(spec, "clusterIPs").length === 0) spec["clusterIPs"] = [address];
  if (spec["ipFamilies"] === undefined) spec["ipFamilies"] = [address.includes(":") ? "IPv6" : "IPv4"];
  if (spec["ipFamilyPolicy"] === undefined) spec["ipFamilyPolicy"] = "SingleStack";
  return errors;
}

function assignNodePorts(
  spec: Fields,
  before: Readonly<Fields> | undefined,
  { nodePorts }: TakenAddresses,
  random: Random,
): FieldError[] {
  if (!needsNodePorts(spec)) return [];
  const own = new Set(addressesOf(before).nodePorts);
  const used = new Set(nodePorts);
  const errors: FieldError[] = [];
  const ports = itemsOf(spec, "ports");
  for (const [index, port] of ports.entries()) {
    const asked = numberOf(port, "nodePort");
    if (asked === undefined || own.has(asked)) continue;
    const field = `spec.ports[${String(index)}].nodePort`;
    if (asked < nodePortMin || asked > nodePortMax) {
      const range = `The range of valid ports is ${String(nodePortMin)}-${String(nodePortMax)}`;
      errors.push(invalid(field, asked, `provided port is not in the valid range. ${range}`));
    } else if (used.has(asked)) errors.push(invalid(field, asked, "provided port is already allocated"));
  }
  for (const port of ports) used.add(numberOf(port, "nodePort") ?? 0);
  const isWanted = textOf(spec, "type") === "NodePort" || spec["allocateLoadBalancerNodePorts"] !== false;
  const holders = isWanted ? ports.map((port) => [port, "nodePort"] as const) : [];
  const all = needsHealthPort(spec) ? [...holders, [spec, "healthCheckNodePort"] as const] : holders;
  for (const [holder, name] of all) {
    if (holder[name] !== undefined) continue;
    const free = freePort(used, random);
    if (free === undefined)
      return [...errors, invalid(`spec.${name}`, 0, "failed to allocate a nodePort: range is full")];
    holder[name] = free;
    used.add(free);
  }
  return errors;
}

function needsNodePorts(spec: Readonly<Fields>): boolean {
  return /^(NodePort|LoadBalancer)$/.test(textOf(spec, "type"));
}

function needsHealthPort(spec: Readonly<Fields>): boolean {
  return textOf(spec, "type") === "LoadBalancer" && textOf(spec, "externalTrafficPolicy") === "Local";
}

function freeAddress(taken: ReadonlySet<string>, random: Random): string | undefined {
  const text = (offset: number): string => `${addressPrefix}.${String(offset >> 8)}.${String(offset & 255)}`;
  const found = freeNumber(addressOffsetMin, addressOffsetMax, (offset) => taken.has(text(offset)), random);
  return found === undefined ? undefined : text(found);
}

function freePort(taken: ReadonlySet<number>, random: Random): number | undefined {
  return freeNumber(nodePortMin, nodePortMax, (port) => taken.has(port), random);
}

function freeNumber(
  min: number,
  max: number,
  isTaken: (number: number) => boolean,
  random: Random,
): number | undefined {
  for (let draw = 0; draw < drawsMax; draw++) {
    const number = min + (random.uint32() % (max - min + 1));
    if (!isTaken(number)) return number;
  }
  for (let number = min; number <= max; number++) if (!isTaken(number)) return number;
  return undefined;
}
