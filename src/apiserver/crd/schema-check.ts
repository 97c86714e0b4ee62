// Checks custom objects by the schema of their version; compiled when the first object comes.
import { builtinResolver } from "#api/builtin/index.ts";
import { type FieldError, type FieldErrorType, invalid } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Schema } from "#machinery/schema.ts";
import { createValidator, type Validator } from "#machinery/schema-validate.ts";
import type { SchemaCheck } from "./custom-strategy.ts";
import { type RuleCheck, ruleCheck } from "./rule-check.ts";

/** What keeps rules from being looked at: they may rely on the schema being kept. */
const blocking: ReadonlySet<FieldErrorType> = new Set([
  "NotSupported",
  "Required",
  "TooLong",
  "TooMany",
  "TypeInvalid",
]);
const unchecked = invalid(
  "<nil>",
  null,
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);

/** `schema`: of the whole object. */
export function schemaCheck(schema: Schema): SchemaCheck {
  let whole: Validator | undefined;
  let status: Validator | undefined;
  let rules: { readonly check: RuleCheck | undefined } | undefined;
  const statusSchema = schema.properties?.["status"];
  const checkWhole: Validator = (value, old) => (whole ??= createValidator(schema, builtinResolver))(value, old);
  const checkStatus: Validator = (value, old) =>
    (status ??= createValidator(statusSchema ?? {}, builtinResolver, { path: "status" }))(value, old);
  /** The schema's errors, and those of the rules where nothing is in their way. */
  const withRules = (errors: readonly FieldError[], object: KubeObject, old?: KubeObject): readonly FieldError[] => {
    rules ??= { check: ruleCheck(schema) };
    if (rules.check === undefined) return errors;
    if (errors.some(({ type }) => blocking.has(type))) return [...errors, unchecked];
    return [...errors, ...rules.check(object, old)];
  };
  return {
    object: (object) => withRules(checkWhole(object), object),
    change: (object, old) => withRules(checkWhole(object, old), object, old),
    statusChange: (object, old) =>
      withRules(object["status"] === undefined ? [] : checkStatus(object["status"], old["status"]), object, old),
  };
}
