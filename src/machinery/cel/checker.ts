// Finds out the type of every part of an expression before it runs, and what can never work. Upstream: google/cel-go
// checker/checker.go, whose texts the messages are.
import { typeNames } from "./conversions.ts";
import { type CelIssue, type Expr, qualifiedName } from "./expression.ts";
import type { FunctionTable, Overload } from "./function.ts";
import {
  type Bindings,
  bool,
  bytes,
  type CelType,
  double,
  dyn,
  fits,
  int,
  joinTypes,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  string,
  substitute,
  typeText,
  typeType,
  uint,
} from "./type.ts";

export interface Checked {
  readonly type: CelType;
  /** The type of every part. */
  readonly types: ReadonlyMap<Expr, CelType>;
  /** What can never work; nothing: the expression may run. */
  readonly issues: readonly CelIssue[];
  /** The variables it names. */
  readonly references: ReadonlySet<string>;
}

/** What an expression may name. */
export interface Known {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: FunctionTable;
  /** The types of which values can be written; absent: none. */
  readonly structs?: StructTypes | undefined;
}

/** The type of a field of the type of this name; undefined: there is no such type, or field. */
export type StructTypes = (name: string, field: string | undefined) => CelType | undefined;

/** Checks `expr` where this is known. */
export function checkCel(expr: Expr, known: Known): Checked {
  const checker = new Checker(known);
  const type = checker.check(expr, undefined);
  return { type, types: checker.types, issues: checker.issues, references: checker.references };
}

/** The variables of the macros around an expression. */
interface Scope {
  readonly name: string;
  readonly type: CelType;
  readonly outer: Scope | undefined;
}

class Checker {
  readonly types = new Map<Expr, CelType>();
  readonly issues: CelIssue[] = [];
  readonly references = new Set<string>();
  readonly #variables: ReadonlyMap<string, CelType>;
  readonly #functions: FunctionTable;
  readonly #structs: StructTypes | undefined;

  constructor({ variables, functions, structs }: Known) {
    this.#variables = variables;
    this.#functions = functions;
    this.#structs = structs;
  }

  check(expr: Expr, scope: Scope | undefined): CelType {
    const type = this.#typeOf(expr, scope);
    this.types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr, scope: Scope | undefined): CelType {
    switch (expr.kind) {
      case "literal":
        return literalTypes[expr.literal.type];
      case "ident":
        return this.#variable(expr.at, expr.name, scope);
      case "select":
        return this.#selection(expr, scope);
      case "call":
        return this.#call(expr, scope);
      case "list":
        return listOf(this.#joined(expr.items.map(({ value, isOptional }) => this.#item(value, isOptional, scope))));
      case "map": {
        const keys = expr.entries.map(({ key }) => ({ at: key.at, type: this.check(key, scope) }));
        const values = expr.entries.map(({ value, isOptional }) => this.#item(value, isOptional, scope));
        return mapOf(this.#joined(keys), this.#joined(values));
      }
      case "struct":
        return this.#struct(expr, scope);
      case "fold":
        return this.#fold(expr, scope);
      case "bind":
        return this.#bind(expr, scope);
    }
  }

  #struct({ at, name, fields }: Expr & { kind: "struct" }, scope: Scope | undefined): CelType {
    const type = this.#structs?.(name, undefined);
    for (const field of fields) {
      const found = this.#item(field.value, field.isOptional, scope);
      const wanted = type === undefined ? dyn : this.#structs?.(name, field.name);
      if (wanted === undefined) this.#refuse(field.at, `undefined field '${field.name}'`);
      else if (!fits(wanted, found.type, new Map())) {
        const why = `expected type of field '${field.name}' is '${typeText(wanted)}' but provided type is '${typeText(found.type)}'`;
        this.#refuse(found.at, why);
      }
    }
    return type ?? this.#refuse(at, `undeclared reference to '${name}' (in container '')`);
  }

  #refuse(at: number, message: string): CelType {
    this.issues.push({ at, message });
    return dyn;
  }

  #variable(at: number, name: string, scope: Scope | undefined): CelType {
    for (let inner = scope; inner !== undefined; inner = inner.outer) if (inner.name === name) return inner.type;
    const declared = this.#variables.get(name);
    if (declared !== undefined) {
      this.references.add(name);
      return declared;
    }
    if (typeNames.has(name)) return typeType;
    return this.#refuse(at, `undeclared reference to '${name}' (in container '')`);
  }

  #selection(expr: Expr & { kind: "select" }, scope: Scope | undefined): CelType {
    const name = qualifiedName(expr);
    if (name !== undefined && typeNames.has(name)) return typeType;
    const operand = this.check(expr.operand, scope);
    const holder = operand.kind === "optional" ? operand.value : operand;
    const field = this.#field(expr.at, holder, expr.field, operand.kind === "optional" ? operand : undefined);
    if (expr.isTest) return bool;
    return (expr.isOptional || operand.kind === "optional") && field.kind !== "optional" ? optionalOf(field) : field;
  }

  #field(at: number, holder: CelType, name: string, whole: CelType | undefined): CelType {
    if (holder.kind === "dyn") return dyn;
    if (holder.kind === "map") return holder.value;
    if (holder.kind === "object") {
      return holder.fields.get(name)?.type ?? this.#refuse(at, `undefined field '${name}'`);
    }
    return this.#refuse(at, `type '${typeText(whole ?? holder)}' does not support field selection`);
  }

  #item(value: Expr, isOptional: boolean, scope: Scope | undefined): { at: number; type: CelType } {
    const type = this.check(value, scope);
    if (!isOptional || type.kind === "dyn") return { at: value.at, type };
    if (type.kind === "optional") return { at: value.at, type: type.value };
    return {
      at: value.at,
      type: this.#refuse(value.at, `expected type 'optional_type' but found '${typeText(type)}'`),
    };
  }

  /** Items of one literal have one type. */
  #joined(items: readonly { readonly at: number; readonly type: CelType }[]): CelType {
    const [first, ...rest] = items;
    let joined = first?.type ?? dyn;
    for (const { at, type } of rest) {
      const next = joinTypes(joined, type);
      if (next === undefined) this.#refuse(at, `expected type '${typeText(joined)}' but found '${typeText(type)}'`);
      else joined = next;
    }
    return joined;
  }

  #call(expr: Expr & { kind: "call" }, scope: Scope | undefined): CelType {
    const args = expr.args.map((arg) => this.check(arg, scope));
    if (expr.name === "_?_:_") return this.#conditional(expr, args);
    if (expr.name === "_&&_" || expr.name === "_||_") {
      for (const [index, type] of args.entries()) this.#mustBeBool(expr.args[index] ?? expr, type);
      return bool;
    }
    const overloads = this.#functions.get(expr.name)?.flatMap(({ overloads }) => overloads) ?? [];
    const fitting = overloads.filter(({ isMember }) => isMember === expr.isMember);
    if (fitting.length === 0) return this.#refuse(expr.at, `undeclared reference to '${expr.name}' (in container '')`);
    const results = fitting.flatMap((overload) => resultOf(overload, args));
    const [first] = results;
    if (first === undefined) {
      return this.#refuse(
        expr.at,
        `found no matching overload for '${expr.name}' applied to '${argumentText(expr.isMember, args)}'`,
      );
    }
    return results.every((type) => typeText(type) === typeText(first)) ? first : dyn;
  }

  #conditional(expr: Expr & { kind: "call" }, [condition = dyn, yes = dyn, no = dyn]: readonly CelType[]): CelType {
    this.#mustBeBool(expr.args[0] ?? expr, condition);
    const joined = joinTypes(yes, no);
    if (joined !== undefined) return joined;
    const types = argumentText(false, [condition, yes, no]);
    return this.#refuse(expr.at, `found no matching overload for '_?_:_' applied to '${types}'`);
  }

  #mustBeBool({ at }: Expr, type: CelType): void {
    if (type.kind !== "bool" && type.kind !== "dyn") {
      this.#refuse(at, `expected type 'bool' but found '${typeText(type)}'`);
    }
  }

  #fold(expr: Expr & { kind: "fold" }, scope: Scope | undefined): CelType {
    const range = this.check(expr.range, scope);
    const types = this.#rangeTypes(expr.range, range);
    const [first = "", second] = expr.variables;
    const isPair = second !== undefined;
    let inner: Scope = { name: first, type: isPair || range.kind === "map" ? types.key : types.item, outer: scope };
    if (second !== undefined) inner = { name: second, type: types.item, outer: inner };
    if (expr.filter !== undefined) this.#mustBeBool(expr.filter, this.check(expr.filter, inner));
    const body = expr.body === undefined ? dyn : this.check(expr.body, inner);
    switch (expr.fold) {
      case "all":
      case "exists":
      case "existsOne":
        if (expr.body !== undefined) this.#mustBeBool(expr.body, body);
        return bool;
      case "filter":
        return range.kind === "map" ? listOf(range.key) : range;
      case "map":
      case "transformList":
        return listOf(body);
      case "transformMap":
        return mapOf(types.key, body);
      case "transformMapEntry":
        return body.kind === "map" || body.kind === "dyn"
          ? body
          : this.#refuse(expr.at, `expected type 'map' but found '${typeText(body)}'`);
    }
  }

  /** What the variables of a loop are: the key of a map or the index of a list, and the value. */
  #rangeTypes(expr: Expr, type: CelType): { key: CelType; item: CelType } {
    switch (type.kind) {
      case "list":
        return { key: int, item: type.element };
      case "map":
        return { key: type.key, item: type.value };
      case "dyn":
        return { key: dyn, item: dyn };
      default: {
        const what = `expression of type '${typeText(type)}' cannot be range of a comprehension`;
        const item = this.#refuse(expr.at, `${what} (must be list, map, or dynamic)`);
        return { key: item, item };
      }
    }
  }

  #bind(expr: Expr & { kind: "bind" }, scope: Scope | undefined): CelType {
    const value = this.check(expr.value, scope);
    if (expr.optional === undefined) return this.check(expr.body, { name: expr.name, type: value, outer: scope });
    if (value.kind !== "optional" && value.kind !== "dyn") {
      return this.#refuse(expr.at, `expected type 'optional_type' but found '${typeText(value)}'`);
    }
    const type = value.kind === "optional" ? value.value : dyn;
    const body = this.check(expr.body, { name: expr.name, type, outer: scope });
    if (expr.optional === "map") return optionalOf(body);
    if (body.kind === "optional" || body.kind === "dyn") return body;
    return this.#refuse(expr.body.at, `expected type 'optional_type' but found '${typeText(body)}'`);
  }
}

const literalTypes = { null: nullType, bool, int, uint, double, string, bytes } as const;

/** The result where the arguments fit; none where they do not. */
function resultOf({ params, result }: Overload, args: readonly CelType[]): readonly CelType[] {
  if (params.length !== args.length) return [];
  const bindings: Bindings = new Map();
  const isFitting = params.every((param, index) => fits(param, args[index] ?? dyn, bindings));
  return isFitting ? [substitute(result, bindings)] : [];
}

function argumentText(isMember: boolean, args: readonly CelType[]): string {
  const texts = args.map(typeText);
  if (!isMember) return `(${texts.join(", ")})`;
  return `${texts[0] ?? ""}.(${texts.slice(1).join(", ")})`;
}
