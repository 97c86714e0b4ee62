// Checks custom objects by the schema of their version; compiled when the first object comes.
import { builtinResolver } from "#api/builtin/index.ts";
import type { Schema } from "#machinery/schema.ts";
import { createValidator, type Validator } from "#machinery/schema-validate.ts";
import type { SchemaCheck } from "./custom-strategy.ts";

/** `schema`: of the whole object. */
export function schemaCheck(schema: Schema): SchemaCheck {
  let whole: Validator | undefined;
  let status: Validator | undefined;
  const statusSchema = schema.properties?.["status"];
  const checkWhole: Validator = (value, old) => (whole ??= createValidator(schema, builtinResolver))(value, old);
  const checkStatus: Validator = (value, old) =>
    (status ??= createValidator(statusSchema ?? {}, builtinResolver, { path: "status" }))(value, old);
  return {
    object: (object) => checkWhole(object),
    change: checkWhole,
    statusChange: (object, old) => (object["status"] === undefined ? [] : checkStatus(object["status"], old["status"])),
  };
}
