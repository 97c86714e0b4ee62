// Checks of webhook configurations and API services. Upstream: k8s.io/kubernetes/pkg/apis/admissionregistration/validation,
// k8s.io/kube-aggregator/pkg/apis/apiregistration/validation.
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1123SubdomainErrors } from "#machinery/names.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, listOf, numberOf, textOf, textsOf } from "../access.ts";
import { admissionPolicyChecks, matchConditionErrors } from "./admission-policies.ts";
import { needed, oneOf } from "./checks.ts";
import type { ChecksByKind } from "./kind-checks.ts";

const reviewVersions: readonly string[] = ["v1", "v1beta1"];
const timeoutSecondsMax = 30;

export const admissionChecks: ChecksByKind = {
  MutatingWebhookConfiguration: { validate: configurationErrors },
  ValidatingWebhookConfiguration: { validate: configurationErrors },
  ...admissionPolicyChecks,
};

function configurationErrors(object: KubeObject): FieldError[] {
  const names = new Set<string>();
  return itemsOf(object, "webhooks").flatMap((webhook, index) => {
    const at = `webhooks[${String(index)}]`;
    const name = textOf(webhook, "name");
    const errors = webhookErrors(webhook, at);
    if (name !== "" && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    return errors;
  });
}

function webhookErrors(webhook: Fields, path: string): FieldError[] {
  const seconds = numberOf(webhook, "timeoutSeconds");
  return [
    ...webhookNameErrors(textOf(webhook, "name"), `${path}.name`),
    ...itemsOf(webhook, "rules").flatMap((rule, index) => ruleErrors(rule, `${path}.rules[${String(index)}]`)),
    ...oneOf(webhook, "failurePolicy", path, ["Fail", "Ignore"]),
    ...oneOf(webhook, "matchPolicy", path, ["Equivalent", "Exact"]),
    ...sideEffectErrors(webhook, path),
    ...(seconds !== undefined && (seconds < 1 || seconds > timeoutSecondsMax)
      ? [invalid(`${path}.timeoutSeconds`, seconds, "the timeout value must be between 1 and 30 seconds")]
      : []),
    ...webhookClientErrors(childOf(webhook, "clientConfig") ?? {}, `${path}.clientConfig`),
    ...reviewVersionErrors(webhook, `${path}.admissionReviewVersions`),
    ...matchConditionErrors(webhook, path, {}),
  ];
}

function webhookNameErrors(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const wrong = dns1123SubdomainErrors(name).map((text) => invalid(field, name, text));
  if (wrong.length > 0 || name.split(".").length >= 3) return wrong;
  return [invalid(field, name, "should be a domain with at least three segments separated by dots")];
}

function sideEffectErrors(webhook: Fields, path: string): FieldError[] {
  const field = `${path}.sideEffects`;
  const allowed = ["None", "NoneOnDryRun"];
  const value = textOf(webhook, "sideEffects");
  if (value === "") return [required(field, `must specify one of ${allowed.join(", ")}`)];
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

function reviewVersionErrors(webhook: Fields, field: string): FieldError[] {
  const versions = textsOf(webhook, "admissionReviewVersions");
  if (versions.length === 0) return [required(field, `must specify one of ${reviewVersions.join(", ")}`)];
  return knownVersionErrors(versions, field);
}

/** One of the versions of reviews that a webhook understands has to be one that is sent. */
export function knownVersionErrors(versions: readonly string[], field: string): FieldError[] {
  if (versions.some((version) => reviewVersions.includes(version))) return [];
  return [invalid(field, versions, `must include at least one of ${reviewVersions.join(", ")}`)];
}

function ruleErrors(rule: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["operations", "apiGroups", "apiVersions", "resources"]) {
    const list = listOf(rule, name);
    if (list.length === 0) errors.push(required(`${path}.${name}`));
    if (list.length > 1 && list.includes("*")) {
      errors.push(invalid(`${path}.${name}`, list, "if '*' is present, must not specify other values"));
    }
  }
  return [...errors, ...oneOf(rule, "scope", path, ["*", "Cluster", "Namespaced"])];
}

/** What is wrong with a `clientConfig`. */
export function webhookClientErrors(config: Fields, path: string): FieldError[] {
  const hasUrl = config["url"] !== undefined;
  const service = childOf(config, "service");
  if (hasUrl === (service !== undefined)) return [required(path, "exactly one of url or service is required")];
  if (hasUrl) return urlErrors(textOf(config, "url"), `${path}.url`);
  return [...needed(service, "name", `${path}.service`), ...needed(service, "namespace", `${path}.service`)];
}

function urlErrors(text: string, field: string): FieldError[] {
  const form = "; desired format: https://host[/path]";
  const url = URL.parse(text);
  if (url === null) return [required(field, `url must be a valid URL${form}`)];
  if (url.protocol !== "https:") {
    return [invalid(field, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`)];
  }
  return url.hash === "" && url.search === "" && url.username === ""
    ? []
    : [invalid(field, text, `user information, queries and fragments are not permitted in the URL${form}`)];
}

export const apiregistrationChecks: ChecksByKind = { APIService: { validate: apiServiceErrors } };

function apiServiceErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const { name } = object.metadata;
  const wanted = `${textOf(spec, "version")}.${textOf(spec, "group")}`;
  const service = childOf(spec, "service");
  const isInsecure = spec["insecureSkipTLSVerify"] === true;
  const hasBundle = textOf(spec, "caBundle") !== "";
  return [
    ...(name === wanted
      ? []
      : [invalid("metadata.name", name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)]),
    ...needed(spec, "version", "spec"),
    ...rangeErrors(spec, "groupPriorityMinimum", 20_000),
    ...rangeErrors(spec, "versionPriority", 1_000),
    ...(service === undefined && hasBundle
      ? [invalid("spec.caBundle", "...", "local APIServices may not have a caBundle")]
      : []),
    ...(service === undefined && isInsecure
      ? [invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify")]
      : []),
    ...(service !== undefined && isInsecure && hasBundle
      ? [forbidden("spec.insecureSkipTLSVerify", "may not be true if caBundle is present")]
      : []),
    ...(service === undefined ? [] : needed(service, "namespace", "spec.service")),
    ...(service === undefined ? [] : needed(service, "name", "spec.service")),
  ];
}

function rangeErrors(spec: Fields, name: string, limit: number): FieldError[] {
  const value = numberOf(spec, name) ?? 0;
  if (value > 0 && value <= limit) return [];
  return [invalid(`spec.${name}`, value, `must be positive and less than ${String(limit)}`)];
}
