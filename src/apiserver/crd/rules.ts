// The CEL rules of a schema, compiled, and what is wrong with them. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go and
// pkg/apis/apiextensions/validation/{validation,cel_validation}.go.
import { type CelProgram, compileCel } from "#machinery/cel/program.ts";
import { celTypeOf, partsMax } from "#machinery/cel/schema-type.ts";
import { type CelType, optionalOf } from "#machinery/cel/type.ts";
import { type FieldError, forbidden, invalid } from "#machinery/field-error.ts";
import { isString } from "#machinery/guards.ts";
import type { Schema } from "#machinery/schema.ts";
import { parseSimplePath } from "./paths.ts";

/** One rule of x-kubernetes-validations. */
export interface Rule {
  readonly text: string;
  readonly program: CelProgram;
  readonly message: string | undefined;
  readonly messageProgram: CelProgram | undefined;
  /** FieldValueInvalid and its like; undefined: FieldValueInvalid. */
  readonly reason: string | undefined;
  /** `.spec.a`: the field to blame, below the rule's own. */
  readonly fieldPath: string | undefined;
  /** It compares with the value as it was. */
  readonly isTransition: boolean;
  readonly optionalOldSelf: boolean;
}

/** What one rule, and all rules of a definition, may cost at most by estimate; as upstream. */
const ruleCostMax = 10_000_000;
const definitionCostMax = 100_000_000;

type Declared = Readonly<Record<string, unknown>>;

/** A compiled rule, or what is wrong with it. */
type CompiledRule = { readonly rule: Rule; readonly errors?: undefined } | { readonly errors: readonly FieldError[] };

/** The rules of one node, whose values have that type; those that do not compile are left out. */
export function rulesOf(schema: Schema, type: CelType): readonly Rule[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule) => {
    const compiled = compileRule(rule, type, schema, "");
    return compiled.errors === undefined ? [compiled.rule] : [];
  });
}

/** What is wrong with the rules of a whole schema. `path`: where it stands. */
export function ruleErrors(schema: Schema, path: string): readonly FieldError[] {
  const work: Work = { errors: [], cost: 0 };
  visit(schema, { path, isRoot: true, isCorrelatable: true, count: 1 }, work);
  if (work.cost > definitionCostMax) {
    work.errors.push(
      forbidden(
        path,
        overBudget(
          "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
          work.cost / definitionCostMax,
        ),
      ),
    );
  }
  return work.errors;
}

interface Work {
  readonly errors: FieldError[];
  cost: number;
}

interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** Whether the value of before can be found: not within lists whose items have no keys. */
  readonly isCorrelatable: boolean;
  /** How many such values an object can have. */
  readonly count: number;
}

function visit(schema: Schema, place: Place, work: Work): void {
  const { path, isCorrelatable } = place;
  for (const [index, declared] of (schema["x-kubernetes-validations"] ?? []).entries()) {
    checkRule(declared, schema, { ...place, path: `${path}.x-kubernetes-validations[${String(index)}]` }, work);
  }
  const count = place.count * partsMax(schema);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(property, { path: `${path}.properties[${name}]`, isRoot: false, isCorrelatable, count: place.count }, work);
  }
  if (schema.items !== undefined) {
    const isKeyed = schema["x-kubernetes-list-type"] === "map";
    visit(
      schema.items,
      { path: `${path}.items`, isRoot: false, isCorrelatable: isCorrelatable && isKeyed, count },
      work,
    );
  }
  if (typeof schema.additionalProperties === "object") {
    const inner = { path: `${path}.additionalProperties`, isRoot: false, isCorrelatable, count };
    visit(schema.additionalProperties, inner, work);
  }
}

function checkRule(declared: Declared, schema: Schema, place: Place, work: Work): void {
  const { errors } = work;
  const compiled = compileRule(declared, celTypeOf(schema, place.isRoot), schema, place.path);
  if (compiled.errors !== undefined) {
    errors.push(...compiled.errors);
    return;
  }
  const { rule } = compiled;
  if (rule.isTransition && !place.isCorrelatable) {
    const why =
      "oldSelf cannot be used on the uncorrelatable portion of the schema within an array whose items have no keys";
    errors.push(invalid(`${place.path}.rule`, rule.text, why));
  }
  const costs: readonly (readonly [string, CelProgram | undefined])[] = [
    ["rule", rule.program],
    ["messageExpression", rule.messageProgram],
  ];
  for (const [field, program] of costs) {
    const cost = (program?.cost ?? 0) * place.count;
    work.cost += cost;
    if (cost > ruleCostMax)
      errors.push(forbidden(`${place.path}.${field}`, overBudget("estimated rule cost", cost / ruleCostMax)));
  }
}

/** Upstream tells factors exactly up to 100. */
const factorMax = 100;

function overBudget(what: string, factor: number): string {
  const by = factor > factorMax ? `more than ${String(factorMax)}x` : `factor of ${factor.toFixed(1)}x`;
  return `${what} exceeds budget by ${by} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

function compileRule(declared: Declared, self: CelType, schema: Schema, path: string): CompiledRule {
  const text = textOf(declared, "rule").trim();
  const optionalOldSelf = declared["optionalOldSelf"] === true;
  const variables = new Map([
    ["self", self],
    ["oldSelf", optionalOldSelf ? optionalOf(self) : self],
  ]);
  const errors: FieldError[] = [];
  const { program, fault } = compileCel(text, { variables });
  if (fault !== undefined) errors.push(invalid(`${path}.rule`, text, `compilation failed: ${fault}`));
  else if (program.type.kind !== "bool")
    errors.push(invalid(`${path}.rule`, text, "cel expression must evaluate to a bool"));
  const messageText = textOf(declared, "messageExpression").trim();
  const message = messageText === "" ? undefined : compileCel(messageText, { variables });
  if (message?.fault !== undefined) {
    const why = `messageExpression compilation failed: ${message.fault}`;
    errors.push(invalid(`${path}.messageExpression`, messageText, why));
  } else if (message !== undefined && message.program.type.kind !== "string") {
    errors.push(invalid(`${path}.messageExpression`, messageText, "messageExpression must evaluate to a string"));
  }
  const fieldPath = textOf(declared, "fieldPath");
  if (fieldPath !== "" && !leadsToField(schema, fieldPath)) {
    errors.push(invalid(`${path}.fieldPath`, fieldPath, "fieldPath must be a valid path to a field of the schema"));
  }
  if (errors.length > 0 || program === undefined) return { errors };
  const isTransition = program.references.has("oldSelf");
  if (optionalOldSelf && !isTransition) {
    return { errors: [invalid(`${path}.optionalOldSelf`, true, "may not be set if oldSelf is not used in rule")] };
  }
  return {
    rule: {
      text,
      program,
      message: textOf(declared, "message").trim() || undefined,
      messageProgram: message?.program,
      reason: textOf(declared, "reason") || undefined,
      fieldPath: fieldPath === "" ? undefined : fieldPath,
      isTransition,
      optionalOldSelf,
    },
  };
}

function leadsToField(schema: Schema, fieldPath: string): boolean {
  const names = parseSimplePath(fieldPath);
  const target = names?.reduce<Schema | undefined>((node, name) => node && partOf(node, name), schema);
  return target !== undefined;
}

function partOf({ properties, additionalProperties }: Schema, name: string): Schema | undefined {
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

function textOf(declared: Declared, name: string): string {
  const value = declared[name];
  return isString(value) ? value : "";
}
