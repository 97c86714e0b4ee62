// What is wrong with how a CustomResourceDefinition converts its versions. Pure. Paths are upstream's internal ones.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go (validateCustomResourceConversion).
import type { Fields } from "#api/builtin/access.ts";
import { knownVersionErrors, webhookClientErrors } from "#api/builtin/validation/admission.ts";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "#machinery/field-error.ts";
import { dns1035LabelErrors } from "#machinery/names.ts";

type Conversion = CustomResourceDefinition["spec"]["conversion"];

const at = "spec.conversion";

export function validateConversion(conversion: Conversion): readonly FieldError[] {
  const strategy = conversion?.strategy ?? "None";
  const webhook = conversion?.webhook;
  switch (strategy) {
    case "None": {
      if (webhook === undefined) return [];
      return [forbidden(`${at}.webhookClientConfig`, "should not be set when strategy is not set to Webhook")];
    }
    case "Webhook":
      return [
        ...clientErrors(webhook?.clientConfig),
        ...versionErrors(webhook?.conversionReviewVersions ?? [], `${at}.conversionReviewVersions`),
      ];
    default:
      return [notSupported(`${at}.strategy`, strategy, ["None", "Webhook"])];
  }
}

function clientErrors(config: NonNullable<NonNullable<Conversion>["webhook"]>["clientConfig"]): readonly FieldError[] {
  const field = `${at}.webhookClientConfig`;
  if (config === undefined) return [required(field, "required when strategy is set to Webhook")];
  const fields: Fields = { ...config };
  return [...webhookClientErrors(fields, field), ...bundleErrors(config.caBundle ?? "", `${field}.caBundle`)];
}

function bundleErrors(bundle: string, field: string): readonly FieldError[] {
  if (bundle === "" || Buffer.from(bundle, "base64").includes("-----BEGIN CERTIFICATE-----")) return [];
  return [invalid(field, bundle, "unable to load root certificates: unable to parse bytes as PEM block")];
}

function versionErrors(versions: readonly string[], field: string): readonly FieldError[] {
  if (versions.length === 0) return [required(field)];
  return [
    ...versions.flatMap((version, index) => {
      const errors = dns1035LabelErrors(version).map((text) => invalid(`${field}[${String(index)}]`, version, text));
      const isRepeated = versions.indexOf(version) !== index;
      return isRepeated ? [...errors, invalid(`${field}[${String(index)}]`, version, "duplicate version")] : errors;
    }),
    ...knownVersionErrors(versions, field),
  ];
}
