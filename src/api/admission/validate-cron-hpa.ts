// What is wrong with a CronFederatedHPA, beyond its schema. Upstream: karmada pkg/webhook/cronfederatedhpa/validating.go.
import { duplicate, type FieldError, invalid, required } from "#machinery/field-error.ts";
import { pathSegmentErrors } from "#machinery/names.ts";
import { CronFederatedHPA } from "../autoscaling/cron-federated-hpa.ts";
import { scheduleError } from "../builtin/validation/schedule.ts";

type Spec = CronFederatedHPA["spec"];
type Rule = Spec["rules"][number];

const hpaApiVersion = `${CronFederatedHPA.group}/${CronFederatedHPA.version}`;
const hpaKind = "FederatedHPA";

export function validateCronHpa({ scaleTargetRef, rules }: Spec): FieldError[] {
  const { apiVersion, kind, name } = scaleTargetRef;
  const path = "spec.scaleTargetRef";
  if (apiVersion === hpaApiVersion && kind !== hpaKind) {
    return [invalid(`${path}.kind`, kind, `invalid scaleTargetRef kind: ${kind}, only support ${hpaKind}`)];
  }
  const names = new Set<string>();
  return [
    ...segmentErrors(kind, `${path}.kind`),
    ...segmentErrors(name, `${path}.name`),
    ...rules.flatMap((rule, index) => {
      const at = `spec.rules[${index}]`;
      const errors = names.has(rule.name) ? [duplicate(`${at}.name`, rule.name)] : [];
      names.add(rule.name);
      return [
        ...errors,
        ...validateTime(rule, at),
        ...(apiVersion === hpaApiVersion ? validateBounds(rule, at) : validateReplicas(rule, kind, at)),
      ];
    }),
  ];
}

function segmentErrors(text: string, path: string): FieldError[] {
  return text === "" ? [required(path)] : pathSegmentErrors(text).map((error) => invalid(path, text, error));
}

function validateTime({ schedule, timeZone }: Rule, path: string): FieldError[] {
  const errors =
    scheduleError(schedule) === undefined ? [] : [invalid(`${path}.schedule`, schedule, "invalid cron format")];
  if (timeZone === undefined || isTimeZone(timeZone)) return errors;
  return [...errors, invalid(`${path}.timeZone`, timeZone, `unknown time zone ${timeZone}`)];
}

/** As Go's time.LoadLocation has it: empty is UTC. */
function isTimeZone(name: string): boolean {
  if (name === "" || name === "Local") return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function validateBounds({ targetMinReplicas: min, targetMaxReplicas: max }: Rule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (min === undefined && max === undefined) {
    const text = `targetMinReplicas and targetMaxReplicas cannot be nil at the same time if you want to scale ${hpaKind}`;
    errors.push(invalid(`${path}.targetMaxReplicas`, null, text));
  }
  if (min !== undefined && min <= 0) {
    errors.push(invalid(`${path}.targetMinReplicas`, min, "targetMinReplicas should be larger than 0"));
  }
  if (max !== undefined && max <= 0) {
    errors.push(invalid(`${path}.targetMaxReplicas`, max, "targetMaxReplicas should be larger than 0"));
  }
  if (min !== undefined && max !== undefined && min > max) {
    const text = "targetMaxReplicas should be larger than or equal to targetMinReplicas";
    errors.push(invalid(`${path}.targetMinReplicas`, min, text));
  }
  return errors;
}

function validateReplicas({ targetReplicas }: Rule, kind: string, path: string): FieldError[] {
  const at = `${path}.targetReplicas`;
  if (targetReplicas === undefined) {
    return [invalid(at, null, `targetReplicas cannot be nil if you want to scale ${kind}`)];
  }
  return targetReplicas < 0 ? [invalid(at, targetReplicas, "targetReplicas should be larger than or equal to 0")] : [];
}
