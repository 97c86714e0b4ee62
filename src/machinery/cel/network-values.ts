// IP addresses, CIDRs and URLs in CEL. Upstream: k8s.io/apiserver/pkg/cel/library/{ip,cidr,urls}.go.
import { EntryMap, OpaqueValue } from "./value.ts";
import { textsOf } from "./json-value.ts";

/** An address as a number of 32 or 128 bits. */
export class IpValue extends OpaqueValue {
  readonly typeName = "net.IP";
  readonly family: 4 | 6;
  readonly bits: bigint;

  constructor(family: 4 | 6, bits: bigint) {
    super();
    this.family = family;
    this.bits = bits;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && other.family === this.family && other.bits === this.bits;
  }

  get text(): string {
    return this.family === 4 ? ipv4Text(this.bits) : ipv6Text(this.bits);
  }

  get isUnspecified(): boolean {
    return this.bits === 0n;
  }

  get isLoopback(): boolean {
    return this.family === 4 ? this.bits >> 24n === 127n : this.bits === 1n;
  }

  get isMulticast(): boolean {
    return this.family === 4 ? this.bits >> 28n === 0xen : this.bits >> 120n === 0xffn;
  }

  get isLinkLocalMulticast(): boolean {
    if (this.family === 4) return this.bits >> 8n === 0xe00000n;
    return (this.bits >> 112n) % 0x10n === 2n && this.isMulticast;
  }

  get isLinkLocalUnicast(): boolean {
    return this.family === 4 ? this.bits >> 16n === 0xa9fen : this.bits >> 118n === 0x3fan;
  }

  get isGlobalUnicast(): boolean {
    const isBroadcast = this.family === 4 && this.bits === 0xffffffffn;
    return !isBroadcast && !this.isUnspecified && !this.isLoopback && !this.isMulticast && !this.isLinkLocalUnicast;
  }
}

/** The address of a text, as Kubernetes takes them: no leading zeros, no zones, no IPv4 in IPv6. What is wrong otherwise. */
export function parseIp(text: string): IpValue | string {
  if (text.includes(":")) {
    if (text.includes("%")) return `IP Address "${text}" with zone value is not allowed`;
    const bits = ipv6Bits(text);
    if (bits === undefined) return `IP Address "${text}" parse error: not an IPv6 address`;
    if (bits >> 32n === 0xffffn) return `IPv4-mapped IPv6 address "${text}" is not allowed`;
    return new IpValue(6, bits);
  }
  const bits = ipv4Bits(text);
  return bits === undefined ? `IP Address "${text}" parse error: not an IPv4 address` : new IpValue(4, bits);
}

function ipv4Bits(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((bits, part) => bits * 256n + BigInt(part), 0n);
}

function ipv6Bits(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")).flatMap(groupsOf));
  const count = groups.flat().length;
  if (halves.length === 2 ? count > 7 : count !== 8) return undefined;
  if (!groups.flat().every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const [head = [], tail = []] = groups;
  const zeros = Array.from({ length: 8 - count }, () => "0");
  return [...head, ...zeros, ...tail].reduce((bits, group) => bits * 65536n + BigInt(`0x${group}`), 0n);
}

/** The last 32 bits may be written as IPv4. */
function groupsOf(group: string): readonly string[] {
  const bits = group.includes(".") ? ipv4Bits(group) : undefined;
  return bits === undefined ? [group] : [(bits >> 16n).toString(16), (bits % 65536n).toString(16)];
}

function ipv4Text(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) % 256n)).join(".");
}

/** RFC 5952: the longest run of two zeros or more is left out, the first of equals. */
function ipv6Text(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - index * 16)) % 65536n).toString(16));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}

export class CidrValue extends OpaqueValue {
  readonly typeName = "net.CIDR";
  readonly ip: IpValue;
  readonly prefix: number;

  constructor(ip: IpValue, prefix: number) {
    super();
    this.ip = ip;
    this.prefix = prefix;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof CidrValue && other.prefix === this.prefix && other.ip.equals(this.ip);
  }

  get text(): string {
    return `${this.ip.text}/${this.prefix}`;
  }

  get #hostBits(): bigint {
    return BigInt((this.ip.family === 4 ? 32 : 128) - this.prefix);
  }

  get masked(): CidrValue {
    const bits = (this.ip.bits >> this.#hostBits) << this.#hostBits;
    return new CidrValue(new IpValue(this.ip.family, bits), this.prefix);
  }

  contains(ip: IpValue): boolean {
    return ip.family === this.ip.family && ip.bits >> this.#hostBits === this.ip.bits >> this.#hostBits;
  }
}

/** The network of a text, or what is wrong with it. */
export function parseCidr(text: string): CidrValue | string {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const ip = match === null ? undefined : parseIp(match[1] ?? "");
  const prefix = Number(match?.[2] ?? NaN);
  if (!(ip instanceof IpValue) || prefix > (ip.family === 4 ? 32 : 128))
    return `network address parse error during conversion from string: "${text}" is not a CIDR`;
  return new CidrValue(ip, prefix);
}

export class UrlValue extends OpaqueValue {
  readonly typeName = "kubernetes.URL";
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly queryText: string;

  constructor(parts: { scheme: string; hostname: string; port: string; path: string; query: string }) {
    super();
    this.scheme = parts.scheme;
    this.hostname = parts.hostname.replace(/^\[(.*)\]$/, "$1");
    this.port = parts.port;
    this.host = parts.port === "" ? parts.hostname : `${parts.hostname}:${parts.port}`;
    this.path = parts.path;
    this.queryText = parts.query;
  }

  equals(other: OpaqueValue): boolean {
    if (!(other instanceof UrlValue)) return false;
    return (["scheme", "host", "path", "queryText"] as const).every((part) => this[part] === other[part]);
  }

  /** What each name is given, in order. */
  get query(): EntryMap {
    const all = new URLSearchParams(this.queryText);
    const map = new EntryMap();
    for (const name of new Set(all.keys())) map.add(name, textsOf(all.getAll(name)));
    return map;
  }
}

const urlForm =
  /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^/?#@\s]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:@\s[\]]*)(?::(\d*))?)?(\/[^?\s\u0000-\u001f]*)?(?:\?(\S*))?$/;

/** An absolute URL or an absolute path, as Go's url.ParseRequestURI takes it; undefined for anything else. */
export function parseUrl(text: string): UrlValue | undefined {
  const match = urlForm.exec(text);
  if (match === null || text === "") return undefined;
  const [, scheme = "", hostname = "", port = "", path = "", query = ""] = match;
  if (scheme === "" && path === "") return undefined;
  if (/%(?![0-9A-Fa-f]{2})/.test(hostname + path)) return undefined;
  return new UrlValue({ scheme: scheme.toLowerCase(), hostname, port, path: escapedPath(path), query });
}

function escapedPath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-_.~!$&'()*+,;=:@/%[\]]/gu, (char) => encodeURIComponent(char));
}
