// What went wrong with a script, as users are told: which customization, which operation, which line.
import { LuaLimitError } from "#machinery/lua/machine.ts";
import { textOf } from "#machinery/lua/values.ts";
import { errorText } from "#machinery/api-error.ts";

export interface ScriptOrigin {
  /** Of the ResourceInterpreterCustomization. */
  readonly customization: string;
  /** As users know it: `InterpretHealth`. */
  readonly operation: string;
}

/** The script could not be read, raised an error, used up its limits, or gave something else than was asked for. */
export class ScriptError extends Error {
  constructor({ customization, operation }: ScriptOrigin, text: string) {
    super(`ResourceInterpreterCustomization(${customization}) ${operation} script: ${text}`);
  }
}

/** What an error of the engine says, with `line N: ` in front where it knows. */
export function scriptErrorText(error: unknown, chunk: string): string {
  if (error instanceof LuaLimitError) return `${placeOf(error.line)}${error.message}`;
  const text = error instanceof RangeError ? "stack overflow" : textOf(errorText(error));
  return withLine(text, chunk);
}

function withLine(text: string, chunk: string): string {
  if (!text.startsWith(`${chunk}:`)) return text;
  const rest = /^(\d+): ([^]*)$/.exec(text.slice(chunk.length + 1));
  return rest === null ? text : `${placeOf(Number(rest[1]))}${rest[2] ?? ""}`;
}

function placeOf(line: number): string {
  return line > 0 ? `line ${line}: ` : "";
}
