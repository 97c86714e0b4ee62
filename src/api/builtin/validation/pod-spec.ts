// Checks of pod specs, in pods and in templates. Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { type FieldError, forbidden, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1123SubdomainErrors, qualifiedNameErrors, validateAnnotations, validateLabels } from "#machinery/names.ts";
import { childOf, type Fields, itemsOf, numberOf, textMapOf, textOf } from "../access.ts";
import { isEmptySelector, neededOneOf, nonNegative, oneOf, selectorErrors, selects } from "./checks.ts";
import { containerErrors } from "./containers.ts";
import { volumeErrors, volumeNames } from "./volumes.ts";

const deadlineSecondsMax = 2 ** 31 - 1;
const dnsPolicies: readonly string[] = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
const effects: readonly string[] = ["NoExecute", "NoSchedule", "PreferNoSchedule"];

export function podSpecErrors(spec: Readonly<Fields>, path: string): FieldError[] {
  return [
    ...volumeErrors(spec, path),
    ...containerErrors(spec, volumeNames(spec), path),
    ...neededOneOf(spec, "restartPolicy", path, ["Always", "Never", "OnFailure"]),
    ...neededOneOf(spec, "dnsPolicy", path, dnsPolicies),
    ...nonNegative(spec, "terminationGracePeriodSeconds", path),
    ...deadlineErrors(spec, path),
    ...validateLabels(textMapOf(spec, "nodeSelector"), `${path}.nodeSelector`),
    ...nameErrors(spec, "serviceAccountName", path),
    ...nameErrors(spec, "priorityClassName", path),
    ...nameErrors(spec, "nodeName", path),
    ...tolerationErrors(spec, path),
    ...spreadErrors(spec, path),
  ];
}

/** What a workload asks of its template beside that the pods are right. */
export interface TemplateRules {
  /** Restart policies that make sense; undefined: any. */
  readonly restartPolicies?: readonly string[];
  /** The workload in the text about activeDeadlineSeconds; undefined: it may be set. */
  readonly noDeadlineIn?: string;
}

/** The pod template at `path`, which `selector`, if given, must select. */
export function podTemplateErrors(
  template: Readonly<Fields> | undefined,
  selector: unknown,
  path: string,
  { restartPolicies, noDeadlineIn }: TemplateRules = {},
): FieldError[] {
  if (template === undefined) return [required(path)];
  const metadata = childOf(template, "metadata");
  const spec = childOf(template, "spec") ?? {};
  const labels = textMapOf(metadata, "labels");
  const errors: FieldError[] = [];
  if (selector !== undefined && !selects(selector, labels)) {
    errors.push(invalid(`${path}.metadata.labels`, labels, "`selector` does not match template `labels`"));
  }
  errors.push(...validateLabels(labels, `${path}.labels`));
  errors.push(...validateAnnotations(textMapOf(metadata, "annotations"), `${path}.annotations`));
  errors.push(...podSpecErrors(spec, `${path}.spec`));
  const policy = textOf(spec, "restartPolicy");
  if (restartPolicies !== undefined && policy !== "" && !restartPolicies.includes(policy)) {
    errors.push(notSupported(`${path}.spec.restartPolicy`, policy, restartPolicies));
  }
  if (noDeadlineIn !== undefined && spec["activeDeadlineSeconds"] !== undefined) {
    const why = `activeDeadlineSeconds in ${noDeadlineIn} is not Supported`;
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, why));
  }
  return errors;
}

/** The selector of a workload: there, right, and not empty. */
export function workloadSelectorErrors(spec: Readonly<Fields>, path: string, emptyText: string): FieldError[] {
  const selector = childOf(spec, "selector");
  const field = `${path}.selector`;
  if (selector === undefined) return [required(field)];
  return [
    ...selectorErrors(selector, field),
    ...(isEmptySelector(selector) ? [invalid(field, selector, emptyText)] : []),
  ];
}

function deadlineErrors(spec: Readonly<Fields>, path: string): FieldError[] {
  const seconds = numberOf(spec, "activeDeadlineSeconds");
  if (seconds === undefined || (seconds >= 1 && seconds <= deadlineSecondsMax)) return [];
  const why = `must be between 1 and ${String(deadlineSecondsMax)}, inclusive`;
  return [invalid(`${path}.activeDeadlineSeconds`, seconds, why)];
}

function nameErrors(spec: Readonly<Fields>, name: string, path: string): FieldError[] {
  const text = textOf(spec, name);
  return text === "" ? [] : dns1123SubdomainErrors(text).map((error) => invalid(`${path}.${name}`, text, error));
}

function tolerationErrors(spec: Readonly<Fields>, path: string): FieldError[] {
  return itemsOf(spec, "tolerations").flatMap((toleration, index) => {
    const at = `${path}.tolerations[${String(index)}]`;
    const key = textOf(toleration, "key");
    const operator = textOf(toleration, "operator");
    const errors = key === "" ? [] : qualifiedNameErrors(key).map((text) => invalid(`${at}.key`, key, text));
    if (key === "" && operator !== "Exists") {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(`${at}.operator`, operator, why));
    }
    if (toleration["tolerationSeconds"] !== undefined && textOf(toleration, "effect") !== "NoExecute") {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalid(`${at}.effect`, textOf(toleration, "effect"), why));
    }
    if (operator === "Exists" && textOf(toleration, "value") !== "") {
      const why = "value must be empty when `operator` is 'Exists'";
      errors.push(invalid(`${at}.operator`, textOf(toleration, "value"), why));
    }
    errors.push(...oneOf(toleration, "operator", at, ["Equal", "Exists"]));
    errors.push(...oneOf(toleration, "effect", at, effects));
    return errors;
  });
}

function spreadErrors(spec: Readonly<Fields>, path: string): FieldError[] {
  return itemsOf(spec, "topologySpreadConstraints").flatMap((constraint, index) => {
    const at = `${path}.topologySpreadConstraints[${String(index)}]`;
    const skew = numberOf(constraint, "maxSkew") ?? 0;
    return [
      ...(skew <= 0 ? [invalid(`${at}.maxSkew`, skew, "must be greater than zero")] : []),
      ...(textOf(constraint, "topologyKey") === "" ? [required(`${at}.topologyKey`, "can not be empty")] : []),
      ...oneOf(constraint, "whenUnsatisfiable", at, ["DoNotSchedule", "ScheduleAnyway"]),
    ];
  });
}
