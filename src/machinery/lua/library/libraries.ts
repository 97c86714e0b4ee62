// The libraries that there are beside the basic functions.
import type { LuaTable } from "../table.ts";
import type { LuaFunction } from "../values.ts";
import { libraryTable } from "./arguments.ts";
import { mathConstants, mathFunctions } from "./math.ts";
import { osFunctions } from "./os.ts";
import { stringFunctions } from "./string.ts";
import { tableFunctions } from "./table.ts";

export interface Libraries {
  /** The library `string`, whose functions strings have as methods. */
  readonly strings: LuaTable;
  /** All of them, by name. */
  readonly globals: readonly (readonly [name: string, library: LuaTable])[];
}

/** New tables each time, since scripts may change them. `functions`: those of `string`, where others take their place. */
export function openLibraries(functions: readonly LuaFunction[] = stringFunctions): Libraries {
  const strings = libraryTable(functions);
  return {
    strings,
    globals: [
      ["string", strings],
      ["table", libraryTable(tableFunctions)],
      ["math", libraryTable(mathFunctions, mathConstants)],
      ["os", libraryTable(osFunctions)],
    ],
  };
}
