// What a CEL text means once it is parsed. Macros are nodes of their own: they say more than the loops upstream expands them
// to, and evaluate faster. Specification: google/cel-spec doc/langdef.md.

/** Words that may become part of the language: no variable has them for a name. */
export const reservedWords: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);

/** A constant as it was written. `int` and `uint` are exact. */
export type Literal =
  | { readonly type: "null" }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int" | "uint"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bytes"; readonly value: Uint8Array };

/** The macros that go over a list or map. The last three take two variables, as the first four may. */
export type Fold =
  "all" | "exists" | "existsOne" | "filter" | "map" | "transformList" | "transformMap" | "transformMapEntry";

export interface ListItem {
  readonly value: Expr;
  /** `[?x]`: left out where x is none. */
  readonly isOptional: boolean;
}

export interface MapEntry extends ListItem {
  readonly key: Expr;
}

export interface StructField extends ListItem {
  readonly name: string;
  readonly at: number;
}

/** A node; `at` is the offset of its first character in the text, in UTF-16 units. */
export type Expr = { readonly at: number } & (
  | { readonly kind: "literal"; readonly literal: Literal }
  | { readonly kind: "ident"; readonly name: string }
  /** `operand.field`; `isTest`: `has(operand.field)`; `isOptional`: `operand.?field`. */
  | {
      readonly kind: "select";
      readonly operand: Expr;
      readonly field: string;
      readonly isTest: boolean;
      readonly isOptional: boolean;
    }
  /** Operators have upstream's names: `_&&_`, `_[_]`, `_?_:_`. A receiver is the first argument where `isMember`. */
  | { readonly kind: "call"; readonly name: string; readonly isMember: boolean; readonly args: readonly Expr[] }
  | { readonly kind: "list"; readonly items: readonly ListItem[] }
  | { readonly kind: "map"; readonly entries: readonly MapEntry[] }
  /** `Object.spec{replicas: 1}`: a value of a named type. */
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly StructField[] }
  | {
      readonly kind: "fold";
      readonly fold: Fold;
      readonly range: Expr;
      /** One name (item or key) or two (index or key, value). */
      readonly variables: readonly string[];
      /** Only where it holds (`filter`, three-argument `map`, transforms with a filter). */
      readonly filter: Expr | undefined;
      /** The predicate, or what an item becomes. */
      readonly body: Expr | undefined;
    }
  /** `cel.bind(name, value, body)`; `optional`: `value.optMap(name, body)` and `optFlatMap`. */
  | {
      readonly kind: "bind";
      readonly name: string;
      readonly value: Expr;
      readonly body: Expr;
      readonly optional: "map" | "flatMap" | undefined;
    }
);

/** What is wrong with a text, and where: an offset in UTF-16 units. */
export interface CelIssue {
  readonly at: number;
  readonly message: string;
}

/** Thrown by the lexer and the parser. */
export class CelSyntaxError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = "CelSyntaxError";
    this.at = at;
  }
}

/** The name of a chain of selections such as `google.protobuf.Timestamp`, or undefined. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.isTest || expr.isOptional) return undefined;
  const outer = qualifiedName(expr.operand);
  return outer === undefined ? undefined : `${outer}.${expr.field}`;
}
