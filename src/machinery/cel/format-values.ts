// Named formats in CEL. Upstream: k8s.io/apiserver/pkg/cel/library/format.go.
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from "../names.ts";
import { hasFormat } from "../schema-formats.ts";
import { parseUrl } from "./network-values.ts";
import { OpaqueValue } from "./value.ts";

type Check = (text: string) => readonly string[];

export class FormatValue extends OpaqueValue {
  readonly typeName = "kubernetes.NamedFormat";
  readonly name: string;
  /** What is wrong with a text; nothing: it has the format. */
  readonly errors: Check;

  constructor(name: string, errors: Check) {
    super();
    this.name = name;
    this.errors = errors;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

/** A prefix of a name may end with what a whole name may not end with. */
function prefixOf(check: Check): Check {
  return (text) => check(text.replace(/-$/, "a"));
}

function schemaFormat(format: string): Check {
  return (text) => (hasFormat(format, text) ? [] : [`must be of type ${format}`]);
}

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["dns1123Label", dns1123LabelErrors],
  ["dns1123Subdomain", dns1123SubdomainErrors],
  ["dns1035Label", dns1035LabelErrors],
  ["qualifiedName", qualifiedNameErrors],
  ["dns1123LabelPrefix", prefixOf(dns1123LabelErrors)],
  ["dns1123SubdomainPrefix", prefixOf(dns1123SubdomainErrors)],
  ["dns1035LabelPrefix", prefixOf(dns1035LabelErrors)],
  ["labelValue", labelValueErrors],
  ["uri", (text) => (parseUrl(text) === undefined ? ["invalid URI for request"] : [])],
  ["uuid", (text) => (hasFormat("uuid", text) ? [] : ["does not match the UUID format"])],
  ["byte", (text) => (hasFormat("byte", text) ? [] : ["invalid base64"])],
  ["date", schemaFormat("date")],
  ["datetime", schemaFormat("datetime")],
]);

const formats: ReadonlyMap<string, FormatValue> = new Map(
  [...checks].map(([name, check]) => [name, new FormatValue(name, check)]),
);

export const formatNames: readonly string[] = [...formats.keys()];

export function formatNamed(name: string): FormatValue | undefined {
  return formats.get(name);
}
