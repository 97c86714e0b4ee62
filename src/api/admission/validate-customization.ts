// What is wrong with a ResourceInterpreterCustomization: a script that cannot be read, or another customization that has one
// for the same operation and kind. Upstream: karmada pkg/webhook/resourceinterpretercustomization/validating.go, helper.go.
import { errorText } from "#machinery/api-error.ts";
import { compileLua } from "#machinery/lua/run.ts";
import { textOf } from "#machinery/lua/values.ts";
import { interpreterScripts } from "../config/interpreter-scripts.ts";
import type { ResourceInterpreterCustomization } from "../config/resource-interpreter-customization.ts";

/** The refusal, as users read it. `others` may have the customization itself among them, as it was. */
export function customizationRefusal(
  customization: ResourceInterpreterCustomization,
  others: readonly ResourceInterpreterCustomization[],
): string | undefined {
  for (const { name, field } of interpreterScripts) {
    const script = scriptAt(customization, field);
    if (script === "") continue;
    const problem = scriptProblem(script);
    if (problem !== undefined) return `InterpreterOperation(${name}) Lua script error: ${problem}`;
    if (name === "InterpretDependency") continue; // the dependencies of all are united
    const other = others.find((each) => isRival(customization, each) && scriptAt(each, field) !== "");
    if (other === undefined) continue;
    const existing = `existing ResourceInterpreterCustomization(${other.metadata.name})`;
    return `conflicting with InterpreterOperation(${name}) of ${existing}`;
  }
  return undefined;
}

/** Why a script cannot be read: `line 3: unexpected symbol near 'x'`. */
export function scriptProblem(script: string): string | undefined {
  try {
    compileLua(chunk, script);
    return undefined;
  } catch (error) {
    const text = error instanceof RangeError ? "the script is nested too deeply" : textOf(errorText(error));
    return text.replace(new RegExp(`^${chunk}:(\\d+): `), "line $1: ");
  }
}

const chunk = "script";

function scriptAt(
  { spec }: ResourceInterpreterCustomization,
  field: (typeof interpreterScripts)[number]["field"],
): string {
  return spec.customizations[field]?.luaScript ?? "";
}

function isRival(one: ResourceInterpreterCustomization, other: ResourceInterpreterCustomization): boolean {
  const [own, target] = [one.spec.target, other.spec.target];
  return one.metadata.name !== other.metadata.name && own.apiVersion === target.apiVersion && own.kind === target.kind;
}
