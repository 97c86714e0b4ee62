// The tree of a script: names are already found to be locals, upvalues or globals.

/** A local variable: where its function keeps it, and whether functions within it use it. */
export interface Local {
  readonly name: string;
  readonly slot: number;
  isCaptured: boolean;
}

/** Where a new closure finds one of its upvalues: among the locals of the function around it, or its upvalues. */
export interface Upvalue {
  readonly name: string;
  readonly from: "local" | "upvalue";
  readonly index: number;
}

export interface FunctionTree {
  readonly name: string;
  readonly line: number;
  readonly parameters: readonly Local[];
  readonly isVararg: boolean;
  /** The local `arg` of functions with `...` that do not say `...` themselves. */
  readonly arg: Local | undefined;
  readonly upvalues: readonly Upvalue[];
  readonly body: Block;
}

export type Expression =
  | { readonly kind: "constant"; readonly value: undefined | boolean | number | string }
  | { readonly kind: "vararg" }
  | { readonly kind: "function"; readonly tree: FunctionTree }
  | { readonly kind: "local"; readonly local: Local }
  | { readonly kind: "upvalue"; readonly index: number; readonly name: string }
  | { readonly kind: "global"; readonly name: string; readonly line: number }
  | { readonly kind: "index"; readonly object: Expression; readonly key: Expression; readonly line: number }
  | Call
  | { readonly kind: "logic"; readonly word: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "unary"; readonly sign: "not" | "-" | "#"; readonly of: Expression; readonly line: number }
  | Binary
  | { readonly kind: "concat"; readonly parts: readonly Expression[]; readonly line: number }
  | {
      readonly kind: "table";
      readonly list: readonly Expression[];
      readonly fields: readonly { readonly key: Expression; readonly value: Expression; readonly line: number }[];
      readonly line: number;
    }
  /** Parentheses make several values one. */
  | { readonly kind: "one"; readonly of: Expression };

export type BinarySign = "+" | "-" | "*" | "/" | "%" | "^" | "==" | "~=" | "<" | "<=" | ">" | ">=";

export interface Binary {
  readonly kind: "binary";
  readonly sign: BinarySign;
  readonly left: Expression;
  readonly right: Expression;
  readonly line: number;
}

export interface Call {
  readonly kind: "call";
  readonly callee: Expression;
  /** The name behind `:`. */
  readonly method: string | undefined;
  readonly args: readonly Expression[];
  readonly line: number;
}

export type Target = Extract<Expression, { readonly kind: "local" | "upvalue" | "global" | "index" }>;

export interface Block {
  readonly statements: readonly Statement[];
  /** Positions of the labels. */
  readonly labels: ReadonlyMap<string, number>;
}

export type Statement =
  | {
      readonly kind: "local";
      readonly locals: readonly Local[];
      readonly values: readonly Expression[];
      readonly line: number;
    }
  | {
      readonly kind: "assign";
      readonly targets: readonly Target[];
      readonly values: readonly Expression[];
      readonly line: number;
    }
  | { readonly kind: "call"; readonly call: Call; readonly line: number }
  | { readonly kind: "do"; readonly body: Block; readonly line: number }
  | { readonly kind: "while"; readonly condition: Expression; readonly body: Block; readonly line: number }
  | { readonly kind: "repeat"; readonly condition: Expression; readonly body: Block; readonly line: number }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: Expression; readonly body: Block }[];
      readonly otherwise: Block | undefined;
      readonly line: number;
    }
  | {
      readonly kind: "count";
      readonly variable: Local;
      readonly from: Expression;
      readonly to: Expression;
      readonly step: Expression | undefined;
      readonly body: Block;
      readonly line: number;
    }
  | {
      readonly kind: "each";
      readonly variables: readonly Local[];
      readonly values: readonly Expression[];
      readonly body: Block;
      readonly line: number;
    }
  | { readonly kind: "function"; readonly local: Local; readonly tree: FunctionTree; readonly line: number }
  | { readonly kind: "return"; readonly values: readonly Expression[]; readonly line: number }
  | { readonly kind: "break"; readonly line: number }
  | { readonly kind: "goto"; readonly label: string; readonly line: number };
