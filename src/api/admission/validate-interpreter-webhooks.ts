// What is wrong with a ResourceInterpreterWebhookConfiguration, beyond its schema.
// Upstream: karmada pkg/webhook/configuration/validating.go.
import { duplicate, type FieldError, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1035LabelErrors, dns1123SubdomainErrors } from "#machinery/names.ts";
import type { InterpreterWebhook } from "../config/resource-interpreter-webhook-configuration.ts";

const contextVersion = "v1alpha1";
const timeoutSecondsMax = 30;
const portMax = 65_535;
const operations: readonly string[] = [
  "*",
  "AggregateStatus",
  "InterpretComponent",
  "InterpretDependency",
  "InterpretHealth",
  "InterpretReplica",
  "InterpretStatus",
  "Retain",
  "ReviseReplica",
];

export function validateInterpreterWebhooks(webhooks: readonly InterpreterWebhook[]): FieldError[] {
  const names = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const path = `webhooks[${index}]`;
    const { name, rules = [], timeoutSeconds, clientConfig, interpreterContextVersions } = webhook;
    const errors = validateName(name, `${path}.name`);
    if (name !== "" && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    errors.push(...rules.flatMap((rule, number) => validateRule(rule, `${path}.rules[${number}]`)));
    if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > timeoutSecondsMax)) {
      const text = `the timeout value must be between 1 and ${timeoutSecondsMax} seconds`;
      errors.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, text));
    }
    return [
      ...errors,
      ...validateClient(clientConfig, `${path}.clientConfig`),
      ...validateVersions(interpreterContextVersions, `${path}.interpreterContextVersions`),
    ];
  });
}

function validateName(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const errors = dns1123SubdomainErrors(name).map((text) => invalid(path, name, text));
  if (errors.length > 0 || name.includes(".")) return errors;
  return [invalid(path, name, "should be a domain with at least two segments separated by dots")];
}

type Rule = NonNullable<InterpreterWebhook["rules"]>[number];

function validateRule(rule: Rule, path: string): FieldError[] {
  return [
    ...validateList(rule.operations, `${path}.operations`, "other operations"),
    ...rule.operations.flatMap((operation, index) =>
      operation === "" || operations.includes(operation)
        ? []
        : [notSupported(`${path}.operations[${index}]`, operation, operations)],
    ),
    // The core group's name is empty.
    ...validateList(rule.apiGroups, `${path}.apiGroups`, "other API groups", { allowEmpty: true }),
    ...validateList(rule.apiVersions, `${path}.apiVersions`, "other API versions"),
    ...validateList(rule.kinds, `${path}.kinds`, "other kinds"),
  ];
}

function validateList(
  values: readonly string[],
  path: string,
  others: string,
  { allowEmpty = false }: { readonly allowEmpty?: boolean } = {},
): FieldError[] {
  if (values.length === 0) return [required(path)];
  const errors =
    values.length > 1 && values.includes("*")
      ? [invalid(path, values, `if '*' is present, must not specify ${others}`)]
      : [];
  const empty = values.flatMap((value, index) => (value === "" && !allowEmpty ? [required(`${path}[${index}]`)] : []));
  return [...errors, ...empty];
}

function validateClient({ url, service }: InterpreterWebhook["clientConfig"], path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, "exactly one of url or service is required")];
  }
  const errors = url === undefined ? [] : validateUrl(url, `${path}.url`);
  if (service === undefined) return errors;
  if (service.name === "") errors.push(required(`${path}.service.name`, "service name is required"));
  if (service.namespace === "") errors.push(required(`${path}.service.namespace`, "service namespace is required"));
  if (service.path?.startsWith("/") === false) {
    errors.push(invalid(`${path}.service.path`, service.path, "must start with a '/'"));
  }
  const { port = 443 } = service;
  if (port < 1 || port > portMax) {
    errors.push(
      invalid(`${path}.service.port`, port, `port is not valid: must be between 1 and ${portMax}, inclusive`),
    );
  }
  return errors;
}

function validateUrl(text: string, path: string): FieldError[] {
  const form = "; desired format: https://host[/path]";
  const url = URL.parse(text);
  if (url === null) return [required(path, `url must be a valid URL${form}`)];
  const errors: FieldError[] = [];
  if (url.protocol !== "https:")
    errors.push(invalid(path, url.protocol.replace(/:$/, ""), `'https' is the only allowed URL scheme${form}`));
  if (url.host === "") errors.push(invalid(path, url.host, `host must be specified${form}`));
  if (url.username !== "" || url.password !== "") {
    errors.push(invalid(path, url.username, "user information is not permitted in the URL"));
  }
  if (url.hash !== "") errors.push(invalid(path, url.hash.slice(1), "fragments are not permitted in the URL"));
  if (url.search !== "")
    errors.push(invalid(path, url.search.slice(1), "query parameters are not permitted in the URL"));
  return errors;
}

function validateVersions(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${contextVersion}`)];
  const errors = versions.flatMap((version, index) => [
    ...(versions.indexOf(version) < index ? [invalid(`${path}[${index}]`, version, "duplicate version")] : []),
    ...dns1035LabelErrors(version).map((text) => invalid(`${path}[${index}]`, version, text)),
  ]);
  if (versions.includes(contextVersion)) return errors;
  return [...errors, invalid(path, versions, `must include at least one of ${contextVersion}`)];
}
