// The string formats that CustomResourceDefinitions may ask for. Formats that are not listed check nothing.
// Upstream: k8s.io/kube-openapi/pkg/validation/strfmt and apiextensions-apiserver pkg/apiserver/validation/formats.go.

type FormatCheck = (text: string) => boolean;

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4Pattern = new RegExp(`^${octet}(\\.${octet}){3}$`);
const hostnameLabel = /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const hostnameMax = 255;

const formats: ReadonlyMap<string, FormatCheck> = new Map<string, FormatCheck>([
  ["uri", isUri],
  ["email", (text) => /^[^\s@<>()[\]\\,;:"]+@[^\s@]+$/.test(text) && isHostname(text.slice(text.lastIndexOf("@") + 1))],
  ["hostname", isHostname],
  ["ipv4", (text) => ipv4Pattern.test(text)],
  ["ipv6", isIpv6],
  ["cidr", isCidr],
  ["mac", (text) => /^([0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5,7}|[0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){2,3})$/.test(text)],
  ["uuid", (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)],
  ["uuid3", (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)],
  ["uuid4", (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text)],
  ["uuid5", (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text)],
  ["byte", (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)],
  ["hexcolor", (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ["date", (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isCalendarDate(text)],
  ["date-time", isDateTime],
  ["datetime", isDateTime],
  ["duration", isDuration],
]);

/** Formats the API server knows: those above, and those that say no more than the type. */
const knownFormats: ReadonlySet<string> = new Set([
  ...formats.keys(),
  ...["bsonobjectid", "isbn", "isbn10", "isbn13", "creditcard", "ssn", "rgbcolor", "password"],
  ...["int32", "int64", "float", "double", "k8s-short-name", "k8s-long-name"],
]);

/** Whether `text` has the format, or the format is none that is checked. */
export function hasFormat(format: string, text: string): boolean {
  return formats.get(format)?.(text) ?? true;
}

/** Whether creating a definition with this format deserves no warning. */
export function isKnownFormat(format: string): boolean {
  return knownFormats.has(format);
}

function isUri(text: string): boolean {
  return /^([A-Za-z][A-Za-z0-9+.-]*:\S+|\/\S*)$/.test(text);
}

function isHostname(text: string): boolean {
  return text.length <= hostnameMax && text.split(".").every((label) => hostnameLabel.test(label));
}

/** Eight groups of hex digits, one run of zeros shortened to `::`, the last two groups maybe as IPv4. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  const hasIpv4 = last.includes(".");
  const count = groups.length + (hasIpv4 ? 1 : 0);
  const hex = hasIpv4 ? groups.slice(0, -1) : groups;
  if (hasIpv4 && !ipv4Pattern.test(last)) return false;
  if (!hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
}

function isCidr(text: string): boolean {
  const found = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const [, address = "", bits = ""] = found ?? [];
  if (found === null || (bits.length > 1 && bits.startsWith("0"))) return false;
  return ipv4Pattern.test(address) ? Number(bits) <= 32 : isIpv6(address) && Number(bits) <= 128;
}

function isCalendarDate(text: string): boolean {
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const found = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (found === null) return false;
  const [, date = "", hour, minute, second] = found;
  return isCalendarDate(date) && Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
}

/** Go's durations, and the spelled-out ones strfmt knows: `1h30m`, `3 days`. */
function isDuration(text: string): boolean {
  if (/^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true;
  return /^(\d+\s*(ns|nanos?|us|µs|micros?|ms|millis?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)+$/i.test(
    text,
  );
}
