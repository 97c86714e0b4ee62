// The libraries that Kubernetes adds to CEL: quantities, versions, formats, addresses and URLs.
// Upstream: k8s.io/apiserver/pkg/cel/library/{quantity,semverlib,format,ip,cidr,urls}.go.
import { ApiError } from "../api-error.ts";
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityOf,
  subtractQuantities,
} from "../quantity.ts";
import { type CelFunction, type Definition, global, member, traverseFirst } from "./function.ts";
import { formatNamed, FormatValue, formatNames } from "./format-values.ts";
import { textsOf } from "./json-value.ts";
import { CidrValue, IpValue, parseCidr, parseIp, parseUrl, UrlValue } from "./network-values.ts";
import { parseSemver, SemverValue } from "./semver-values.ts";
import { bool, type CelType, double, int, listOf, mapOf, opaque, optionalOf, string } from "./type.ts";
import { CelError, type CelValue, none, OpaqueValue, OptionalValue } from "./value.ts";

class QuantityValue extends OpaqueValue {
  readonly typeName = "kubernetes.Quantity";
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

const quantityType = opaque("kubernetes.Quantity");
const ipType = opaque("net.IP");
const cidrType = opaque("net.CIDR");
const urlType = opaque("kubernetes.URL");
const semverType = opaque("kubernetes.Semver");
const formatType = opaque("kubernetes.NamedFormat");
const nanosPerUnit = 1_000_000_000n;

/** The text's quantity, or what is wrong with it. */
function quantityOrFault(text: string): QuantityValue | string {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

/** `make(text)`: the value. Throws CelError with the parser's words. */
function parsing(type: CelType, parse: (text: string) => OpaqueValue | string): CelFunction {
  return {
    overloads: [global([string], type)],
    run: ([text]) => {
      if (typeof text !== "string") return undefined;
      const parsed = parse(text);
      if (typeof parsed === "string") throw new CelError(parsed);
      return parsed;
    },
    cost: traverseFirst,
  };
}

/** `isX(text)`: whether it parses. */
function testing(parse: (text: string) => OpaqueValue | string): CelFunction {
  return {
    overloads: [global([string], bool)],
    run: ([text]) => (typeof text === "string" ? typeof parse(text) !== "string" : undefined),
    cost: traverseFirst,
  };
}

/** A function of one value of a library. */
function reading<T extends OpaqueValue>(
  type: CelType,
  is: (value: CelValue | undefined) => value is T,
  result: CelType,
  read: (value: T) => CelValue,
): CelFunction {
  return { overloads: [member([type], result)], run: ([value]) => (is(value) ? read(value) : undefined) };
}

function isQuantityValue(value: CelValue | undefined): value is QuantityValue {
  return value instanceof QuantityValue;
}

function onQuantity(result: CelType, read: (quantity: Quantity) => CelValue): CelFunction {
  return reading(quantityType, isQuantityValue, result, ({ quantity }) => read(quantity));
}

function comparing<T extends OpaqueValue>(
  type: CelType,
  is: (value: CelValue | undefined) => value is T,
  compare: (left: T, right: T) => number,
): readonly Definition[] {
  const define = (result: CelType, read: (order: number) => CelValue): CelFunction => ({
    overloads: [member([type, type], result)],
    run: ([left, right]) => (is(left) && is(right) ? read(compare(left, right)) : undefined),
  });
  return [
    ["isLessThan", define(bool, (order) => order < 0)],
    ["isGreaterThan", define(bool, (order) => order > 0)],
    ["compareTo", define(int, (order) => BigInt(order))],
  ];
}

function arithmetic(run: (left: Quantity, right: Quantity) => Quantity): CelFunction {
  return {
    overloads: [member([quantityType, quantityType], quantityType), member([quantityType, int], quantityType)],
    run: ([left, right]) => {
      if (!(left instanceof QuantityValue)) return undefined;
      if (typeof right === "bigint") return new QuantityValue(run(left.quantity, quantityOf(right)));
      return right instanceof QuantityValue ? new QuantityValue(run(left.quantity, right.quantity)) : undefined;
    },
  };
}

const quantities: readonly Definition[] = [
  ["quantity", parsing(quantityType, quantityOrFault)],
  ["isQuantity", testing(quantityOrFault)],
  ["isInteger", onQuantity(bool, ({ nanos }) => nanos % nanosPerUnit === 0n && fitsInt(nanos / nanosPerUnit))],
  [
    "asInteger",
    onQuantity(int, ({ nanos }) => {
      const value = nanos / nanosPerUnit;
      if (nanos % nanosPerUnit !== 0n || !fitsInt(value)) throw new CelError("cannot convert value to integer");
      return value;
    }),
  ],
  ["asApproximateFloat", onQuantity(double, ({ nanos }) => Number(nanos) / 1e9)],
  ["sign", onQuantity(int, ({ nanos }) => (nanos === 0n ? 0n : nanos > 0n ? 1n : -1n))],
  ["add", arithmetic(addQuantities)],
  ["sub", arithmetic(subtractQuantities)],
  ...comparing(quantityType, isQuantityValue, (left, right) => compareQuantities(left.quantity, right.quantity)),
];

function fitsInt(value: bigint): boolean {
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

function isSemverValue(value: CelValue | undefined): value is SemverValue {
  return value instanceof SemverValue;
}

/** `semver(text)`, or `semver(text, true)`, which takes `v1.2` as well. */
function semverFunction(result: CelType, read: (parsed: SemverValue | string) => CelValue): CelFunction {
  return {
    overloads: [global([string], result), global([string, bool], result)],
    run: ([text, normalizes = false]) => {
      if (typeof text !== "string" || typeof normalizes !== "boolean") return undefined;
      return read(parseSemver(text, normalizes));
    },
    cost: traverseFirst,
  };
}

const versions: readonly Definition[] = [
  [
    "semver",
    semverFunction(semverType, (parsed) => {
      if (typeof parsed === "string") throw new CelError(parsed);
      return parsed;
    }),
  ],
  ["isSemver", semverFunction(bool, (parsed) => typeof parsed !== "string")],
  ["major", reading(semverType, isSemverValue, int, ({ numbers }) => numbers[0])],
  ["minor", reading(semverType, isSemverValue, int, ({ numbers }) => numbers[1])],
  ["patch", reading(semverType, isSemverValue, int, ({ numbers }) => numbers[2])],
  ...comparing(semverType, isSemverValue, (left, right) => left.compare(right)),
];

function isIp(value: CelValue | undefined): value is IpValue {
  return value instanceof IpValue;
}

function isCidr(value: CelValue | undefined): value is CidrValue {
  return value instanceof CidrValue;
}

/** `cidr.containsIP(x)`, `cidr.containsCIDR(x)`: x as a value or as its text. */
function containing<T extends OpaqueValue>(
  type: CelType,
  is: (value: CelValue | undefined) => value is T,
  parse: (text: string) => T | string,
  holds: (cidr: CidrValue, value: T) => boolean,
): CelFunction {
  return {
    overloads: [member([cidrType, string], bool), member([cidrType, type], bool)],
    run: ([cidr, value]) => {
      if (!isCidr(cidr)) return undefined;
      const parsed = typeof value === "string" ? parse(value) : value;
      if (typeof parsed === "string") throw new CelError(parsed);
      return is(parsed) ? holds(cidr, parsed) : undefined;
    },
  };
}

const addresses: readonly Definition[] = [
  ["ip", parsing(ipType, parseIp)],
  ["isIP", testing(parseIp)],
  [
    "ip.isCanonical",
    {
      overloads: [global([string], bool)],
      run: ([text]) => {
        if (typeof text !== "string") return undefined;
        const parsed = parseIp(text);
        if (typeof parsed === "string") throw new CelError(parsed);
        return parsed.text === text;
      },
      cost: traverseFirst,
    },
  ],
  ["family", reading(ipType, isIp, int, ({ family }) => BigInt(family))],
  ["isUnspecified", reading(ipType, isIp, bool, (ip) => ip.isUnspecified)],
  ["isLoopback", reading(ipType, isIp, bool, (ip) => ip.isLoopback)],
  ["isLinkLocalMulticast", reading(ipType, isIp, bool, (ip) => ip.isLinkLocalMulticast)],
  ["isLinkLocalUnicast", reading(ipType, isIp, bool, (ip) => ip.isLinkLocalUnicast)],
  ["isGlobalUnicast", reading(ipType, isIp, bool, (ip) => ip.isGlobalUnicast)],
  ["cidr", parsing(cidrType, parseCidr)],
  ["isCIDR", testing(parseCidr)],
  ["containsIP", containing(ipType, isIp, parseIp, (cidr, ip) => cidr.contains(ip))],
  [
    "containsCIDR",
    containing(cidrType, isCidr, parseCidr, (cidr, other) => other.prefix >= cidr.prefix && cidr.contains(other.ip)),
  ],
  ["ip", reading(cidrType, isCidr, ipType, ({ ip }) => ip)],
  ["masked", reading(cidrType, isCidr, cidrType, (cidr) => cidr.masked)],
  ["prefixLength", reading(cidrType, isCidr, int, ({ prefix }) => BigInt(prefix))],
  [
    "string",
    {
      overloads: [global([ipType], string), global([cidrType], string)],
      run: ([value]) => (isIp(value) || isCidr(value) ? value.text : undefined),
    },
  ],
];

function urlOrFault(text: string): UrlValue | string {
  return (
    parseUrl(text) ??
    `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`
  );
}

function onUrl(result: CelType, read: (url: UrlValue) => CelValue): CelFunction {
  return reading(urlType, (value) => value instanceof UrlValue, result, read);
}

const urls: readonly Definition[] = [
  ["url", parsing(urlType, urlOrFault)],
  ["isURL", testing(urlOrFault)],
  ["getScheme", onUrl(string, ({ scheme }) => scheme)],
  ["getHost", onUrl(string, ({ host }) => host)],
  ["getHostname", onUrl(string, ({ hostname }) => hostname)],
  ["getPort", onUrl(string, ({ port }) => port)],
  ["getEscapedPath", onUrl(string, ({ path }) => path)],
  ["getQuery", onUrl(mapOf(string, listOf(string)), ({ query }) => query)],
];

const formats: readonly Definition[] = [
  [
    "format.named",
    {
      overloads: [global([string], optionalOf(formatType))],
      run: ([name]) => {
        if (typeof name !== "string") return undefined;
        const format = formatNamed(name);
        return format === undefined ? none : new OptionalValue(format);
      },
    },
  ],
  ...formatNames.map((name): Definition => {
    return [`format.${name}`, { overloads: [global([], formatType)], run: () => formatNamed(name) }];
  }),
  [
    "validate",
    {
      overloads: [member([formatType, string], optionalOf(listOf(string)))],
      run: ([format, text], budget) => {
        if (!(format instanceof FormatValue) || typeof text !== "string") return undefined;
        budget.charge(text.length);
        const errors = format.errors(text);
        return errors.length === 0 ? none : new OptionalValue(textsOf(errors));
      },
      cost: ([, size = 0]) => size,
    },
  ],
];

export const kubernetesFunctions: readonly Definition[] = [
  ...quantities,
  ...versions,
  ...addresses,
  ...urls,
  ...formats,
];
