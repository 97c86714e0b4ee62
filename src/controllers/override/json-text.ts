// Changes inside a JSON document that is a text. Its indentation and final line break are kept.
import { encodeJsonText, parseJson } from "#machinery/json.ts";
import { isApiError } from "#machinery/api-error.ts";
import { applyEach, OverrideFailure } from "./override-failure.ts";
import { type PatchOperation, patchValue } from "./patch-value.ts";

/** The text after all operations. Throws OverrideFailure. */
export function patchJsonText(text: string, operations: readonly PatchOperation[]): string {
  const patched = applyEach(parse(text), operations, patchValue);
  const compact = encodeJsonText(patched);
  const indent = /^[[{]\r?\n([ \t]+)/.exec(text.trimStart())?.[1];
  const body = indent === undefined ? compact : indented(compact, indent);
  return text.endsWith("\n") ? `${body}\n` : body;
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    if (!isApiError(cause)) throw cause;
    throw new OverrideFailure(`the field is not JSON: ${cause.message}`, { cause });
  }
}

/** Lays out compact JSON. Works on the text, because numbers too big for JavaScript must come through unharmed. */
function indented(compact: string, indent: string): string {
  let depth = 0;
  const newLine = (): string => `\n${indent.repeat(depth)}`;
  return compact.replaceAll(/"(?:[^"\\]|\\.)*"|\[\]|\{\}|[[\]{},:]/g, (token) => {
    switch (token) {
      case "{":
      case "[":
        depth++;
        return token + newLine();
      case "}":
      case "]":
        depth--;
        return newLine() + token;
      case ",":
        return token + newLine();
      case ":":
        return ": ";
      default:
        return token;
    }
  });
}
