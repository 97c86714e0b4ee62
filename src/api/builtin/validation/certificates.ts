// Checks of CertificateSigningRequests, and what each of their endpoints may change.
// Upstream: k8s.io/kubernetes/pkg/apis/certificates/validation/validation.go.
import { semanticEqual } from "#machinery/equality.ts";
import { duplicate, type FieldError, forbidden, invalid, required } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, listOf, numberOf, textOf, textsOf } from "../access.ts";
import type { ChecksByKind } from "./kind-checks.ts";

const expirationSecondsMin = 600;

export const certificatesChecks: ChecksByKind = {
  CertificateSigningRequest: {
    validate: (object) => requestErrors(childOf(object, "spec") ?? {}),
    validateStatusUpdate: statusErrors,
  },
};

function requestErrors(spec: Fields): FieldError[] {
  const signer = textOf(spec, "signerName");
  const seconds = numberOf(spec, "expirationSeconds");
  return [
    ...usageErrors(spec),
    ...(textOf(spec, "request") === ""
      ? [invalid("spec.request", "", "PEM block type must be CERTIFICATE REQUEST")]
      : []),
    ...(signer === "" ? [required("spec.signerName")] : signerErrors(signer)),
    ...(seconds !== undefined && seconds < expirationSecondsMin
      ? [invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)")]
      : []),
  ];
}

function usageErrors(spec: Fields): FieldError[] {
  if (listOf(spec, "usages").length === 0) return [required("spec.usages")];
  const usages = textsOf(spec, "usages");
  return usages.flatMap((usage, index) =>
    usages.indexOf(usage) < index ? [duplicate(`spec.usages[${String(index)}]`, usage)] : [],
  );
}

function signerErrors(signer: string): FieldError[] {
  const field = "spec.signerName";
  if (signer === "kubernetes.io/legacy-unknown") {
    return [invalid(field, signer, "the legacy signerName is not allowed via this API version")];
  }
  const [domain = "", path, ...more] = signer.split("/");
  if (path === undefined || path === "" || more.length > 0) {
    return [invalid(field, signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  if (domain.split(".").length >= 2) return [];
  return [invalid(field, signer, "should be a domain with at least two segments separated by dots")];
}

const decisions: readonly string[] = ["Approved", "Denied"];

/** Through `/status`: decisions stay as they are, a certificate is written once. */
function statusErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const status = childOf(object, "status") ?? {};
  const before = childOf(old, "status") ?? {};
  const errors: FieldError[] = [];
  for (const type of decisions) {
    const [now, then] = [conditionOf(status, type), conditionOf(before, type)];
    if (semanticEqual(now, then)) continue;
    const change = then === undefined ? "add" : now === undefined ? "remove" : "modify";
    errors.push(
      forbidden("status.conditions", `updates may not ${change} a condition of type ${JSON.stringify(type)}`),
    );
  }
  const certificate = textOf(before, "certificate");
  if (certificate !== "" && textOf(status, "certificate") !== certificate) {
    errors.push(forbidden("status.certificate", "updates may not modify existing certificate content"));
  }
  return errors;
}

/** Through `/approval`: a decision is made once, and not both ways. */
export function approvalErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const status = childOf(object, "status") ?? {};
  const before = childOf(old, "status") ?? {};
  const errors: FieldError[] = [];
  for (const type of [...decisions, "Failed"]) {
    if (conditionOf(before, type) !== undefined && conditionOf(status, type) === undefined) {
      errors.push(forbidden("status.conditions", `updates may not remove a condition of type ${JSON.stringify(type)}`));
    }
  }
  if (decisions.every((type) => conditionOf(status, type) !== undefined)) {
    const at = itemsOf(status, "conditions").findLastIndex((each) => decisions.includes(textOf(each, "type")));
    const field = `status.conditions[${String(at)}].type`;
    const last = textOf(itemsOf(status, "conditions")[at], "type");
    errors.push(invalid(field, last, "Approved and Denied conditions are mutually exclusive"));
  }
  return errors;
}

function conditionOf(status: Fields, type: string): Fields | undefined {
  return itemsOf(status, "conditions").find((condition) => textOf(condition, "type") === type);
}
