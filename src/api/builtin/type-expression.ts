// Reads the type expressions of the generated tables: `int32`, `#core/v1.PodSpec`, `list<#core/v1.Container>`,
// `map<string,Quantity>`, each with an optional name (`string@core/v1.Protocol`).
import { invariant } from "#std/invariant.ts";

/** A type of a field. `named`: the id of the named type it stands for. */
export type TypeExpression =
  | { readonly kind: "scalar"; readonly scalar: string; readonly named: string | undefined }
  | { readonly kind: "struct"; readonly id: string }
  | { readonly kind: "list"; readonly item: TypeExpression; readonly named: string | undefined }
  | {
      readonly kind: "map";
      readonly key: TypeExpression;
      readonly value: TypeExpression;
      readonly named: string | undefined;
    };

/** The parsed form of `text`. Fails on a text that is no type expression: the tables are ours. */
export function parseTypeExpression(text: string): TypeExpression {
  const { type, rest } = readType(text);
  invariant(rest === "", `type expression ${text}: ${rest} is left over`);
  return type;
}

interface Read {
  readonly type: TypeExpression;
  readonly rest: string;
}

function readType(text: string): Read {
  if (text.startsWith("list<")) {
    const item = readType(text.slice("list<".length));
    const { named, rest } = readName(expect(item.rest, ">"));
    return { type: { kind: "list", item: item.type, named }, rest };
  }
  if (text.startsWith("map<")) {
    const key = readType(text.slice("map<".length));
    const value = readType(expect(key.rest, ","));
    const { named, rest } = readName(expect(value.rest, ">"));
    return { type: { kind: "map", key: key.type, value: value.type, named }, rest };
  }
  const word = /^#?[\w./]+/.exec(text)?.[0];
  invariant(word !== undefined, `type expression ${text}: a type is missing`);
  if (word.startsWith("#")) return { type: { kind: "struct", id: word.slice(1) }, rest: text.slice(word.length) };
  const { named, rest } = readName(text.slice(word.length));
  return { type: { kind: "scalar", scalar: word, named }, rest };
}

function readName(text: string): { readonly named: string | undefined; readonly rest: string } {
  if (!text.startsWith("@")) return { named: undefined, rest: text };
  const name = /^@([\w./]+)/.exec(text)?.[1];
  invariant(name !== undefined, `type expression ${text}: a name is missing`);
  return { named: name, rest: text.slice(name.length + 1) };
}

function expect(text: string, token: string): string {
  invariant(text.startsWith(token), `type expression ${text}: ${token} is missing`);
  return text.slice(token.length);
}
