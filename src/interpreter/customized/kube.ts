// The library `kube`, which scripts get by `require("kube")`.
// Upstream: karmada pkg/resourceinterpreter/customized/declarative/luavm/kube.go.
import type { PodSpec } from "#api/generated/types.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { type Arguments, libraryTable, native } from "#machinery/lua/library/arguments.ts";
import { luaOf, type LuaTable } from "#machinery/lua/table.ts";
import { bytesOf, type LuaValues, textOf } from "#machinery/lua/values.ts";
import { addQuantities, formatQuantity, parseQuantity, type Quantity, zeroQuantity } from "#machinery/quantity.ts";
import { podDependencies } from "../native/pod-dependencies.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { toJson } from "./to-json.ts";

const nanosPerUnit = 1e9;

/** A new table each time: a script may change what it gets. */
export function kubeLibrary(): LuaTable {
  return libraryTable(functions);
}

const functions = [
  native("resourceAdd", (args) => {
    const amounts = args.values.map((_, index) => quantityAt(args, index + 1));
    return [bytesOf(formatQuantity(amounts.reduce(addQuantities, zeroQuantity)))];
  }),
  native("accuratePodRequirements", (args) => {
    takes(args, 1, "getPodRequirements only accepts one argument");
    return given(podRequirements(podSpecOf(args)));
  }),
  native("getPodDependencies", (args) => {
    takes(args, 2, "getPodDependencies only accepts two argument");
    const namespace = args.at(2) === undefined ? "default" : textOf(args.string(2));
    const found = podDependencies(podSpecOf(args), namespace);
    return found.length === 0 ? [undefined] : given(found);
  }),
  native("getResourceQuantity", (args) => {
    takes(args, 1, "getResourceQuantity only accepts one argument");
    const value = Number(quantityAt(args, 1).nanos) / nanosPerUnit;
    if (value < 0 || !Number.isFinite(value)) args.fail(1, "the quantity is negative or too large");
    return [value];
  }),
];

function takes(args: Arguments, count: number, complaint: string): void {
  if (args.values.length !== count) args.machine.fail(complaint);
}

function given(value: object | undefined): LuaValues {
  return [luaOf(value)];
}

/** nil counts as none. */
function quantityAt(args: Arguments, position: number): Quantity {
  if (args.at(position) === undefined) return zeroQuantity;
  const text = textOf(args.string(position));
  try {
    return parseQuantity(text);
  } catch {
    return args.fail(position, `'${bytesOf(text)}' is no quantity`);
  }
}

function podSpecOf(args: Arguments): PodSpec | undefined {
  const spec = fieldOf(toJson(args.machine, args.table(1), []), "spec");
  if (!isRecord(spec)) return undefined;
  const pod = { containers: [], ...spec };
  return isPodSpec(pod) ? pod : args.fail(1, "the containers of the pod template are no list of objects");
}

/** The rest is read with doubt where it is read. */
function isPodSpec(value: { readonly containers: unknown }): value is PodSpec {
  return isArray(value.containers) && value.containers.every(isRecord);
}
