// What happens to a simulated world, as data: what the user does and what befalls it, each at its time. A part of a plan is
// a plan, so that one that fails can be made smaller; and it is JSON, so that it can be kept and run again.
import { fieldOf, isArray, isRecord, isString, isStringArray } from "#machinery/guards.ts";

export const operationKinds = [
  "createTemplate",
  "editTemplate",
  "scaleTemplate",
  "relabelTemplate",
  "deleteTemplate",
  "readTemplate",
  "createPolicy",
  "editPlacement",
  "suspendPolicy",
  "deletePolicy",
  "createOverride",
  "editOverride",
  "deleteOverride",
  "taintCluster",
  "untaintCluster",
  "cordonCluster",
  "uncordonCluster",
  "unjoinCluster",
  "joinCluster",
  "createInMember",
  "editInMember",
  "deleteInMember",
  "breakInMember",
  "deleteWork",
  "deleteBinding",
  "setFailover",
  "setCapacity",
  "labelCluster",
  "rebalance",
  "mountConfig",
  "createCustomization",
  "editCustomization",
  "deleteCustomization",
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** Kinds of faults, for `--faults`. */
export const faultKinds = [
  "slow",
  "lossy",
  "partitioned",
  "half-open",
  "cut-watches",
  "disk-full",
  "server-crash",
  "component-crash",
  "component-pause",
  "clock-jump",
  "compaction",
  "restore-backup",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One thing that happens. Which fields it has depends on its kind. */
export interface Step {
  /** Milliseconds after the world has begun. */
  readonly at: number;
  readonly kind: OperationKind | FaultKind;
  /** What it happens to: a template's name (its policies and objects have it, too), a cluster, a component. */
  readonly on: string;
  /** Unique in the plan: what is written. */
  readonly value?: string;
  /** What a template asks for, or how many pods a cluster has room for. */
  readonly replicas?: number;
  readonly clusters?: readonly string[];
  /** What else is special about it, such as `preserve` of a policy. */
  readonly words?: readonly string[];
  /** For how long a fault lasts or what is done is kept, or by how much a clock jumps, in milliseconds. */
  readonly milliseconds?: number;
}

export interface Plan {
  readonly seed: number;
  /** Whether the gate Failover is on from the beginning. */
  readonly failover: boolean;
  /** By process: how far its clock is wrong, in milliseconds. */
  readonly skews: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
}

/** The plan in a JSON text. Throws an Error that says what is wrong with it. */
export function parsePlan(text: string): Plan {
  const plan: unknown = JSON.parse(text);
  const [seed, failover, skews, steps] = ["seed", "failover", "skews", "steps"].map((name) => fieldOf(plan, name));
  if (typeof seed !== "number" || typeof failover !== "boolean" || !isRecord(skews) || !isArray(steps))
    throw new Error("a plan is an object with seed, failover, skews and steps");
  const numbers = Object.entries(skews).flatMap(([name, skew]): [string, number][] =>
    typeof skew === "number" ? [[name, skew]] : [],
  );
  return { seed, failover, skews: Object.fromEntries(numbers), steps: steps.map(parseStep) };
}

function parseStep(value: unknown, index: number): Step {
  if (isStep(value)) return value;
  throw new Error(`steps[${index}] ${JSON.stringify(value)}: expected at, kind and on, with a kind that there is`);
}

const kinds: ReadonlySet<unknown> = new Set([...operationKinds, ...faultKinds]);

function isStep(value: unknown): value is Step {
  if (!isRecord(value)) return false;
  const is = (name: string, test: (field: unknown) => boolean): boolean =>
    value[name] === undefined || test(value[name]);
  const isNumber = (field: unknown): boolean => typeof field === "number";
  return (
    isNumber(value["at"]) &&
    kinds.has(value["kind"]) &&
    isString(value["on"]) &&
    is("value", isString) &&
    ["replicas", "milliseconds"].every((name) => is(name, isNumber)) &&
    ["clusters", "words"].every((name) => is(name, isStringArray))
  );
}

const faults: ReadonlySet<string> = new Set(faultKinds);

export function isFault(step: Step): step is Step & { readonly kind: FaultKind } {
  return faults.has(step.kind);
}

export function isOperation(step: Step): step is Step & { readonly kind: OperationKind } {
  return !faults.has(step.kind);
}
