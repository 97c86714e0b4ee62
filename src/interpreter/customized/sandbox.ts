// What a script of a ResourceInterpreterCustomization can reach: the libraries that Karmada opens, and nothing of the machine.
// Upstream: karmada pkg/resourceinterpreter/customized/declarative/luavm/lua.go, lualifted/safe_string.go.
import { LuaTable } from "#machinery/lua/table.ts";
import { libraryTable, native } from "#machinery/lua/library/arguments.ts";
import { openLibraries } from "#machinery/lua/library/libraries.ts";
import { stringFunctions } from "#machinery/lua/library/string.ts";
import { LuaFunction, type LuaValue } from "#machinery/lua/values.ts";
import { kubeLibrary } from "./kube.ts";

const inputBytesMax = 1_000_000;

/** Functions of Lua that Karmada takes away. */
const refused = [
  ...["collectgarbage", "dofile", "getfenv", "getmetatable", "load", "loadfile", "loadstring", "module", "newproxy"],
  ...["rawequal", "rawget", "rawset", "setfenv", "setmetatable"],
].map((name) =>
  native(name, ({ machine }) =>
    machine.fail(`call function ${name} is not supported in karmada customized resourceinterpreter.`),
  ),
);

const strings = [
  ...stringFunctions.map(limited),
  ...["dump", "gsub", "rep"].map((name) =>
    native(name, ({ machine }) =>
      machine.fail(
        `The Lua function string.${name} is not supported by Karmada. If you believe this function is essential for your ` +
          "use case, please submit an issue to let us know why you need it.",
      ),
    ),
  ),
];

/** The function, for texts that are not too long. */
function limited({ name, call }: LuaFunction): LuaFunction {
  return new LuaFunction(name, (machine, values) => {
    const long = values.find((value) => typeof value === "string" && value.length > inputBytesMax);
    if (typeof long === "string") {
      machine.fail(
        `string length ${long.length} exceeds the maximum allowed input string length ${inputBytesMax} in Karmada lua ` +
          "string lib, please check your lua script.",
      );
    }
    return call(machine, values);
  });
}

export interface Sandbox {
  readonly strings: LuaTable;
  readonly globals: readonly (readonly [name: string, value: LuaValue])[];
}

/** A new sandbox for each run: what a script changes in a library is gone with it. */
export function createSandbox(): Sandbox {
  const libraries = openLibraries(strings);
  const loaded = new LuaTable();
  for (const [name, library] of libraries.globals) loaded.set(name, library);
  const preload = new LuaTable();
  preload.set(
    "kube",
    native("kube", () => [kubeLibrary()]),
  );
  const packages = libraryTable([loadlib], { loaded, preload });
  return {
    strings: libraries.strings,
    globals: [
      ...libraries.globals,
      ["package", packages],
      ["require", requireOf(loaded, preload)],
      ...refused.map((each): [string, LuaValue] => [each.name, each]),
    ],
  };
}

const loadlib = native("loadlib", ({ machine }) => machine.fail("loadlib is not supported"));

/** Finds what is loaded or can be; never a file. */
function requireOf(loaded: LuaTable, preload: LuaTable): LuaFunction {
  return native("require", (args) => {
    const name = args.string(1);
    const known = loaded.get(name);
    if (known !== undefined) return [known];
    const loader = preload.get(name);
    if (!(loader instanceof LuaFunction)) {
      return args.machine.fail(`module '${name}' not found:\n\tno field package.preload['${name}']`);
    }
    const [found = true] = args.machine.call(loader, [name]);
    loaded.set(name, found);
    return [found];
  });
}
