// The pods of a SparkApplication: its driver and its executors.
// Upstream: karmada pkg/resourceinterpreter/default/thirdparty (SparkApplication, componentResource).
import type { Component, ReplicaRequirements } from "#api/work/binding.ts";
import { fieldOf, isRecord, isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import { requirementsOf } from "../answers.ts";
import { nodeClaimOf, unlessEmpty } from "./components.ts";
import { numberAt, textAt } from "./reading.ts";

const overheadMinimumBytes = 384 * 2 ** 20;
/** Java and Scala need less beside their heap than others. */
const overheadFactors = { jvm: 0.1, other: 0.4 };

export function sparkComponents(object: KubeObject): readonly Component[] {
  return [
    { name: "driver", replicas: 1, ...defined({ replicaRequirements: demandOf(object, "driver") }) },
    {
      name: "executor",
      replicas: executorsOf(object),
      ...defined({ replicaRequirements: demandOf(object, "executor") }),
    },
  ];
}

/** With dynamic allocation, as many as it begins with. */
function executorsOf(object: KubeObject): number {
  const allocation = fieldOf(object, "spec", "dynamicAllocation");
  const instances = numberAt(object, "spec", "executor", "instances") ?? 1;
  if (fieldOf(allocation, "enabled") !== true) return instances;
  const [initial, least] = [numberAt(allocation, "initialExecutors") ?? 1, numberAt(allocation, "minExecutors") ?? 1];
  return Math.max(instances, initial, least);
}

function demandOf(object: KubeObject, role: "driver" | "executor"): ReplicaRequirements | undefined {
  const spec = fieldOf(object, "spec", role);
  const affinity = fieldOf(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  const gpu = textAt(spec, "gpu", "name");
  return requirementsOf({
    nodeClaim: unlessEmpty(
      defined({ hardNodeAffinity: isRecord(affinity) ? affinity : undefined, ...nodeClaimOf(spec) }),
    ),
    resourceRequest: {
      cpu: String(numberAt(spec, "cores") ?? 1),
      memory: memoryOf(object, spec),
      ...(gpu === undefined ? {} : { [gpu]: String(numberAt(spec, "gpu", "quantity") ?? 0) }),
    },
    priorityClassName: textAt(spec, "priorityClassName"),
  });
}

const units = ["", "k", "m", "g", "t", "p"];
const mebi = 2;

/** The heap and what is needed beside it, in the smaller unit of both, as a quantity. */
function memoryOf(object: KubeObject, spec: unknown): string {
  const heap = parseMemory(textAt(spec, "memory") ?? "") ?? heapDefault;
  const overhead = parseMemory(textAt(spec, "memoryOverhead") ?? "");
  if (overhead !== undefined) {
    const unit = Math.min(heap.unit, overhead.unit);
    return quantityOf(bytesOf(heap) + bytesOf(overhead), unit);
  }
  const extra = Math.max(bytesOf(heap) * factorOf(object), overheadMinimumBytes);
  return quantityOf(bytesOf(heap) + extra, Math.min(heap.unit, mebi));
}

interface Memory {
  readonly amount: number;
  /** Powers of 1024. */
  readonly unit: number;
}

/** 1g. */
const heapDefault: Memory = { amount: 1, unit: units.indexOf("g") };

/** Memory as the JVM writes it: `512m`, `1g`, `2gb`; also `1Gi`. */
function parseMemory(text: string): Memory | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:b|i|ib)?$/i.exec(text.trim());
  if (found === null) return undefined;
  return { amount: Number(found[1]), unit: units.indexOf((found[2] ?? "").toLowerCase()) };
}

function bytesOf({ amount, unit }: Memory): number {
  return amount * 1024 ** unit;
}

function quantityOf(bytes: number, unit: number): string {
  const suffix = unit === 0 ? "" : `${(units[unit] ?? "").toUpperCase()}i`;
  return `${(bytes / 1024 ** unit).toFixed(6)}${suffix}`;
}

function factorOf(object: KubeObject): number {
  const factor = fieldOf(object, "spec", "memoryOverheadFactor");
  const given = isString(factor) || typeof factor === "number" ? Number(factor) : Number.NaN;
  if (given > 0) return given;
  const type = (textAt(object, "spec", "type") ?? "").toLowerCase();
  return type === "java" || type === "scala" ? overheadFactors.jvm : overheadFactors.other;
}
