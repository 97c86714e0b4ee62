// What names, label keys and values may look like, with the wire texts that users search the web for. Each check gives the
// texts of what is wrong; none: fine. Upstream: k8s.io/apimachinery/pkg/util/validation/validation.go,
// pkg/api/validation/{generic,objectmeta}.go and pkg/apis/meta/v1/validation/validation.go.
import { type FieldError, invalid, tooLong } from "./field-error.ts";

const subdomainLengthMax = 253;
const labelLengthMax = 63;
/** Of all keys and values together, in bytes. */
const annotationsBytesMax = 256 * 1024;

const labelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainPattern = String.raw`${labelPattern}(\.${labelPattern})*`;
const qualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

const subdomain = rule(
  subdomainPattern,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
    "and must start and end with an alphanumeric character",
  "example.com",
);
const label = rule(
  labelPattern,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
    "and must start and end with an alphanumeric character",
  "my-name",
  "123-abc",
);
const label1035 = rule(
  "[a-z]([-a-z0-9]*[a-z0-9])?",
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " +
    "start with an alphabetic character, and end with an alphanumeric character",
  "my-name",
  "abc-123",
);
const wildcard = rule(
  String.raw`\*\.${subdomainPattern}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, " +
    "which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  "*.example.com",
);
const qualified = rule(
  qualifiedPattern,
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  "MyName",
  "my.name",
  "123-abc",
);
const labelValue = rule(
  `(${qualifiedPattern})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
    "and must start and end with an alphanumeric character",
  "MyValue",
  "my_value",
  "12345",
);
const configKey = rule(
  "[-._a-zA-Z0-9]+",
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  "key.name",
  "KEY_NAME",
  "key-name",
);
const variable = rule(
  "[-._a-zA-Z][-._a-zA-Z0-9]*",
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', " +
    "and must not start with a digit",
  "my.env-name",
  "MY_ENV.NAME",
  "MyEnvName1",
);

/** Most label keys without prefix and most label values: selectors are compiled often, so they pass at a glance. */
const plainName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** The rule for most kinds' names. */
export function dns1123SubdomainErrors(text: string): string[] {
  return check(text, subdomain, subdomainLengthMax);
}

/** The rule for namespaces, containers and cluster names. */
export function dns1123LabelErrors(text: string): string[] {
  const dotted = text.includes(".") && !label.pattern.test(text) && subdomain.pattern.test(text);
  return dotted ? [...lengthErrors(text, labelLengthMax), "must not contain dots"] : check(text, label, labelLengthMax);
}

export function isDns1123Label(text: string): boolean {
  return dns1123LabelErrors(text).length === 0;
}

/** The rule for Services. */
export function dns1035LabelErrors(text: string): string[] {
  return check(text, label1035, labelLengthMax);
}

/** The rule for Ingress hosts that begin with `*`. */
export function wildcardDns1123SubdomainErrors(text: string): string[] {
  return check(text, wildcard, subdomainLengthMax);
}

/** The rule for names that need only fit a URL: those of RBAC. */
export function pathSegmentErrors(text: string): string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((illegal) => text.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
}

/** The rule for keys of labels and annotations, finalizers, resource names: `name` or `prefix/name`. */
export function qualifiedNameErrors(text: string): string[] {
  if (plainName.test(text)) return [];
  const [first = "", second, ...more] = text.split("/");
  if (more.length > 0) {
    const hint = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${qualified.text}${hint}`];
  }
  const errors: string[] = [];
  if (second !== undefined) {
    if (first === "") errors.push("prefix part must be non-empty");
    else errors.push(...dns1123SubdomainErrors(first).map((error) => `prefix part ${error}`));
  }
  const name = second ?? first;
  if (name === "") errors.push("name part must be non-empty");
  errors.push(...check(name, qualified, labelLengthMax).map((error) => `name part ${error}`));
  return errors;
}

export function labelValueErrors(text: string): string[] {
  if (plainName.test(text)) return [];
  return check(text, labelValue, labelLengthMax);
}

/** The rule for keys of ConfigMaps and Secrets. */
export function configMapKeyErrors(text: string): string[] {
  const errors = check(text, configKey, subdomainLengthMax);
  if (text === ".") return [...errors, "must not be '.'"];
  if (text === "..") return [...errors, "must not be '..'"];
  return text.startsWith("..") ? [...errors, "must not start with '..'"] : errors;
}

export function environmentVariableErrors(text: string): string[] {
  const errors = variable.pattern.test(text) ? [] : [variable.text];
  if (text === ".") return [...errors, "must not be '.'"];
  if (text === "..") return [...errors, "must not be '..'"];
  return text.startsWith("..") ? [...errors, "must not start with '..'"] : errors;
}

/** The rule for names of container ports. */
export function portNameErrors(text: string): string[] {
  const errors = lengthErrors(text, 15);
  if (!/^[-a-z0-9]+$/.test(text)) errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(text)) errors.push("must contain at least one letter (a-z)");
  if (text.includes("--")) errors.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) errors.push("must not begin or end with a hyphen");
  return errors;
}

export type NameRule = "subdomain" | "label" | "label1035" | "path" | "any";

/** What is wrong with an object's name under a kind's rule. */
export function nameErrors(nameRule: NameRule, name: string): string[] {
  switch (nameRule) {
    case "subdomain":
      return dns1123SubdomainErrors(name);
    case "label":
      return dns1123LabelErrors(name);
    case "label1035":
      return dns1035LabelErrors(name);
    case "path":
      return pathSegmentErrors(name);
    case "any":
      return [];
  }
}

/** The same for metadata.generateName, which may end with a dash: characters follow. */
export function generateNameErrors(nameRule: NameRule, prefix: string): string[] {
  const masked = nameRule !== "path" && prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -2)}a` : prefix;
  return nameErrors(nameRule, masked);
}

/** What is wrong with a map of labels. `field`: where it is, `metadata.labels`. */
export function validateLabels(labels: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const text of qualifiedNameErrors(key)) errors.push(invalid(field, key, text));
    for (const text of labelValueErrors(value)) errors.push(invalid(field, value, text));
  }
  return errors;
}

/** What is wrong with a map of annotations. Their keys may have capitals in the prefix. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const text of qualifiedNameErrors(key.toLowerCase())) errors.push(invalid(field, key, text));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return bytes > annotationsBytesMax ? [...errors, tooLong(field, annotationsBytesMax)] : errors;
}

interface Rule {
  readonly pattern: RegExp;
  readonly text: string;
}

/** A pattern and its wire text: every example is followed by a comma, hence the odd double space before `or`. */
function rule(pattern: string, text: string, ...examples: readonly string[]): Rule {
  const list = examples.map((example) => `'${example}', `).join(" or ");
  return {
    pattern: new RegExp(`^(?:${pattern})$`),
    text: `${text} (e.g. ${list}regex used for validation is '${pattern}')`,
  };
}

function check(text: string, { pattern, text: message }: Rule, lengthMax: number): string[] {
  const errors = lengthErrors(text, lengthMax);
  if (!pattern.test(text)) errors.push(message);
  return errors;
}

function lengthErrors(text: string, lengthMax: number): string[] {
  // Only long texts are worth counting in bytes.
  const tooMuch = text.length > lengthMax || (text.length * 3 > lengthMax && Buffer.byteLength(text) > lengthMax);
  return tooMuch ? [`must be no more than ${lengthMax} characters`] : [];
}
